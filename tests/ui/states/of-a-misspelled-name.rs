use parallelize::parallelize;

#[parallelize(over = x, per_thread(bufer = Vec::new()))]
fn write(x: f64, buffer: &mut Vec<f64>, by: f64) -> usize {
    buffer.push(x * by);
    buffer.len()
}

fn main() {
    let _: Vec<usize> = write_parallel([1.0], 2.0);
    for _ in write_parallel_iter([1.0], 2.0) {}
}
