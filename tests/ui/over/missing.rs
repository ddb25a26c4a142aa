use parallelize::parallelize;

#[parallelize]
fn simulate(x: f64, steps: u32, table: &[f64]) -> f64 {
    x + f64::from(steps) + table[0]
}

fn main() {}
