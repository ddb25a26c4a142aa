use parallelize::parallelize;

#[parallelize(over = x)]
async fn fetch(x: u32, buffer: &mut Vec<u32>) {
    buffer.push(x);
}

async fn all() {
    fetch_parallel([1], &mut Vec::new()).await;
    fetch_parallel_iter([1], &mut Vec::new()).collect::<Vec<_>>().await;
}

fn main() {
    let _ = all();
}
