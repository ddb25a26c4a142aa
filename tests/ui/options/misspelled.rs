use parallelize::parallelize;

#[parallelize(ovre = x)]
fn simulate(x: f64, steps: u32) -> f64 {
    x + f64::from(steps)
}

fn main() {}
