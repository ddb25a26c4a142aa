use parallelize::parallelize;
#[parallelize(over = x)]
fn simulate(x: f64, steps: u32, table: &[f64]) -> f64 {
    x + steps as f64 + table[0]
}
fn main() {
    println!("{:?}", simulate_parallel([1.0, 2.0], 2, &[3.0]));
}
