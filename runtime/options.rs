//! The options of the attribute as documented items, which editors show. No build contains them.
#![allow(missing_docs, clippy::missing_docs_in_private_items)]

/// Selects the mapped parameter: `over = x`.
///
/// For several, `over = zip(x, y)` pulls from their inputs together, and `over = product(x, y)`
/// takes every combination.
pub fn over() {}

/// Creates an argument once per thread, before the first item of the thread.
///
/// For example `per_thread(buffer = Vec::new())` for the parameter `buffer: &mut Vec<f64>`. Do not
/// use it for random numbers: use `per_item`.
pub fn per_thread() {}

/// Creates an argument for each item from its index: `per_item(rng = |i| Rng::new(i))`.
pub fn per_item() {}

/// Creates the token of each item: `cancel = token` for the parameter `token: &ItemToken`.
///
/// A long item calls `token.is_cancelled()` now and then, and ends early if that is `true`.
pub fn cancel() {}

/// Returns the collected values, or the first error in input order.
///
/// The function must return a `Result` or an `Option`.
pub fn try_collect() {}

/// Leaves out each `None`. The function must return an `Option`.
pub fn skip_none() {}

/// Catches panics: each result is a `Result`, whose error is an `ItemPanic`.
pub fn catch_panics() {}

/// Limits each call to a number of threads, including the calling thread: `threads = 4`.
pub fn threads() {}

/// Limits an async function to a number of calls that are under way at a time: `in_flight = 16`.
///
/// Without it, the limit is 64.
pub fn in_flight() {}

/// Lets the futures of an async function stay on one thread, so that nothing must be `Send`.
///
/// Use it for `Rc` and `RefCell`, and for executors with one thread.
pub fn local() {}

/// Shows a progress bar on the terminal: `progress`, or `progress = "working"` with a label. A
/// `Progress` can also write a log.
///
/// Needs the Cargo feature `progress`.
pub fn progress() {}

/// Lets calls of the lazy version keep their results in a file: `checkpoint`, or
/// `checkpoint(version = 2)` to compute everything again.
///
/// Needs the Cargo feature `checkpoint`.
pub fn checkpoint() {}

/// Runs items in all processes of the run: `distributed`.
///
/// Needs the Cargo feature `distributed`.
pub fn distributed() {}

/// Names the generated functions: `name = g` for `g` and `g_iter`.
///
/// Without it they are named `f_parallel` and `f_parallel_iter`.
pub fn name() {}

/// Says how the generated functions call the annotated function: `call = Self::f`.
///
/// Needed for an associated function whose signature mentions neither `self` nor `Self`.
pub fn call() {}
