//! Fixed arguments that threads cannot share.

use parallelize::parallelize;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

#[parallelize(over = x)]
fn counted(x: f64, counted: Rc<f64>) -> f64 {
//                          ^ error: the fixed parameter `counted_of_counted` cannot be shared between threads
    x + *counted
}

#[parallelize(over = x)]
fn shared(x: f64, cell: &Cell<f64>) -> f64 {
//                       ^ error: the fixed parameter `shared_parallel::cell` cannot be shared between threads
    x + cell.get()
}

struct Handle(f64);

#[parallelize(over = x)]
fn unique(x: f64, handle: Handle) -> f64 {
//                        ^ error: the fixed parameter `handle` is passed by value, and cannot be cloned
    x + handle.0
}

#[parallelize(over = x)]
fn object(x: f64, function: &dyn Fn(f64) -> f64) -> f64 {
//                           ^ error: the fixed parameter `function` cannot be shared
    function(x)
}

struct Table {
    cells: RefCell<Vec<f64>>,
}

#[parallelize(over = x)]
fn nested(x: f64, table: &Table) -> f64 {
//                        ^ error: `RefCell<Vec<f64>>` cannot be shared
    x + table.cells.borrow()[0]
}

#[parallelize(over = x)]
fn generic<T: Into<f64>>(x: T, cell: &Cell<f64>) -> f64 {
//                                    ^ error: the fixed parameter `generic_parallel::cell` cannot be shared
    x.into() + cell.get()
}

#[parallelize(over = x)]
fn counted_by_reference(x: f64, count: &Rc<f64>) -> f64 {
//                                      ^ error: the fixed parameter `count` cannot be shared
    x + **count
}

fn main() {
    counted_parallel([1.0], Rc::new(1.0));
    shared_parallel([1.0], &Cell::new(1.0));
    unique_parallel([1.0], Handle(1.0));
}
