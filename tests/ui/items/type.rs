use parallelize::parallelize;

#[parallelize]
type Function = fn(f64) -> f64;

fn main() {}
