use parallelize::parallelize;
use std::pin::Pin;

#[parallelize(over = x)]
fn fetch<'a>(x: u32, client: &'a str) -> Pin<Box<dyn Future<Output = String> + 'a>> {
    Box::pin(async move { format!("{client}{x}") })
}

async fn all() -> usize {
    fetch_parallel([1], "a").await.len()
}

fn main() {
    let _ = all();
}
