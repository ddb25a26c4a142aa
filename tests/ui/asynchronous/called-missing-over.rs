use parallelize::parallelize;

#[parallelize(try_collect)]
async fn fetch(url: &str, client: &str) -> Result<usize, String> {
    Ok(url.len() + client.len())
}

#[allow(dead_code)]
async fn all() -> Result<usize, String> {
    let lengths = fetch_parallel(["a"], "b").await?;
    let again = fetch_parallel_iter(["a"], "b").try_collect::<Vec<_>>().await?;
    Ok(lengths[0].pow(2) + again[0].pow(2))
}

fn main() {}
