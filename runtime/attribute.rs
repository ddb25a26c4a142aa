//! The attribute, and its documentation.

#[cfg(doc)]
use crate::{ConcurrentIter, ItemPanic, ItemToken, ParallelIter, Try, guide};

#[cfg(all(doc, feature = "progress"))]
use crate::Progress;

/// Generates a parallel version of a function.
///
/// `#[parallelize(over = x)]` leaves the annotated function `f` unchanged and generates two
/// functions next to it, with the same visibility and generic parameters:
///
/// * The *parallel function* `f_parallel` has the same parameters as `f`, except that `x` becomes
///   an iterator. It calls `f` once for each item, on all cores, with the other arguments fixed. It
///   returns the results in a [`Vec`] in input order, or nothing if `f` returns nothing.
/// * The *lazy version* `f_parallel_iter` has the same parameters as `f_parallel` and returns a
///   [`ParallelIter`]. Nothing runs until you collect the results or loop over them.
///
/// ```
/// use parallelize::parallelize;
///
/// #[parallelize(over = x)]
/// fn power(x: f64, exponent: i32) -> f64 {
///     x.powi(exponent)
/// }
///
/// let squares: Vec<f64> = power_parallel([1.0, 2.0, 3.0], 2);
/// assert_eq!(squares, [1.0, 4.0, 9.0]);
///
/// let mut sum = 0.0;
/// for cube in power_parallel_iter([1.0, 2.0, 3.0], 3) {
///     sum += cube;
/// }
/// assert_eq!(sum, 36.0);
/// ```
///
/// | option | effect |
/// |---|---|
/// | [`over = x`](#over) | maps the parameter `x`: it becomes an iterator |
/// | [`over = zip(x, y)`](#over) | maps several parameters, whose inputs advance together |
/// | [`over = product(x, y)`](#over) | maps all combinations of several parameters |
/// | [`per_thread(buffer = expr)`](#per_thread) | creates a scratch buffer per thread |
/// | [`per_item(rng = \|i\| expr)`](#per_item) | creates a value per item, for random numbers |
/// | [`cancel = token`](#cancel) | tells a running item that it is no longer needed |
/// | [`try_collect`](#try_collect) | returns all values, or the first error |
/// | [`skip_none`](#skip_none) | drops the results that are `None` |
/// | [`catch_panics`](#catch_panics) | keeps the other results if an item panics |
/// | [`threads = n`](#threads) | limits the threads, or allows more than there are cores |
/// | [`in_flight = n`](#in_flight) | limits the calls of an async function at a time |
/// | [`local`](#local) | keeps the calls of an async function on one thread |
/// | [`progress`](#progress) | shows a progress bar |
/// | [`checkpoint`](#checkpoint) | keeps the results of the lazy version, for later runs |
/// | [`distributed`](#distributed) | runs items in other processes, on other machines as well |
/// | [`name = g`](#name) | names the generated functions `g` and `g_iter` |
/// | [`call = Self::f`](#call) | is needed for some associated functions |
/// | [`crate = path`](#crate) | is needed if this crate has another name |
///
/// All options except `try_collect` and `checkpoint` apply to both generated
/// functions. Some of them are also methods of [`ParallelIter`], for a single
/// call. It has three more methods: [`cancel_with`], [`timeout`] and
/// [`in_flight`]. The [`guide`] is sorted by task.
///
/// If `f` is an `async fn`, or returns a future, `f_parallel` is async as well and runs up to
/// [`in_flight`](#in_flight) calls at a time in the task that awaits it, and `f_parallel_iter`
/// returns a [`ConcurrentIter`]. See [async functions](crate::guide::async_functions).
///
/// # Options
///
/// ## `over`
///
/// Selects the mapped parameter. You can omit it if the function has only one parameter other than
/// `self` and those of `per_thread`, `per_item` and `cancel`.
///
/// * `over = x` maps one parameter.
/// * `over = zip(x, y, ..)` takes one item of each input for each call of `f`. Input lengths that
///   are known in advance, from an exact [`size_hint`](Iterator::size_hint), must be equal. If only
///   some lengths are known, the call panics if another input ends earlier, and does not read a
///   longer one to its end. If none is known, the zip ends with the shortest input.
/// * `over = product(x, y, ..)` calls `f` for every combination and returns one flat vector. The
///   first parameter in the list is the outer loop, and the last one varies fastest. The other
///   inputs are read into vectors when you call the function, so only the first may be endless.
///   Items must be [`Clone`]: those of the first input are cloned for all but their last
///   combination, and those of the other inputs for every combination.
/// * `#[over]` in front of a parameter replaces `over = ..`. It also works for a pattern, which has
///   no name. Several parameters with `#[over]` form a zip.
///
/// You pass the inputs in the order of the parameters of `f`.
///
/// ```
/// # use parallelize::parallelize;
/// #[parallelize(over = zip(base, exponent))]
/// fn power(base: f64, exponent: i32) -> f64 {
///     base.powi(exponent)
/// }
/// assert_eq!(power_parallel([2.0, 3.0], [3, 2]), [8.0, 9.0]);
///
/// #[parallelize(over = product(x, y))]
/// fn distance(x: f64, y: f64) -> f64 {
///     x.hypot(y)
/// }
/// assert_eq!(distance_parallel([0.0, 3.0], [0.0, 4.0]), [0.0, 4.0, 3.0, 5.0]);
///
/// #[parallelize]
/// fn area(#[over] (width, height): (f64, f64), scale: f64) -> f64 {
///     width * height * scale
/// }
/// assert_eq!(area_parallel([(1.0, 2.0), (3.0, 4.0)], 0.5), [1.0, 6.0]);
/// ```
///
/// ## `per_thread`
///
/// `per_thread(buffer = expr, ..)` creates a scratch buffer. Each thread of a call evaluates the
/// expression once, before its first item, and passes the value to each of its items as
/// `buffer: &mut T`. The generated functions have no parameter `buffer`. An item finds in the
/// buffer what an earlier item left there, so start with `clear()`.
///
/// **Do not use it for random numbers: use [`per_item`](#per_item).** Which items share a value
/// depends on timing, so an item would draw other numbers in each run. If the expression has a
/// constant seed, all threads draw the same numbers.
///
/// The expression can use `self` and the fixed parameters by name, but not inside a string such as
/// `"{x}"`. If `f` itself does not use such a parameter, prefix its name with an underscore, as in
/// `_seed`. In a stream and with `for_each` the values move between threads and must be `Send`.
///
/// ```
/// # use parallelize::parallelize;
/// #[parallelize(over = samples, per_thread(sorted = Vec::new()))]
/// fn median(samples: &[f64], sorted: &mut Vec<f64>) -> f64 {
///     sorted.clear();
///     sorted.extend_from_slice(samples);
///     sorted.sort_by(f64::total_cmp);
///     sorted[sorted.len() / 2]
/// }
///
/// let samples = [3.0, 1.0, 2.0, 7.0, 9.0, 8.0];
/// assert_eq!(median_parallel(samples.chunks(3)), [2.0, 8.0]);
/// ```
///
/// ## `per_item`
///
/// `per_item(rng = |i| expr, ..)` creates an argument for each item. The argument of the closure is
/// the index of the item in the input, a `usize`. With several mapped parameters it counts the
/// combinations. `f` takes `rng` by value or by `&mut`, and the generated functions do not have it.
/// The value depends on the item alone, so random numbers are the same on any number of threads.
/// The closure can use the same names as the expressions of [`per_thread`](#per_thread).
///
/// ```
/// # use parallelize::parallelize;
/// use rand::{Rng, SeedableRng, rngs::StdRng};
///
/// #[parallelize(over = n, per_item(rng = |i| StdRng::seed_from_u64(i as u64)))]
/// fn throw_dice(n: u32, rng: &mut StdRng) -> u32 {
///     (0..n).map(|_| rng.random_range(1..=6_u32)).sum()
/// }
///
/// let sums = throw_dice_parallel([10; 40]);
/// assert_eq!(sums[3], throw_dice(10, &mut StdRng::seed_from_u64(3)));
/// ```
///
/// ## `cancel`
///
/// `cancel = token` creates an [`ItemToken`] for each item. `f` takes it as `token: &ItemToken`,
/// and the generated functions do not have it. A long item asks it now and then: `is_cancelled`
/// returns `true` if an item below has failed, or if the call was stopped. A failure cancels only
/// items that the serial loop would not have run, so the first error stays that of the loop.
///
/// ```
/// # use parallelize::{ItemToken, parallelize};
/// #[parallelize(over = seed, cancel = token, try_collect)]
/// fn simulate(seed: u32, steps: u32, token: &ItemToken) -> Result<u32, String> {
///     let steps = (0..steps).take_while(|_| !token.is_cancelled());
///     let end = steps.fold(seed, |x, step| x.rotate_left(3) ^ step);
///     if seed > 0 { Ok(end) } else { Err("a seed must not be 0".to_owned()) }
/// }
///
/// assert!(simulate_parallel([0, 1, 2], 1_000_000).is_err()); // Ends early.
/// assert_eq!(simulate(7, 1, &ItemToken::new()), Ok(56));
/// ```
///
/// ## `try_collect`
///
/// For a function that returns a [`Result`] or an [`Option`]: `f_parallel` returns
/// `Result<Vec<T>, E>` or `Option<Vec<T>>`. That is all values, or the first error in input order,
/// no matter which thread fails first. After an error no more items are assigned, but some later
/// items may have run. If `f` returns `Result<(), E>`, so does `f_parallel`. In its documentation,
/// the return type is an `Output` of the trait [`Try`].
///
/// Errors move between threads, so their type must be `Send`. `Box<dyn Error>` is not: write
/// `Box<dyn Error + Send + Sync>`. The return type of `f` may be an alias, but not `impl Trait`.
/// The option has no effect on `f_parallel_iter`, which has the method
/// [`try_collect`](ParallelIter::try_collect). You cannot combine the option with `skip_none` or
/// `catch_panics`.
///
/// ```
/// # use parallelize::parallelize;
/// use std::num::ParseIntError;
///
/// #[parallelize(over = word, try_collect)]
/// fn number(word: &str, radix: u32) -> Result<u32, ParseIntError> {
///     u32::from_str_radix(word, radix)
/// }
///
/// assert_eq!(number_parallel("1 f".split(' '), 16), Ok(vec![1, 15]));
/// assert!(number_parallel("1 x 2".split(' '), 16).is_err());
/// ```
///
/// ## `skip_none`
///
/// For a function that returns an [`Option`]: drops each `None` and yields the values of the
/// others, so `f_parallel` returns a `Vec<T>`. A `None` takes no memory.
///
/// ```
/// # use parallelize::parallelize;
/// #[parallelize(over = word, skip_none)]
/// fn number(word: &str, radix: u32) -> Option<u32> {
///     u32::from_str_radix(word, radix).ok()
/// }
///
/// assert_eq!(number_parallel("1 x f".split(' '), 16), [1, 15]);
/// ```
///
/// ## `catch_panics`
///
/// Catches the panic of an item and continues with the others. Each result is a
/// `Result<R, ItemPanic>`, whose error [`ItemPanic`] has the index of the item and the message.
/// With `skip_none`, `R` is the type of the values in the `Option`. The panic hook still prints
/// each panic. A panic of the input iterator is not caught.
///
/// ```
/// # use parallelize::{ItemPanic, parallelize};
/// #[parallelize(over = i, catch_panics)]
/// fn element(i: usize, values: &[u8]) -> u8 {
///     values[i]
/// }
///
/// let results: Vec<Result<u8, ItemPanic>> = element_parallel([1, 7], &[10, 20]);
/// assert_eq!(*results[0].as_ref().unwrap(), 20);
/// assert_eq!(results[1].as_ref().unwrap_err().index(), 1);
/// ```
///
/// ## `threads`
///
/// `threads = n` runs each call on at most `n` threads, including the calling thread. If `n`
/// exceeds the size of the pool, the call gets additional threads, for work that waits rather than
/// computes. Each call evaluates the expression, a `usize`. It cannot use the parameters of `f`: if
/// the number is an argument, use the method [`ParallelIter::threads`], which overrides the option.
///
/// ```
/// # use parallelize::parallelize;
/// use std::{thread::sleep, time::Duration};
///
/// #[parallelize(over = millis, threads = 32)]
/// fn request(millis: u64) -> u64 {
///     sleep(Duration::from_millis(millis)); // Waits for a server.
///     millis
/// }
///
/// // 32 at a time, on any number of cores.
/// let replies = request_parallel([5; 64]);
/// // 8 at a time, in this call.
/// let slower: Vec<u64> = request_parallel_iter([5; 64]).threads(8).collect();
/// assert_eq!(replies, slower);
/// ```
///
/// ## `in_flight`
///
/// For an async function: `in_flight = n` runs at most `n` calls at a time. The default is 64. Each
/// call evaluates the expression, a `usize`, which cannot use the parameters of `f`. The method
/// [`ConcurrentIter::in_flight`] overrides it.
///
/// ## `local`
///
/// For an async function: the futures of the generated functions need not be [`Send`], so arguments
/// and results need not be either. Await them on one thread, as in a `LocalSet` of tokio.
///
/// ## `progress`
///
/// Shows a progress bar for calls that take longer than 0.3 s, if stderr is a terminal. The label
/// is the name of the function, or `progress = "label"`. The value can be any expression that
/// converts into a [`Progress`], such as a custom bar or a log for programs without a terminal, but
/// cannot use the parameters of `f`. The option needs the Cargo feature `progress`. The method
/// [`ParallelIter::progress`] overrides it.
///
///
#[cfg_attr(not(feature = "progress"), doc = "[`Progress`]: #cargo-features")]
#[cfg_attr(not(feature = "progress"), doc = "[`ParallelIter::progress`]: #cargo-features")]
///
/// ```
/// # use parallelize::parallelize;
/// # #[cfg(feature = "progress")]
/// #[parallelize(over = x, progress = "simulating")]
/// fn simulate(x: f64, steps: u32) -> f64 {
///     (0..steps).fold(x, |x, _| 3.9 * x * (1.0 - x))
/// }
///
/// # #[cfg(feature = "progress")]
/// let ends: Vec<f64> = simulate_parallel([0.2, 0.4, 0.6], 1_000);
/// ```
///
/// ## `checkpoint`
///
/// Lets a call of `f_parallel_iter` keep its results in a file, with the method
/// `checkpoint(&store)`. A later run of the program finds them by the values of the arguments,
/// which must be `serde::Serialize`; results also `serde::Deserialize`. `checkpoint(version = 2)`
/// makes earlier results unknown. The option needs the Cargo feature `checkpoint`, and Rust 1.90.
/// See [checkpoints](crate::guide::checkpoints), which also has examples.
///
/// ## `distributed`
///
/// Runs the items in all processes of the run: children on this machine, or the ranks of an MPI
/// program. Arguments and results must be `serde::Serialize` and `serde::Deserialize`. The option
/// needs the Cargo feature `distributed`. See [clusters](crate::guide::cluster).
///
/// ## `name`
///
/// `name = g` names the generated functions `g` and `g_iter` instead of `f_parallel` and
/// `f_parallel_iter`.
///
/// ```
/// # use parallelize::parallelize;
/// #[parallelize(over = n, name = squares)]
/// fn square(n: u64) -> u64 {
///     n * n
/// }
///
/// assert_eq!(squares(1..4), [1, 4, 9]);
/// assert_eq!(squares_iter(1..4).into_iter().sum::<u64>(), 14);
/// ```
///
/// ## `call`
///
/// `call = path` tells the generated functions how to call `f`. An associated function with neither
/// `self` nor `Self` in its signature needs it, because the macro cannot see the `impl` block. So
/// does a free function that shadows one from a glob import: write `call = self::f`.
///
/// ```
/// # use parallelize::parallelize;
/// struct Celsius;
///
/// impl Celsius {
///     #[parallelize(over = degrees, call = Self::from_fahrenheit)]
///     fn from_fahrenheit(degrees: f64) -> f64 {
///         (degrees - 32.0) / 1.8
///     }
/// }
///
/// let celsius = Celsius::from_fahrenheit_parallel([32.0, 212.0]);
/// assert_eq!(celsius, [0.0, 100.0]);
/// ```
///
/// ## `crate`
///
/// `crate = path` is the path of this crate, if you have renamed the dependency or use it through
/// another crate.
///
/// ```
/// # extern crate parallelize as par;
/// // In Cargo.toml: par = { package = "parallelize", version = "0.1" }
/// use par::parallelize;
///
/// #[parallelize(over = n, crate = par)]
/// fn square(n: u64) -> u64 {
///     n * n
/// }
///
/// assert_eq!(square_parallel(1..4), [1, 4, 9]);
/// ```
///
/// # Arguments and results
///
/// | in the signature of `f` | at the call | bounds |
/// |---|---|---|
/// | mapped parameter `x: T` | `impl IntoIterator<Item = T, IntoIter: Send>` | `T: Send` |
/// | fixed parameter `y: &U` | `&U`, which all threads share | `U: Sync` |
/// | fixed parameter `y: U` | `U`, which is cloned for each item | `U: Clone + Sync` |
/// | `&self` | shared like `&U` | `Self: Sync` |
/// | `self` | cloned like `U` | `Self: Clone + Sync` |
/// | result `R` | returned in a `Vec<R>` | `R: Send` |
///
/// * The input must yield exactly `T`: see the table [what to pass]. `T` may be a reference, also a
///   `&mut`.
/// * A call advances the input iterator on one thread at a time and pulls each item once, in order.
///   It pulls items ahead of the calls of `f`, but nothing after the first [`None`].
/// * Pass large fixed arguments by reference, because clones take time. A fixed `&mut` and
///   `&mut self` are refused.
/// * Trait objects need the bounds in their types: a fixed `&(dyn Shape + Sync)`, and a result with
///   `Box<dyn Error + Send + Sync>`.
/// * If a type mentions a type parameter or `Self`, its bounds become part of the `where` clauses
///   of the generated functions. Other types are checked at the definition of `f`. Type parameters
///   of an enclosing `impl` are recognized only if they are a single capital letter.
/// * Write the lifetimes of the mapped parameter and of the result: `row: Row<'_>`, not `row: Row`.
/// * For an async function, `y: U` and `self` need `Clone + Send`. With `local`, they need only
///   `Clone`, and the other bounds fall away. `threads`, `per_thread` and `cancel` are refused.
///
/// # Panics
///
/// A generated function panics, with the location of the call, if `threads` or `in_flight` is 0, if
/// the lengths of a zip are known to differ, or if a product is known to have more than
/// `usize::MAX` combinations.
///
/// A call also panics if the input iterator panics or, without `catch_panics`, `f`. The panic is
/// the one that the serial loop would have met first. Later items may have run. A panic in an
/// expression of `per_thread` or `per_item` counts as a panic of the item that needed the value. An
/// input of a zip that ends before the known length is a panic of the input.
///
/// # Cost
///
/// The calling thread works too. Worker threads come from [rayon](https://docs.rs/rayon): from the
/// pool in which you make the call, or else from the global pool. A call wakes them only if the
/// remaining work is worth it, judging by the time of its first items and by earlier calls. A call
/// that is too small for them takes at most 130 ns longer than the serial loop (median on two cores
/// of a virtual machine). After a pause or next to long calls it takes longer: see
/// [tuning](crate::guide::tuning). The environment variable `PARALLELIZE_THREADS` limits the
/// threads of every call. With 1, every call is a serial loop.
///
/// # Cargo features
///
/// No feature is on by default.
///
/// * `progress` enables the option and the method `progress`. The bars are drawn by
///   [`indicatif`](https://docs.rs/indicatif).
/// * `checkpoint` enables the option and the method `checkpoint`, whose files are those of
///   [`redb`](https://docs.rs/redb). It needs Rust 1.90.
/// * `distributed` enables the option `distributed`.
/// * `tracing` gives each call a span of [`tracing`](https://docs.rs/tracing), named `call`, with
///   the level `DEBUG` and the target `parallelize`. Its fields are the path of the `function`, the
///   number of `items` if the input knows it, and the number of `threads` that may work on the
///   call. An event at the end has the fields `function`, `elapsed`, `items` (finished), `workers`
///   (worker threads that ran items), `idle` (their time without items) and `panicked`. All threads
///   of a call enter the span, or the current span of the calling thread if the span of the call is
///   disabled. The span of an async call is entered in each poll. Without a subscriber, a call
///   takes about 10 ns longer.
///
/// # Methods, traits and the rest
///
/// If `f` is a method, so are the generated functions, and `self` is fixed:
///
/// ```
/// # use parallelize::parallelize;
/// struct Line {
///     slope: f64,
/// }
///
/// impl Line {
///     #[parallelize(over = x)]
///     fn at(&self, x: f64, offset: f64) -> f64 {
///         self.slope * x + offset
///     }
/// }
///
/// assert_eq!(Line { slope: 2.0 }.at_parallel([1.0, 2.0], 0.5), [2.5, 4.5]);
/// ```
///
/// For a trait, annotate the function in the trait, not in an `impl`. All types that implement the
/// trait then have the generated functions. These require `Self: Sized`, so the trait stays dyn
/// compatible.
///
/// ```
/// # use parallelize::parallelize;
/// trait Shape {
///     #[parallelize(over = scale)]
///     fn area(&self, scale: f64) -> f64;
/// }
///
/// struct Square(f64);
///
/// impl Shape for Square {
///     fn area(&self, scale: f64) -> f64 {
///         (scale * self.0).powi(2)
///     }
/// }
///
/// assert_eq!(Square(3.0).area_parallel([1.0, 2.0]), [9.0, 36.0]);
/// ```
///
/// A generic function keeps its bounds, and the generated functions add `Send` and `Sync` if
/// needed:
///
/// ```
/// # use parallelize::parallelize;
/// #[parallelize(over = value)]
/// fn rank<T: PartialOrd>(value: T, sorted: &[T]) -> usize {
///     sorted.partition_point(|other| *other < value)
/// }
///
/// assert_eq!(rank_parallel([2.5, 0.0], &[1.0, 2.0, 3.0]), [2, 0]);
/// ```
///
/// * The functions generated for an `unsafe fn` are `unsafe`. Those generated for a `const fn` or
///   an `extern` function are not `const` or `extern`.
/// * The generated functions inherit the attributes `cfg`, `allow`, `deprecated`, `doc(hidden)`,
///   `track_caller` and `target_feature`, also inside `cfg_attr`. They inherit `expect` as `allow`.
/// * A variadic function and a function that returns `!` are refused.
///
/// [what to pass]: crate::guide::inputs#what-to-pass
/// [`cancel_with`]: ParallelIter::cancel_with
/// [`timeout`]: ParallelIter::timeout
/// [`in_flight`]: ParallelIter::in_flight
pub use parallelize_macros::parallelize;
