use parallelize::parallelize;

struct Model;

impl Model {
    #[parallelize]
    fn add(#[over] &self, x: f64, y: f64) -> f64 {
        x + y
    }
}


fn main() {
    let _: Vec<f64> = Model.add_parallel([1.0], 2.0);
}
