#![deny(dead_code)]

use parallelize::parallelize;

#[parallelize(over = x)]
fn eval(x: f64, by: f64) -> f64 {
    x * by
}

#[parallelize(over = x)]
fn unused(x: f64) -> f64 {
    x
}

fn main() {
    println!("{:?}", eval_parallel([1.0], 2.0));
}
