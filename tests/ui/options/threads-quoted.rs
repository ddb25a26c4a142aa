use parallelize::parallelize;

#[parallelize(over = x, threads = "4")]
fn simulate(x: f64, steps: u32) -> f64 {
    x + f64::from(steps)
}

fn main() {}
