//! Items and results that cannot be sent between threads.

use parallelize::parallelize;
use std::fmt::Display;
use std::rc::Rc;

#[parallelize(over = x)]
fn item(x: Rc<f64>, y: f64) -> f64 {
//         ^ error: the items of the mapped parameter `item_parallel::x` cannot be sent between threads
    *x + y
}

#[parallelize(over = x)]
fn result(x: f64, y: f64) -> Rc<f64> {
//                           ^ error: the results of this function cannot be sent between threads
    Rc::new(x + y)
}

#[parallelize(over = x)]
fn opaque(x: f64, y: f64) -> impl Display {
//                           ^ error: the results of this function cannot be sent
    Rc::new(x + y)
}

#[parallelize(over = x, try_collect)]
fn neither(x: f64, y: f64) -> f64 {
//                            ^ error: `try_collect` needs a function that returns a `Result`, an `Option` or a `ControlFlow`
    x + y
}

fn main() {
    result_parallel([1.0], 1.0);
    opaque_parallel([1.0], 1.0);
}
