//! Expressions of `per_thread` and `per_item`, and the parameter of `cancel`.

use parallelize::{CancelToken, parallelize};
use std::cell::Cell;

#[parallelize(over = x, per_thread(buffer = String::new()))]
//                                          ^ error: mismatched types
fn of_another_type(x: f64, buffer: &mut Vec<f64>) -> usize {
    buffer.push(x);
    buffer.len()
}

#[parallelize(over = x, per_item(seed = |i| i))]
//                                          ^ error: mismatched types
fn of_an_index(x: u64, seed: u64) -> u64 {
    x + seed
}

#[parallelize(over = x, per_thread(buffer = vec![0.0; width]))]
//                                                    ^ error: cannot find value `width` in this scope
fn unknown(x: f64, buffer: &mut Vec<f64>) -> usize {
    buffer.push(x);
    buffer.len()
}

#[parallelize(over = x, per_item(seed = |i| i as u64 + start))]
//                                                     ^ error: cannot find value `start` in this scope
fn unknown_for_an_item(x: u64, seed: u64) -> u64 {
    x + seed
}

/// An expression cannot use a mapped parameter.
#[parallelize(over = x, per_item(seed = |i| i as u64 + x))]
//                                                     ^ error: cannot find value `x` in this scope
fn mapped(x: u64, seed: u64) -> u64 {
    x + seed
}

#[parallelize(over = x, per_thread(buffer = vec![cell.get()]))]
fn fixed(x: f64, buffer: &mut Vec<f64>, cell: &Cell<f64>) -> f64 {
//                                             ^ error: the fixed parameter `cell_of_fixed` cannot be shared between threads
    x + cell.get() + buffer[0]
}

#[parallelize(over = x, cancel = token)]
fn token_of_another_type(x: f64, token: &CancelToken) -> f64 {
//                                       ^ error: `cancel` passes an `ItemToken` to the parameter
    if token.is_cancelled() { 0.0 } else { x }
}

#[parallelize(over = x, cancel = token)]
fn generic_token<T: Default>(x: f64, token: &T) -> (f64, T) {
//                                           ^ error: `cancel` passes an `ItemToken` to the parameter
    let _ = token;
    (x, T::default())
}

fn main() {
    let _: Vec<f64> = token_of_another_type_parallel([1.0]);
    for _ in token_of_another_type_parallel_iter([1.0]) {}
    let _: Vec<usize> = of_another_type_parallel([1.0]);
    for _ in of_another_type_parallel_iter([1.0]) {}
    let _: Vec<u64> = of_an_index_parallel([1]);
    for _ in of_an_index_parallel_iter([1]) {}
    let _: Vec<usize> = unknown_parallel([1.0]);
    for _ in unknown_parallel_iter([1.0]) {}
    let _: Vec<u64> = unknown_for_an_item_parallel([1]);
    let _: Vec<u64> = mapped_parallel([1]);
    for _ in mapped_parallel_iter([1]) {}
}
