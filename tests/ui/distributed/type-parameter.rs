use parallelize::parallelize;

#[parallelize(over = x, distributed)]
fn scale<'a, T: Clone + Into<f64>>(x: &'a [f64], y: T) -> f64 {
    x[0] * y.into()
}

fn main() {
    scale_parallel([&[1.0][..]], 2_f32);
}
