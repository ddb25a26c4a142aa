use parallelize::parallelize;

#[parallelize(over = x, local, in_flight = 16)]
fn scale(x: f64, by: f64) -> f64 {
    x * by
}

fn main() {}
