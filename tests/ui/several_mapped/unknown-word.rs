use parallelize::parallelize;

#[parallelize(over = chain(x, y))]
fn add(x: f64, y: f64, by: f64) -> f64 {
    (x + y) * by
}

fn main() {
    let sums: Vec<f64> = add_parallel([1.0], [2.0], 3.0);
    assert_eq!(add_parallel_iter([1.0], [2.0], 3.0).collect::<Vec<f64>>(), sums);
}
