use parallelize::parallelize;

#[parallelize(per_thread(buffer = Vec::new()), per_item(x = |i| i as f64))]
fn write(x: f64, buffer: &mut Vec<f64>) {
    buffer.push(x);
}

fn main() {
    write_parallel();
    for _ in write_parallel_iter() {}
}
