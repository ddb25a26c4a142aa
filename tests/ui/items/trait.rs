use parallelize::parallelize;

#[parallelize(over = x)]
trait Model {
    fn eval(&self, x: f64) -> f64;
}

fn main() {}
