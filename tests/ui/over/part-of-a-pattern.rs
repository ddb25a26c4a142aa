use parallelize::parallelize;

#[parallelize(over = low)]
fn simulate(x: f64, (low, high): (f64, f64)) -> f64 {
    x + low + high
}

fn main() {}
