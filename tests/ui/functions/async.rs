use parallelize::parallelize;

#[parallelize(over = x)]
async fn fetch(x: f64, steps: u32) -> f64 {
    x + f64::from(steps)
}

fn main() {}
