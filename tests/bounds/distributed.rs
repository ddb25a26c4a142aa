//! Functions whose items may run in other processes, with arguments or results that have no bytes.

use parallelize::parallelize;
use serde::{Deserialize, Serialize};
use std::cell::Cell;
use std::marker::PhantomData;
use std::num::ParseIntError;
use std::rc::Rc;
use std::sync::MutexGuard;
use std::time::Instant;

struct Plain;

#[derive(Clone, Copy)]
struct Copied;

#[derive(Serialize)]
struct OneWay;

/// `Clone` is not needed behind a reference.
#[derive(Serialize, Deserialize)]
struct Table(Vec<f64>);

/// Threads can share it. Only the thread that has it may drop it.
#[derive(Clone, Serialize, Deserialize)]
struct Kept(f64, PhantomData<MutexGuard<'static, ()>>);

#[parallelize(over = x, distributed)]
fn item(x: Plain, y: f64) -> f64 {
//         ^ error: the parameter `item_parallel::x` cannot be sent to other processes
    let Plain = x;
    y
}

#[parallelize(over = x, distributed, per_item(seed = |i| i), cancel = token)]
fn indexed(x: &Plain, seed: usize, y: f64, token: &parallelize::ItemToken) -> f64 {
//             ^ error: the parameter `indexed_parallel::x` cannot be sent to other processes
    let (Plain, false) = (x, token.is_cancelled()) else { return 0.0 };
    y + seed as f64
}

#[parallelize(over = x, distributed)]
fn slices(x: &[Plain], y: f64) -> f64 {
//            ^ error: the parameter `slices_parallel::x` cannot be sent to other processes
    y + x.len() as f64
}

#[parallelize(over = zip(x, z), distributed)]
fn zipped(x: f64, z: Plain, y: f64) -> f64 {
//                   ^ error: the parameter `zipped_parallel::z` cannot be sent to other processes
    let Plain = z;
    x + y
}

#[parallelize(over = product(x, z), distributed)]
fn product(x: f64, z: Copied, y: f64) -> f64 {
//                    ^ error: the parameter `product_parallel::z` cannot be sent to other processes
    let Copied = z;
    x + y
}

#[parallelize(over = x, distributed)]
fn fixed(x: f64, y: &Plain) -> f64 {
//                   ^ error: the parameter `fixed_parallel::y` cannot be sent to other processes
    let Plain = y;
    x
}

#[parallelize(over = x, distributed)]
fn copied(x: f64, y: Copied, z: &[Plain]) -> f64 {
//                   ^ error: the parameter `copied_parallel::y` cannot be sent to other processes
//                               ^ error: the parameter `copied_parallel::z` cannot be sent to other processes
    let Copied = y;
    x + z.len() as f64
}

#[parallelize(over = x, distributed)]
fn one_way(x: f64, y: &OneWay) -> f64 {
//                     ^ error: the parameter `one_way_parallel::y` cannot be sent to other processes
    let OneWay = y;
    x
}

#[parallelize(over = x, distributed)]
fn result(x: f64, y: f64) -> Instant {
//                           ^ error: the results of this function cannot be sent back from other processes
    assert!(x < y);
    Instant::now()
}

#[parallelize(over = x, distributed, try_collect)]
fn failing(x: &str, y: u32) -> Result<i64, ParseIntError> {
//                             ^ error: the results of this function cannot be sent back from other processes
    i64::from_str_radix(x, y)
}

#[parallelize(over = x, distributed, per_thread(buffer = Rc::new(y)))]
fn state(x: f64, y: f64, buffer: &mut Rc<f64>) -> f64 {
//                                    ^ error: the value of `per_thread` for the parameter `buffer_of_state`
    x + y + **buffer
}

// It is no second mistake that what threads cannot share or send does not travel either.
#[parallelize(over = x, distributed)]
fn shared(x: f64, y: &Cell<f64>) -> f64 {
//                    ^ error: the fixed parameter `shared_parallel::y` cannot be shared between threads
    x + y.get()
}

#[parallelize(over = x, distributed)]
fn counted(x: f64, y: Rc<f64>) -> f64 {
//                    ^ error: the fixed parameter `counted_parallel::y` cannot be shared between threads
    x + *y
}

#[parallelize(over = x, distributed)]
fn kept(x: f64, y: &Kept) -> f64 {
//                  ^ error: the parameter `kept_parallel::y` cannot be sent to a thread of another process
    x + y.0
}

#[parallelize(over = x, distributed)]
fn kept_by_value(x: f64, y: Kept) -> f64 {
//                          ^ error: the parameter `kept_by_value_parallel::y` cannot be sent to a thread of
    x + y.0
}

#[parallelize(over = x, distributed)]
fn kept_slices(x: &[Kept], y: f64) -> f64 {
//                 ^ error: the parameter `kept_slices_parallel::x` cannot be sent to a thread of another process
    x[0].0 + y
}

#[parallelize(over = x, distributed)]
fn uncloned(x: f64, y: Table) -> f64 {
//                     ^ error: the fixed parameter `uncloned_parallel::y` is passed by value, and cannot be cloned
    x + y.0[0]
}

#[parallelize(over = x, distributed)]
fn counted_items(x: Rc<f64>, y: f64) -> f64 {
//                  ^ error: the items of the mapped parameter `counted_items_parallel::x` cannot be sent
    *x + y
}

#[parallelize(over = x, distributed)]
fn counted_results(x: f64, y: f64) -> Rc<f64> {
//                                    ^ error: the results of this function cannot be sent between threads
    Rc::new(x + y)
}

#[parallelize(over = x, distributed, per_thread(buffer = vec![0; width]))]
//                                                               ^ error: cannot find value `width` in this scope
fn unknown(x: f64, buffer: &mut Vec<u8>) -> f64 {
    buffer.push(1);
    x
}

struct Model;

impl Model {
    #[parallelize(over = x, distributed)]
//  ^ error: unresolved imports `__in_an_impl_block_annotate_a_free_function_that_calls_Self_scale_
    fn scale(x: f64, y: f64) -> f64 {
        x * y
    }
}

#[parallelize(over = x, distributed)]
fn fine<'a>(x: &'a Table, y: &Table, z: &'a [u8], name: &str) -> Table {
    Table(vec![x.0[0], y.0[0], z[0].into(), name.len() as f64])
}

fn main() {
    let table = Table(vec![1.0]);
    let _ = item_parallel([Plain], 1.0);
    let _ = item_parallel_iter([Plain], 1.0).collect::<Vec<_>>();
    let _ = fixed_parallel([1.0], &Plain);
    let _ = fixed_parallel_iter([1.0], &Plain).catch_panics().collect::<Vec<_>>();
    let _ = result_parallel_iter([1.0], 2.0).collect::<Vec<_>>();
    let _ = state_parallel([1.0], 2.0);
    let _ = shared_parallel_iter([1.0], &Cell::new(2.0)).collect::<Vec<_>>();
    let _ = counted_parallel_iter([1.0], Rc::new(2.0)).collect::<Vec<_>>();
    let _ = fine_parallel([&table], &table, &[1], "name");
    let _ = fine_parallel_iter([&table], &table, &[1], "name").collect::<Vec<_>>();
}
