use parallelize::parallelize;
use std::pin::Pin;

struct Model(f64);

impl Model {
    #[parallelize(over = x)]
    fn add(mut self: Pin<&mut Self>, x: f64) {
        self.0 += x;
    }
}

fn main() {}
