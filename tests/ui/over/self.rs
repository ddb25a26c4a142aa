use parallelize::parallelize;

struct Model;

impl Model {
    #[parallelize(over = self)]
    fn eval(&self, x: f64, y: f64) -> f64 {
        x + y
    }
}

fn main() {}
