use parallelize::parallelize;

struct Linear(f64);

trait Model {
    fn eval(&self, x: f64) -> f64;
}

#[parallelize]
impl Model for Linear {
    fn eval(&self, x: f64) -> f64 {
        self.0 * x
    }
}

fn main() {}
