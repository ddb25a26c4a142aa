//! Several mapped parameters.

use parallelize::parallelize;
use std::rc::Rc;

struct Handle(f64);

#[parallelize(over = product(x, handle))]
fn unique(x: f64, handle: Handle) -> f64 {
//                        ^ error: the items of the mapped parameter `handle` cannot be cloned
    x + handle.0
}

#[parallelize(over = zip(x, counted))]
fn counted(x: f64, counted: Rc<f64>) -> f64 {
//            ^ error: `Rc<f64>` cannot be sent between threads safely
    x + *counted
}

#[parallelize(over = product(x, counted))]
fn combined(x: f64, counted: Rc<f64>) -> f64 {
//             ^ error: `Rc<f64>` cannot be sent between threads safely
    x + *counted
}

#[parallelize]
fn marked(#[over] (x, _): (f64, u8), #[over] counted: Rc<f64>) -> f64 {
//                        ^ error: `Rc<f64>` cannot be sent between threads
    x + *counted
}

fn main() {
    let _: Vec<f64> = unique_parallel([1.0], [Handle(1.0)]);
    for _ in unique_parallel_iter([1.0], [Handle(1.0)]) {}
}
