use parallelize::parallelize;

#[parallelize]
fn add(#[over = x] x: f64, y: f64, by: f64) -> f64 {
    (x + y) * by
}

fn main() {}
