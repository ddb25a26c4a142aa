use parallelize::parallelize;

#[parallelize(over = x, in_flight = 16)]
fn scale(x: f64, by: f64) -> f64 {
    x * by
}

fn main() {
    println!("{}", scale_parallel([1.0], 2.0)[0].sin());
}
