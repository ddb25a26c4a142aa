use parallelize::{ItemToken, parallelize};

#[parallelize(over = zip(x, token), cancel = token)]
fn f(x: f64, token: &ItemToken) -> f64 {
    let _ = token;
    x
}

fn main() {}
