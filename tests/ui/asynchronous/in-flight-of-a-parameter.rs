use parallelize::parallelize;

#[parallelize(over = x, in_flight = limit)]
async fn fetch(x: u32, limit: usize) -> usize {
    x as usize + limit
}

fn main() {}
