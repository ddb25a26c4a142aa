use parallelize::parallelize;

#[parallelize(over = x, local = true)]
async fn fetch(x: u32, client: &str) -> String {
    format!("{client}{x}")
}

fn main() {}
