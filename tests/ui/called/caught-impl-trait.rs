use parallelize::parallelize;
use std::fmt::Display;

#[parallelize(over = x, catch_panics, chunks = 8)]
fn shown(x: f64, digits: usize) -> impl Display {
    format!("{x:.digits$}")
}

fn main() {
    for shown in shown_parallel([1.0], 2) {
        println!("{}", shown.unwrap());
    }
    for shown in shown_parallel_iter([1.0], 2) {
        println!("{}", shown.unwrap());
    }
}
