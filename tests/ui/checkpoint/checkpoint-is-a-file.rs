use parallelize::parallelize;

#[parallelize(checkpoint = "sweep.redb")]
fn square(x: f64) -> f64 {
    x * x
}

fn main() {
    square_parallel([1.0]);
}
