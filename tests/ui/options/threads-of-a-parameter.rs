use parallelize::parallelize;

#[parallelize(over = x, threads = workers.min(4))]
fn scale(x: f64, workers: usize) -> f64 {
    x * workers as f64
}

fn main() {}
