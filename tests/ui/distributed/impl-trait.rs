use parallelize::parallelize;

#[parallelize(over = x, distributed)]
fn apply(x: f64, f: &impl Fn(f64) -> f64) -> f64 {
    f(x)
}

fn main() {
    apply_parallel([1.0], &|x| x + 1.0);
}
