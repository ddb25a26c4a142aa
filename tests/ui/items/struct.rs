use parallelize::parallelize;

#[parallelize(over = x)]
pub struct Model {
    x: f64,
}

fn main() {}
