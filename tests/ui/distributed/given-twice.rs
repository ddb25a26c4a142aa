use parallelize::parallelize;

#[parallelize(over = x, distributed, distributed)]
fn scale(x: f64, factor: f64) -> f64 {
    x * factor
}

fn main() {
    scale_parallel([1.0], 2.0);
}
