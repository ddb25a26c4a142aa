//! Lazy versions: a mistake in a signature is reported once for both generated functions.
//!
//! A wrong fixed parameter is not reported again at the calls.

use parallelize::parallelize;
use std::cell::Cell;
use std::fmt::Display;
use std::rc::Rc;

#[parallelize(over = x)]
fn item(x: Rc<f64>, y: f64) -> f64 {
//         ^ error: the items of the mapped parameter `item_parallel::x` cannot be sent between threads
    *x + y
}

#[parallelize(over = x)]
fn fixed(x: f64, y: &Cell<f64>) -> f64 {
//                   ^ error: the fixed parameter `fixed_parallel::y` cannot be shared between threads
    x + y.get()
}

#[parallelize(over = x)]
fn cloned(x: f64, y: Rc<f64>) -> f64 {
//                   ^ error: the fixed parameter `cloned_parallel::y` cannot be shared between threads
    x + *y
}

#[parallelize(over = x)]
fn result(x: f64, y: f64) -> Rc<f64> {
//                           ^ error: the results of this function cannot be sent between threads
    Rc::new(x + y)
}

#[parallelize(over = x, catch_panics)]
fn opaque(x: f64, y: f64) -> impl Display {
//                           ^ error: the results of this function cannot be sent
    Rc::new(x + y)
}

#[parallelize(over = x, skip_none)]
fn number(x: f64, y: f64) -> f64 {
//                           ^ error: `skip_none` needs a function that returns an `Option`
    x + y
}

#[parallelize(over = x, skip_none, catch_panics)]
fn text<'t>(x: &'t str, y: usize) -> Result<&'t str, usize> {
//                                   ^ error: `skip_none` needs a function that returns an `Option`
    Err(x.len() + y)
}

fn main() {
    fixed_parallel_iter([1.0], &Cell::new(1.0)).collect::<Vec<_>>();
    cloned_parallel_iter([1.0], Rc::new(1.0)).collect::<Vec<_>>();
    for _ in cloned_parallel_iter([1.0], Rc::new(1.0)) {}
}
