//! Calls with arguments that must stay on one thread.

use parallelize::parallelize;
use std::rc::Rc;

#[parallelize(over = word)]
fn weigh(word: &str, factor: f64, weight: impl Fn(&str) -> f64) -> f64 {
    weight(word) * factor
}

fn fixed(counted: &Rc<f64>) {
    weigh_parallel(["a"], 1.0, |_| **counted);
//                             ^ error: `Rc<f64>` cannot be shared between threads safely
}

fn input(counted: &Rc<f64>) {
    weigh_parallel(["a"].into_iter().inspect(|_| drop(counted.clone())), 1.0, |_| 1.0);
//                 ^ error: `Rc<f64>` cannot be shared between threads safely
}

fn main() {
    let counted = Rc::new(1.0);
    fixed(&counted);
    input(&counted);
}
