use parallelize::parallelize;

#[parallelize(over = x, distributed)]
fn sum<const N: usize>(x: [f64; N], y: f64) -> f64 {
    x.iter().sum::<f64>() + y
}

fn main() {
    sum_parallel([[1.0, 2.0]], 2.0);
}
