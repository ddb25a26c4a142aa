use parallelize::parallelize;

#[parallelize(over = x, try_collect, catch_panics)]
fn root(x: f64, least: f64) -> Option<f64> {
    (x >= least).then(|| x.sqrt())
}

fn main() {
    println!("{:?}", root_parallel([1.0], 2.0));
    for root in root_parallel_iter([1.0], 2.0) {
        println!("{:?}", root.unwrap().map(f64::abs));
    }
}
