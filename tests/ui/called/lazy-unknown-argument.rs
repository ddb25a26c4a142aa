use parallelize::parallelize;

struct Model(f64);

impl Model {
    #[parallelize(over = z)]
    fn name(&self, x: f64) -> &str {
        if x > self.0 { "above" } else { "below" }
    }
}

fn main() {
    let model = Model(1.0);
    for name in model.name_parallel_iter(vec![1.0]).catch_panics() {
        println!("{}", name.unwrap().len());
    }
    let names: Vec<&str> = model.name_parallel_iter(vec![1.0]).collect();
    println!("{names:?}");
}
