use parallelize::parallelize;

#[parallelize]
fn area((width, height): (f64, f64), scale: f64) -> f64 {
    width * height * scale
}

fn main() {}
