use parallelize::parallelize;

trait Fetch {
    #[parallelize(over = url)]
    fn get(&self, url: &str) -> impl Future<Output = String>;
}

async fn all(fetch: &(impl Fetch + Sync)) -> usize {
    fetch.get_parallel(["a"]).await.len()
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
