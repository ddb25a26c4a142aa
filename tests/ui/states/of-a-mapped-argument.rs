use parallelize::parallelize;

#[parallelize(over = x, per_thread(buffer = Vec::new(), x = 0.0))]
fn write(x: &mut f64, buffer: &mut Vec<f64>, by: f64) -> usize {
    buffer.push(*x * by);
    buffer.len()
}

fn main() {
    let _: Vec<usize> = write_parallel(&mut [1.0], 2.0);
}
