#![deny(dead_code)]

use parallelize::parallelize;

trait Model: Sync {
    #[parallelize(over = x)]
    fn eval(&self, x: f64) -> f64;

    fn slope(&self) -> f64;
}

struct Line;

impl Model for Line {
    fn eval(&self, x: f64) -> f64 {
        x
    }

    fn slope(&self) -> f64 {
        1.0
    }
}

fn main() {
    println!("{:?}", Line.eval_parallel_iter([1.0]).collect::<Vec<_>>());
}
