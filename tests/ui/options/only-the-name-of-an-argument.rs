use parallelize::parallelize;

#[parallelize(x)]
fn simulate(x: f64) -> f64 {
    x
}

fn main() {}
