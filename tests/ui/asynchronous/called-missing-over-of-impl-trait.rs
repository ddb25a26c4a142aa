use parallelize::parallelize;
use std::fmt::Display;

#[parallelize]
async fn show(x: u32, by: u32) -> impl Display {
    x * by
}

#[allow(dead_code)]
async fn all() -> String {
    show_parallel([1], 2).await[0].to_string()
}

fn main() {}
