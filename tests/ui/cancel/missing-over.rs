use parallelize::{ItemToken, parallelize};

#[parallelize(cancel = token)]
fn f(x: f64, y: f64, token: &ItemToken) -> f64 {
    let _ = token;
    x * y
}

fn main() {}
