use parallelize::parallelize;

struct Model(f64);

impl Model {
    #[parallelize(over = z)]
    fn name(&self, x: f64) -> &str {
        if x > self.0 { "above" } else { "below" }
    }
}

fn main() {
    let names: Vec<&str> = Model(1.0).name_parallel(vec![1.0]);
    println!("{names:?}");
}
