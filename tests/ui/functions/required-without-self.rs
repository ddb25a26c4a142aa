use parallelize::parallelize;

trait Model {
    #[parallelize(over = x)]
    fn eval(x: f64, by: f64) -> f64;
}

fn main() {}
