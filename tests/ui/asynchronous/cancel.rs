use parallelize::{ItemToken, parallelize};

#[parallelize(over = x, cancel = token)]
async fn fetch(x: u32, token: &ItemToken) -> bool {
    x > 0 && token.is_cancelled()
}

async fn all() -> usize {
    fetch_parallel([1]).await.len()
}

fn main() {
    let _ = all();
}
