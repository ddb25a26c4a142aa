use parallelize::parallelize;

#[parallelize(over = url, distributed)]
async fn fetch(url: &str, tries: u32) -> usize {
    url.len() * tries as usize
}

fn main() {
    drop(fetch_parallel(["a"], 3));
}
