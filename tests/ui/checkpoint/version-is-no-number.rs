use parallelize::parallelize;

#[parallelize(over = x, checkpoint(version = "two"))]
fn scale(x: f64, by: f64) -> f64 {
    x * by
}

fn main() {
    scale_parallel([1.0], 2.0);
}
