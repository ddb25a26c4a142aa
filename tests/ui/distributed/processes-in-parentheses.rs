use parallelize::parallelize;

#[parallelize(over = x, distributed(processes = 4))]
fn shift(x: f64, offset: f64) -> f64 {
    x + offset
}

fn main() {
    shift_parallel([1.0], 2.0);
}
