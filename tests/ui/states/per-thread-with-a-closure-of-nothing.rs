use parallelize::parallelize;

#[parallelize(over = x, per_thread(buffer = || Vec::new()))]
fn count(x: f64, buffer: &mut Vec<f64>) -> usize {
    buffer.push(x);
    buffer.len()
}

fn main() {
    count_parallel([1.0]);
}
