//! Streams of functions whose threads have values that cannot be sent.

use parallelize::parallelize;
use std::rc::Rc;

#[parallelize(over = x, per_thread(cache = Rc::new(2.0)))]
fn scale(x: f64, by: f64, cache: &mut Rc<f64>) -> f64 {
    x * by * **cache
}

fn main() {
    // Collecting keeps each value on its thread.
    let _ = scale_parallel([1.0], 2.0);
    let _ = scale_parallel_iter([1.0], 2.0).collect::<Vec<_>>();
    for _ in scale_parallel_iter([1.0], 2.0) {}
//           ^ error: `ParallelIter<impl Iterator<Item = f64> + Send, ...>` is not an iterator
    let _ = scale_parallel_iter([1.0], 2.0).into_iter();
//          ^ error: a stream needs values of `per_thread` that can be sent between threads
    scale_parallel_iter([1.0], 2.0).for_each(drop);
//  ^ error: a stream needs values of `per_thread` that can be sent between threads
}
