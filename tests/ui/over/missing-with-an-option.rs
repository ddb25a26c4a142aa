use parallelize::parallelize;

#[parallelize(name = all)]
fn simulate(x: f64, (low, high): (f64, f64)) -> f64 {
    x + low + high
}

fn main() {}
