use parallelize::parallelize;

#[parallelize(over = x, threads = workers, name = scale_all)]
fn scale(x: f64, workers: usize) -> f64 {
    x * workers as f64
}

fn main() {}
