use parallelize::parallelize;

#[parallelize(over = x, threads = 4)]
async fn fetch(x: u32, client: &str) -> String {
    format!("{client}{x}")
}

async fn all() -> usize {
    fetch_parallel([1], "a").await.len()
}

fn main() {
    let _ = all();
}
