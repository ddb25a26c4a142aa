use parallelize::parallelize;

#[parallelize(over = setps)]
fn simulate(x: f64, steps: u32) -> f64 {
    x + f64::from(steps)
}

fn main() {}
