#![cfg_attr(doc, doc = include_str!("../guide/links.md"))]
// The documentation is README. Of two definitions of a link the first counts, so those are for documentation, and README's own for who reads it as a file. Its examples show the progress bar, too.
#![cfg_attr(not(all(doctest, not(feature = "progress"))), doc = include_str!("../README.md"))]
// docs.rs sets it, and builds with nightly: what needs a feature says so there.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(unsafe_code)]

mod arguments;
mod engine;
#[cfg(any(doc, doctest))]
pub mod guide;
mod input;
mod lazy;
mod report;
mod unwind;

/// The types of lazy calls.
///
/// You create a [`ParallelIter`] by a call of `f_parallel_iter`, and a `for` loop turns it into an
/// [`IntoIter`]. You do not need to name the other types and traits: they appear in signatures.
pub mod iter {
    #[cfg(feature = "progress")]
    #[doc(hidden)]
    pub use crate::lazy::watched::{Counting, Watched};
    pub use crate::lazy::{
        apply::{Apply, CatchPanics},
        parallel_iter::ParallelIter,
        stop::{Never, Stop, Stops},
        stream::IntoIter,
        yields::{Every, Optional, SkipNone, Yield},
    };
}

/// Gives a function of several arguments a parallel twin: one argument is mapped over all cores, the others stay fixed.
///
/// Beside `f`, `#[parallelize(over = x)]` writes `f_parallel`, with the same visibility and generics. It takes the arguments of `f` in the
/// same order, but for `x` any [`IntoIterator`] of what `f` takes, and returns the results in a [`Vec`], in the order of the input
/// (nothing, where `f` returns nothing):
///
/// ```
/// use parallelize::parallelize;
///
/// #[parallelize(over = x)]
/// fn weigh(x: f64, steps: u32, table: &[f64]) -> f64 {
///     (0..steps).map(|step| x * table[step as usize % table.len()]).sum()
/// }
///
/// let table = [0.5, 1.5];
/// let in_parallel: Vec<f64> = weigh_parallel([1.0, 2.0, 3.0], 1_000, &table);
/// let one_by_one: Vec<f64> = [1.0, 2.0, 3.0].into_iter().map(|x| weigh(x, 1_000, &table)).collect();
/// assert_eq!(in_parallel, one_by_one);
/// ```
///
/// And it writes `f_parallel_iter`, which takes the same and runs nothing yet: it returns a [`ParallelIter`], to be told more, and then to be
/// collected or looped over.
///
/// ```
/// # use parallelize::parallelize;
/// # #[parallelize(over = x)]
/// # fn weigh(x: f64, steps: u32, table: &[f64]) -> f64 {
/// #     (0..steps).map(|step| x * table[step as usize % table.len()]).sum()
/// # }
/// let mut total = 0.0;
/// for weight in weigh_parallel_iter((0..50).map(f64::from), 1_000, &[0.5, 1.5]).threads(2) {
///     total += weight;
/// }
/// assert_eq!(total, 1_225_000.0);
/// ```
///
/// # Options
///
/// | option | meaning |
/// |---|---|
/// | `over = x` | the mapped argument, by its name. May be left out where there is only one besides `self` and those of `per_thread` and `per_item` |
/// | `over = zip(x, y, ..)` | several mapped arguments that are walked together: `f_parallel(xs, ys, z)` |
/// | `over = product(x, y, ..)` | every combination of them, in one flat result: the first that is named is the outer loop, the last varies fastest |
/// | `#[over]` on an argument | the same as `over = ` that argument, also for one that is a pattern; on several, a zip |
/// | `per_thread(buffer = expr, ..)` | `buffer: &mut T` is no argument of the twins: each thread of a call makes its own with the expression, once, before its first item |
/// | `per_item(rng = \|i\| expr, ..)` | `rng`, by value or by `&mut`, is no argument of the twins: it is made for the item of index `i: usize`, so results do not depend on the threads |
/// | `try_collect` | `f` returns a [`Result`] or an [`Option`]: the twin returns the collected values, or the first failure in the order of the input, and stops early. Where the value is written `()`, that is `Result<(), E>` |
/// | `skip_none` | `f` returns an [`Option`]: the `None`s are left out |
/// | `catch_panics` | an item whose call panics yields an [`ItemPanic`], and the others their results: each is a `Result<R, ItemPanic>`; with `skip_none`, of what is in the `Option` |
/// | `threads = n` | at most `n: usize` threads work on a call, the caller counted; with more than the pool has, for work that waits, in a pool of their own. The expression cannot mention arguments |
/// | `progress`, `progress = "label"` | a progress bar on a terminal, for calls that last; or an expression that makes a `Progress`. Needs the cargo feature `progress` |
/// | `name = g` | the twins are called `g` and `g_iter`, not `f_parallel` and `f_parallel_iter` |
/// | `call = Self::f` | how the twin calls `f`. Needed for an associated function with neither `self` nor `Self` in its signature, for a macro cannot see the `impl` around it |
/// | `crate = path` | where this crate is, if the dependency has been renamed or is reached through another crate |
///
/// They hold for both twins, but for `try_collect`: the lazy one yields the plain results, and has
/// [`try_collect`](ParallelIter::try_collect) as a method. The others that are about running are methods of [`ParallelIter`] too, and some are
/// only there: [`cancel_with`](ParallelIter::cancel_with), [`timeout`](ParallelIter::timeout), [`in_flight`](ParallelIter::in_flight).
///
/// # Arguments
///
/// * The mapped argument: `impl IntoIterator<Item = T, IntoIter: Send>` for a `T`, and `T: Send`. The items are pulled in order, each once, and
///   nothing is pulled after the first [`None`]; but several are pulled ahead of the calls they are for.
/// * A fixed argument by reference, `&U`: passed on; `U: Sync`.
/// * A fixed argument by value, `U`: cloned for each call of `f`; `U: Clone + Sync`. A clone of a [`Copy`] type costs nothing; a large
///   one is better passed by reference.
/// * `self` follows the same rules. A fixed `&mut` cannot be shared and is refused.
/// * The result: `R: Send`.
///
/// Where such a type mentions a type parameter or is `Self`, also as `&self`, the bound is on the twin; otherwise it is checked where `f` is
/// defined.
///
/// # Several mapped arguments
///
/// In a zip, lengths that are known (a [`size_hint`](Iterator::size_hint) that is exact) have to agree. Of an input whose length is not known, nothing is
/// pulled beyond them; and where none is known, all end with the first that does. The inputs are pulled in the order of the arguments.
///
/// In a product, all inputs but the first are read into a vector when the twin is called; the first is pulled as it goes, and may have no end. An item is
/// cloned for all but one of its combinations.
///
/// ```
/// use parallelize::parallelize;
///
/// #[parallelize(over = zip(base, exponent))]
/// fn power(base: f64, exponent: i32) -> f64 { base.powi(exponent) }
///
/// #[parallelize(over = product(x, y))]
/// fn distance(x: f64, y: f64, to: (f64, f64)) -> f64 { (x - to.0).hypot(y - to.1) }
///
/// // A pattern has no name to be called by.
/// #[parallelize]
/// fn area(#[over] (width, height): (f64, f64), scale: f64) -> f64 { width * height * scale }
///
/// assert_eq!(power_parallel([2.0, 3.0], [3, 2]), [8.0, 9.0]);
/// assert_eq!(distance_parallel([0.0, 3.0], [0.0, 4.0], (0.0, 0.0)), [0.0, 4.0, 3.0, 5.0]);
/// assert_eq!(area_parallel([(1.0, 2.0), (3.0, 4.0)], 0.5), [1.0, 6.0]);
/// ```
///
/// # What is made for threads and for items
///
/// The expressions may use `self` and the fixed arguments by their names; one that nothing else uses begins with an underscore, as the function has no
/// use for it. One of `per_thread` is a place to work in, whose contents must not matter to the
/// results: which items share one depends on the timing. In a stream, at most as many are made as there are threads, and they move between
/// them; so there they have to be `Send`. A panic in an expression is one of the item that it was made for.
///
/// What a function draws at random should depend on the item alone: a generator that is seeded with the index of the item, here of the crate `rand`, gives the
/// same numbers on any number of threads, and in the loop.
///
/// ```
/// use parallelize::parallelize;
/// use rand::{Rng, SeedableRng, rngs::StdRng};
///
/// #[parallelize(over = count, per_item(rng = |i| StdRng::seed_from_u64(_seed + i as u64)), per_thread(points = Vec::new()))]
/// fn estimate_pi(count: usize, _seed: u64, rng: &mut StdRng, points: &mut Vec<(f64, f64)>) -> f64 {
///     points.clear();
///     points.extend((0..count).map(|_| (rng.random(), rng.random())));
///     let inside = points.iter().filter(|(x, y)| x * x + y * y < 1.0).count();
///     4.0 * inside as f64 / count as f64
/// }
///
/// let counts = [1_000; 20];
/// let serial = estimate_pi_parallel_iter(counts, 7).threads(1).collect::<Vec<_>>();
/// for threads in [1, 2, 8] {
///     assert_eq!(estimate_pi_parallel_iter(counts, 7).threads(threads).collect::<Vec<_>>(), serial);
/// }
/// ```
///
/// # Panics
///
/// Where `threads` is 0, where lengths of a zip do not agree, and where a product has more combinations than can be counted, at the caller of the twin. A side of a zip whose length was not known and that turns out
/// too short is a panic of the input. And the twin panics if `f` does, with the panic that the loop would have met first: of the panics in `f` and in the input's `next`,
/// the one of the lowest item, with its own payload. Items above it may have been run.
///
/// # Cost
///
/// The calling thread works too; the others are [rayon](https://docs.rs/rayon)'s: those of the pool the call is made in, else of the global one.
/// They are called only where the work that is left pays for it, which the time of the first items tells and, from the second call on, what the
/// calls before took; so a call of some microseconds costs the loop and some tens of nanoseconds. The environment variable
/// `PARALLELIZE_THREADS` caps the threads of all calls: with 1, all is done on the calling thread.
///
/// # Cargo features
///
/// None is on by default.
///
/// * `progress`: the option and the method `progress`, drawn by [`indicatif`](https://docs.rs/indicatif).
/// * `tracing`: for each call a span of [`tracing`](https://docs.rs/tracing), of the level `DEBUG` and the target `parallelize`, by the name `call`. It has the
///   path of the `function`, the `items` where the input knows how many, and the `threads` that may work on it, once it is shared. An event at the end tells
///   what time `elapsed`, how many `items` were finished, how many `helpers` had some of them, how long these were `idle`, that is without any, and whether the call `panicked`. All
///   threads of a call enter the span, or, where nobody asked for it, the span that the caller is in; so what the items log belongs to where the call is. Where
///   nobody listens, a call takes about ten nanoseconds more.
///
/// # Methods, traits and the rest
///
/// ```
/// use parallelize::parallelize;
/// use std::io;
///
/// struct Model { gain: f64 }
///
/// impl Model {
///     // A method: `self` stays fixed.
///     #[parallelize(over = x)]
///     fn eval(&self, x: f64, bias: f64) -> f64 { self.gain * x + bias }
///
///     // An associated function that does not mention `Self` has to say how it is called.
///     #[parallelize(over = x, call = Self::halve)]
///     fn halve(x: f64, times: i32) -> f64 { x / 2f64.powi(times) }
/// }
///
/// // A trait: annotate the function in the trait, and all its types have the twin.
/// trait Shape: Sync {
///     #[parallelize(over = scale)]
///     fn area(&self, scale: f64) -> f64;
/// }
///
/// // Several failures: the first in the order of the input is returned, whatever the timing.
/// #[parallelize(over = word, try_collect)]
/// fn digit(word: &str, radix: u32) -> Result<u32, std::num::ParseIntError> { u32::from_str_radix(word, radix) }
///
/// // Work that waits is not held back by the number of cores.
/// #[parallelize(over = millis, threads = 32)]
/// fn wait(millis: u64) { std::thread::sleep(std::time::Duration::from_millis(millis)) }
///
/// // Results of any kind; here each item has its own.
/// #[parallelize(over = word, name = parse_all)]
/// fn parse(word: &str, radix: u32) -> Result<u32, std::num::ParseIntError> { u32::from_str_radix(word, radix) }
///
/// assert_eq!(Model { gain: 2.0 }.eval_parallel([1.0, 2.0], 0.5), [2.5, 4.5]);
/// assert_eq!(Model::halve_parallel(vec![8.0], 2), [2.0]);
/// assert_eq!(digit_parallel("1 f".split(' '), 16), Ok(vec![1, 15]));
/// assert!(digit_parallel("1 x 2".split(' '), 16).is_err());
/// wait_parallel([1, 2, 3]);
/// assert_eq!(parse_all("ff zz".split(' '), 16)[0], Ok(255));
/// ```
pub use parallelize_macros::parallelize;

pub use input::items::Items;
#[doc(inline)]
pub use iter::ParallelIter;
pub use lazy::cancel_token::CancelToken;
pub use lazy::item_panic::ItemPanic;
pub use lazy::stopped::{Interrupted, StopReason, Stopped};
pub use lazy::try_trait::Try;
#[cfg(feature = "progress")]
pub use report::progress::Progress;

/// The crate that draws the progress bars, for a bar of one's own of the same version.
#[cfg(feature = "progress")]
pub use indicatif;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
