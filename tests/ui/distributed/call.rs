use parallelize::parallelize;

struct Model;

impl Model {
    #[parallelize(over = x, call = Self::scale, distributed)]
    fn scale(x: f64, y: f64) -> f64 {
        x * y
    }
}

fn main() {
    Model::scale_parallel([1.0], 2.0);
}
