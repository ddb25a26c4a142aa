use parallelize::parallelize;

struct Client(u32);

impl Client {
    #[parallelize(over = x)]
    async fn fetch(&mut self, x: u32) -> u32 {
        self.0 += x;
        self.0
    }
}

async fn all(client: &mut Client) -> usize {
    client.fetch_parallel([1]).await.len()
}

fn main() {
    let _ = all(&mut Client(1));
}
