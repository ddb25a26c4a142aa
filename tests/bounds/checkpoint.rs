//! Functions with a checkpoint whose arguments or results have no bytes.

use parallelize::{Checkpoint, parallelize};
use serde::Serialize;
use std::cell::Cell;
use std::time::Instant;

struct Plain;

#[derive(Clone, Copy)]
struct Copied;

#[parallelize(over = x, checkpoint)]
fn item(x: Plain, y: f64) -> f64 {
//         ^ error: the items of the mapped parameter `item_parallel_iter::x` cannot be keys of a checkpoint
    let Plain = x;
    y
}

#[parallelize(over = x, checkpoint, per_item(seed = |i| i))]
fn indexed(x: &Plain, seed: usize, y: f64) -> f64 {
//            ^ error: the items of the mapped parameter `indexed_parallel_iter::x` cannot be keys of a checkpoint
    let Plain = x;
    y + seed as f64
}

#[parallelize(over = zip(x, z), checkpoint)]
fn zipped(x: f64, z: Plain, y: f64) -> f64 {
//           ^ error: the items of the mapped parameter `zipped_parallel_iter::x_and_z` cannot be keys of a checkpoint
    let Plain = z;
    x + y
}

#[parallelize(over = x, checkpoint)]
fn fixed(x: f64, y: &Plain) -> f64 {
//                   ^ error: the fixed parameter `fixed_parallel_iter::y` cannot be a part of the key of a checkpoint
    let Plain = y;
    x
}

#[parallelize(over = x, checkpoint)]
fn copied(x: f64, y: Copied, z: &[Plain]) -> f64 {
//                   ^ error: the fixed parameter `copied_parallel_iter::y` cannot be a part of the key of a checkpoint
//                               ^ error: the fixed parameter `copied_parallel_iter::z` cannot be a part of the key
    let Copied = y;
    x + z.len() as f64
}

#[parallelize(over = x, checkpoint)]
fn result(x: f64, y: f64) -> Instant {
//                           ^ error: the results of this function cannot be kept in a checkpoint
    assert!(x < y);
    Instant::now()
}

#[parallelize(over = x, checkpoint, try_collect)]
fn failing(x: f64, y: f64) -> Result<Vec<Plain>, Plain> {
//                            ^ error: the results of this function cannot be kept in a checkpoint
    if x < y { Ok(vec![Plain]) } else { Err(Plain) }
}

// It is no second mistake that what threads cannot share has no bytes.
#[parallelize(over = x, checkpoint)]
fn shared(x: f64, y: &Cell<f64>) -> f64 {
//                    ^ error: the fixed parameter `shared_parallel::y` cannot be shared between threads
    x + y.get()
}

#[parallelize(over = x, checkpoint)]
async fn future(x: Plain, y: &Plain) -> Instant {
//                 ^ error: the items of the mapped parameter `future_parallel_iter::x` cannot be keys of a checkpoint
//                            ^ error: the fixed parameter `future_parallel_iter::y` cannot be a part of the key
//                                      ^ error: the results of this function cannot be kept in a checkpoint
    let (Plain, Plain) = (x, y);
    Instant::now()
}

struct Model(f64);

impl Model {
    // As for `Sync`, the error is at the call.
    #[parallelize(over = x, checkpoint)]
    fn eval(&self, x: f64) -> f64 {
        self.0 * x
    }
}

#[derive(Default, Serialize)]
struct Written;

#[parallelize(over = x, checkpoint)]
fn generic<T: Send>(x: T, y: f64) -> f64 {
    drop(x);
    y
}

#[parallelize(over = x, checkpoint)]
fn created<R: Default + Send>(x: f64, y: f64) -> Option<R> {
    (x < y).then(R::default)
}

#[parallelize(over = x)]
fn without(x: f64) -> f64 {
    x
}

fn main() {
    let store = Checkpoint::open("sweep.redb").unwrap();
    let _ = Model(1.0).eval_parallel([1.0]);
    let _ = Model(1.0).eval_parallel_iter([1.0]);
//                     ^ error: `self` cannot be a part of the key of a checkpoint
    let _ = generic_parallel([Plain], 1.0);
    let _ = generic_parallel_iter([Plain], 1.0);
//          ^ error: an argument of this call cannot be a part of the key of a checkpoint
    let _: Vec<Option<Written>> = created_parallel([1.0], 2.0);
    let _: Vec<Option<Written>> = created_parallel_iter([1.0], 2.0).collect();
//                                ^ error: the results of this call cannot be kept in a checkpoint
    let _ = without_parallel_iter([1.0]).checkpoint(&store);
//                                       ^ error: this call cannot have a checkpoint
    let _ = parallelize::map([1.0], |x| x).checkpoint(&store);
//                                         ^ error: this call cannot have a checkpoint
    let _ = fixed_parallel_iter([1.0], &Plain).checkpoint(&store).collect::<Vec<_>>();
}
