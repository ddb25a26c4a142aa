#![deny(dead_code)]

use parallelize::parallelize;

struct Model(f64);

impl Model {
    #[parallelize(over = x)]
    fn eval(&self, x: f64) -> f64 {
        self.0 * x
    }

    #[parallelize(over = x, per_thread(buffer = Vec::new()), threads = 2)]
    fn unused(&self, x: f64, buffer: &mut Vec<f64>) -> f64 {
        buffer.push(x);
        self.0
    }

    fn slope(&self) -> f64 {
        self.0
    }
}

fn main() {
    println!("{:?}", Model(1.0).eval_parallel([1.0]));
}
