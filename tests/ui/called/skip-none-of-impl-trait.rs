use parallelize::parallelize;
use std::fmt::Display;

#[parallelize(over = x, skip_none)]
fn shown(x: f64, least: f64) -> Option<impl Display> {
    (x >= least).then_some(x)
}

fn main() {
    for shown in shown_parallel([1.0], 2.0) {
        println!("{shown}");
    }
    for shown in shown_parallel_iter([1.0], 2.0) {
        println!("{shown}");
    }
}
