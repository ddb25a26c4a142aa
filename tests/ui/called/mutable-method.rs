use parallelize::parallelize;

struct Model(f64);

impl Model {
    #[parallelize(over = x, name = add_all)]
    fn add(&mut self, x: f64) {
        self.0 += x;
    }
}

fn main() {
    let mut model = Model(1.0);
    model.add_all([1.0]);
}
