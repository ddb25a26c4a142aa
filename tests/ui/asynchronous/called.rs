use parallelize::parallelize;

#[parallelize(over = x, skip_none, catch_panics, chunks = 8)]
async fn halve(x: u32, by: u32) -> Option<u32> {
    x.checked_div(by)
}

#[allow(dead_code)]
async fn all() {
    for half in halve_parallel([1], 2).await {
        println!("{}", half.unwrap().count_ones());
    }
    let halves = halve_parallel_iter([1], 2).in_flight(3).collect::<Vec<_>>().await;
    println!("{}", halves[0].as_ref().unwrap().count_ones());
}

fn main() {}
