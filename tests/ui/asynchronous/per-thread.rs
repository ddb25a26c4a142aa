use parallelize::parallelize;

#[parallelize(over = x, per_thread(buffer = Vec::new()))]
async fn fetch(x: u32, buffer: &mut Vec<u32>) -> usize {
    buffer.push(x);
    buffer.len()
}

async fn all() -> usize {
    fetch_parallel([1]).await[0].pow(2)
}

fn main() {
    let _ = all();
}
