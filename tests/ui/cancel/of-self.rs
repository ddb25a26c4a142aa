use parallelize::parallelize;

struct Line(f64);

impl Line {
    #[parallelize(over = x, cancel = self)]
    fn at(&self, x: f64) -> f64 {
        self.0 * x
    }
}

fn main() {
    let _: Vec<f64> = Line(2.0).at_parallel([1.0]);
}
