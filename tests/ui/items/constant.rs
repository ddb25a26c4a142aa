use parallelize::parallelize;

#[parallelize]
const F: fn(f64) -> f64 = f64::sin;

fn main() {}
