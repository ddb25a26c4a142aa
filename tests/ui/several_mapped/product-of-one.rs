use parallelize::parallelize;

#[parallelize(over = product(x))]
fn add(x: f64, y: f64, by: f64) -> f64 {
    (x + y) * by
}

fn main() {
    let _: Vec<f64> = add_parallel([1.0], 2.0, 3.0);
    let _: Vec<f64> = add_parallel_iter([1.0], 2.0, 3.0).collect();
}
