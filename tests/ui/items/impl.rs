use parallelize::parallelize;

struct Model;

#[parallelize(over = x)]
impl Model {
    fn eval(&self, x: f64) -> f64 {
        x
    }
}

fn main() {}
