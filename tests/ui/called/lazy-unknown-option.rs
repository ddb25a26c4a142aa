use parallelize::parallelize;

#[parallelize(over = x, chunks = 8)]
fn simulate(x: f64, steps: u32, table: &[f64]) -> f64 {
    x + f64::from(steps) + table[0]
}

fn main() {
    let results: Vec<f64> = simulate_parallel_iter([1.0, 2.0], 3, &[4.0]).threads(2).collect();
    for result in simulate_parallel_iter(results, 3, &[4.0]) {
        println!("{}", result.sqrt());
    }
}
