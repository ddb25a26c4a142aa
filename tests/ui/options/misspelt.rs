use parallelize::parallelize;

#[parallelize(ovre = x)]
fn simulate(x: f64) -> f64 {
    x
}

fn main() {}
