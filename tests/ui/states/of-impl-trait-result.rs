use parallelize::parallelize;

#[parallelize(over = x, per_thread(bufer = Vec::new()))]
fn write(x: f64, buffer: &mut Vec<f64>) -> impl Iterator<Item = f64> + use<> {
    buffer.push(x);
    Some(x).into_iter()
}

fn main() {
    for one in write_parallel([1.0]) {
        for _ in one {}
    }
}
