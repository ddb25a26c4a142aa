use parallelize::{ItemToken, parallelize};

#[parallelize(over = x, cancel(token))]
fn f(x: f64, token: &ItemToken) -> f64 {
    let _ = token;
    x
}

fn main() {
    let _: Vec<f64> = f_parallel([1.0]);
    for _ in f_parallel_iter([1.0]) {}
}
