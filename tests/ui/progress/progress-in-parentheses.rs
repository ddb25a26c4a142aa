use parallelize::parallelize;

#[parallelize(over = x, progress("simulating"))]
fn simulate(x: f64, steps: u32) -> f64 {
    x * f64::from(steps)
}

fn main() {
    simulate_parallel([1.0], 2);
    simulate_parallel_iter([1.0], 2).collect::<Vec<_>>();
}
