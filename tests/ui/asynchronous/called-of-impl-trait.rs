use parallelize::parallelize;
use std::fmt::Display;

#[parallelize(over = x, chunks = 8)]
async fn show(x: u32, by: u32) -> impl Display {
    x * by
}

#[allow(dead_code)]
async fn all() -> String {
    let shown = show_parallel([1], 2).await;
    let again = show_parallel_iter([1], 2).collect::<Vec<_>>().await;
    format!("{}{}", shown[0], again[0])
}

fn main() {}
