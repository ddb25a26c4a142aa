use parallelize::parallelize;

#[parallelize(over = x, threads = 0)]
fn simulate(x: f64, steps: u32) -> f64 {
    x + f64::from(steps)
}

fn main() {}
