use parallelize::parallelize;
use std::pin::Pin;

type Reply<'a> = Pin<Box<dyn Future<Output = u32> + Send + 'a>>;

#[parallelize(over = x, in_flight = 16)]
fn answer(x: u32, by: &u32) -> Reply<'_> {
    Box::pin(async move { x * by })
}

fn main() {
    let _ = answer_parallel([1], &2);
}
