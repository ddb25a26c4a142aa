use parallelize::parallelize;

struct Model;

impl Model {
    #[parallelize(over = zip(self, x))]
    fn add(&self, x: f64, y: f64) -> f64 {
        x + y
    }
}


fn main() {}
