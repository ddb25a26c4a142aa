use parallelize::parallelize;

#[parallelize(over = x, checkpoint, checkpoint(version = 2))]
fn scale(x: f64, by: f64) -> f64 {
    x * by
}

fn main() {
    scale_parallel([1.0], 2.0);
}
