use parallelize::parallelize;
use std::fmt::Debug;

#[parallelize(over = x, chunks = 8)]
async fn fetch<T: Debug>(x: T, client: &str) -> Result<String, T> {
    Ok(format!("{client}{x:?}"))
}

fn spawn<F: Future + Send>(_: F) {}

fn main() {
    spawn(async {
        let client = String::from("a");
        fetch_parallel([1], &client).await;
        fetch_parallel_iter([1], &client).try_collect::<Vec<_>>().await
    });
}
