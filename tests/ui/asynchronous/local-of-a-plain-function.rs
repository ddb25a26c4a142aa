use parallelize::parallelize;

#[parallelize(over = x, local)]
fn scale(x: f64, by: f64) -> f64 {
    x * by
}

fn main() {
    println!("{}", scale_parallel([1.0], 2.0)[0].sin());
}
