use parallelize::parallelize;

#[parallelize(over = x, per_thread(cache = Vec::new()))]
fn write(x: f64, by: f64) -> f64 {
    x * by
}

fn main() {
    let _: Vec<f64> = write_parallel([1.0], 2.0);
    for _ in write_parallel_iter([1.0], 2.0) {}
}
