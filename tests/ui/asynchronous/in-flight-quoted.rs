use parallelize::parallelize;

#[parallelize(over = x, in_flight = "16")]
async fn fetch(x: u32, client: &str) -> String {
    format!("{client}{x}")
}

fn main() {}
