use parallelize::parallelize;

#[parallelize(over = x)]
fn simulate(x: f64, #[cfg_attr(all(), cfg(any()))] steps: u32) -> f64 {
    x
}

fn main() {}
