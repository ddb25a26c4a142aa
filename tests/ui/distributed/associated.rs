use parallelize::parallelize;

struct Model(f64);

impl Model {
    #[parallelize(over = x, distributed)]
    fn eval(&self, x: f64) -> f64 {
        self.0 * x
    }
}

fn main() {
    Model(2.0).eval_parallel([1.0]);
}
