use parallelize::parallelize;

#[parallelize(checkpoint(file = "sweep.redb"), over = x)]
fn scale(x: f64, by: f64) -> f64 {
    x * by
}

fn main() {
    scale_parallel([1.0], 2.0);
}
