use parallelize::parallelize;

struct Model;

impl Model {
    #[parallelize(over = x, call = 3)]
    fn eval(x: f64, y: f64) -> f64 {
        x + y
    }
}

fn main() {}
