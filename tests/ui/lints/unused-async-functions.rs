// Nobody calls the first function or those that are generated for it. Of the second, somebody calls
// the parallel function only. The third is local.
#![deny(dead_code)]

use parallelize::parallelize;

#[parallelize(over = x)]
async fn unused(x: f64, by: f64) -> f64 {
    x * by
}

#[parallelize(over = x, in_flight = 4)]
async fn used(x: f64, by: f64) -> f64 {
    x * by
}

#[parallelize(over = x, local)]
async fn used_here(x: f64, by: f64) -> f64 {
    x * by
}

fn main() {
    drop(used_parallel([1.0], 2.0));
    drop(used_here_parallel_iter([1.0], 2.0));
}
