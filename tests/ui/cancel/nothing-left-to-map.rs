use parallelize::{ItemToken, parallelize};

#[parallelize(cancel = token)]
fn f(token: &ItemToken) -> f64 {
    let _ = token;
    1.0
}

fn main() {}
