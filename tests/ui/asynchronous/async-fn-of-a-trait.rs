use parallelize::parallelize;

#[allow(async_fn_in_trait)]
trait Fetch {
    #[parallelize(over = url)]
    async fn get(&self, url: &str) -> String;
}

async fn all(fetch: &(impl Fetch + Sync)) -> usize {
    fetch.get_parallel(["a"]).await.len() + fetch.get_parallel_iter(["a"]).collect::<Vec<_>>().await.len()
}

struct Echo;

impl Fetch for Echo {
    async fn get(&self, url: &str) -> String {
        url.to_owned()
    }
}

fn main() {
    let _ = all(&Echo);
}
