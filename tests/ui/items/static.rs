use parallelize::parallelize;

#[parallelize]
static F: fn(f64) -> f64 = f64::sin;

fn main() {}
