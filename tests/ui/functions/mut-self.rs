use parallelize::parallelize;

struct Model(f64);

impl Model {
    #[parallelize(over = x)]
    fn add(&mut self, x: f64) {
        self.0 += x;
    }
}

fn main() {}
