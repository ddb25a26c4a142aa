//! A lazy call and its options: its threads, what its items yield, and what may stop it.

use crate::engine::settings::Settings;
use crate::input::split::Input;
use crate::lazy::apply::{Apply, CatchPanics};
use crate::lazy::cancel_token::CancelToken;
use crate::lazy::stop::{Never, Stops};
use crate::lazy::yields::{Every, SkipNone, Yield};
use std::fmt::{self, Debug, Formatter};
use std::iter::Enumerate;
use std::marker::PhantomData;
use std::time::Duration;

#[cfg(feature = "checkpoint")]
use crate::checkpoint::checkpoint::Checkpoint;
#[cfg(feature = "checkpoint")]
use crate::lazy::kept::Checkpointed;
#[cfg(feature = "progress")]
use crate::lazy::watched::Watched;
#[cfg(feature = "progress")]
use crate::report::progress::Progress;

/// Default of the maximum number of items that a stream holds.
const DEFAULT_IN_FLIGHT_ITEMS: usize = 16_384;

/// A lazy call: the calls of a function for all items of an input, which have not run yet.
///
/// `f_parallel_iter` and [`map`](crate::map) return it. Nothing runs until you call one of the
/// terminals, or loop over it.
///
/// *Terminals that return all results*, in input order:
///
/// * [`collect`](Self::collect) collects them into any collection.
/// * [`try_collect`](Self::try_collect) collects the values of a [`Result`] or an [`Option`], or
///   returns the first error.
/// * [`collect_into_vec`](Self::collect_into_vec) reuses the memory of a vector.
///
/// *Terminals that search*, and end the call at the first match in input order:
///
/// * [`find`](Self::find), [`find_map`](Self::find_map) and [`first`](Self::first) return it.
/// * [`position`](Self::position) returns its index.
/// * [`any`](Self::any) and [`all`](Self::all) return whether there is one.
///
/// *Streams*, which yield the results one by one in input order. They hold a bounded number of
/// items in memory, so the input may be endless:
///
/// * A `for` loop, or [`into_iter`](Self::into_iter), turns the call into an iterator.
/// * [`for_each`](Self::for_each) passes each result to a closure.
/// * [`try_for_each`](Self::try_for_each) does the same, until the closure returns an error.
///
/// *Options*, which you set before you run the call:
///
/// * [`threads`](Self::threads) limits the number of threads.
/// * [`in_flight`](Self::in_flight) limits the memory of a stream.
/// * [`skip_none`](Self::skip_none) leaves out each `None`.
/// * [`catch_panics`](Self::catch_panics) yields a panic as an error.
/// * [`cancel_with`](Self::cancel_with) stops the call when a token is cancelled. The token
///   resembles `CancellationToken` of tokio-util.
/// * [`timeout`](Self::timeout) stops the call after a given time.
#[cfg_attr(feature = "checkpoint", doc = "* [`checkpoint`](Self::checkpoint) keeps results in a file.")]
#[cfg_attr(
    not(feature = "checkpoint"),
    doc = "* `checkpoint` keeps results in a file, with the Cargo feature `checkpoint`."
)]
#[cfg_attr(feature = "progress", doc = "* [`progress`](Self::progress) shows a progress bar.")]
#[cfg_attr(not(feature = "progress"), doc = "* `progress` shows a progress bar, with the Cargo feature `progress`.")]
///
/// The type parameters are the input iterator `I`, the function `F`, what items yield `Y`
/// ([`Every`] result, or [`SkipNone`]), and what may stop the call `S` ([`Never`], or [`Stops`]).
/// The call borrows whatever its arguments borrow, and cannot outlive them.
///
/// # Examples
///
/// ```
/// use parallelize::parallelize;
///
/// #[parallelize(over = line)]
/// fn count(line: &str, word: &str) -> usize {
///     line.split(' ').filter(|other| *other == word).count()
/// }
///
/// let text = String::from("a rose\nis a rose\nis a rose");
///
/// // Collect all results:
/// let counts: Vec<usize> =
///     count_parallel_iter(text.lines(), "rose").collect();
/// assert_eq!(counts, [1, 1, 1]);
///
/// // Or process them one by one, in order:
/// for (number, count) in
///     count_parallel_iter(text.lines(), "a").into_iter().enumerate()
/// {
///     println!("line {number}: {count}");
/// }
/// ```
///
/// The arguments must outlive the call:
///
/// ```compile_fail,E0505
/// use parallelize::parallelize;
///
/// #[parallelize(over = x)]
/// fn scale(x: f64, factors: &[f64]) -> f64 {
///     factors.iter().map(|factor| x * factor).sum()
/// }
///
/// let factors = vec![1.0, 2.0];
/// let calls = scale_parallel_iter([1.0], &factors);
/// drop(factors);
/// calls.collect::<Vec<_>>();
/// ```
#[must_use = "nothing runs until it is collected or looped over"]
pub struct ParallelIter<I, F, Y = Every, S = Never> {
    pub(crate) input: Input<I>,
    pub(crate) f: F,
    pub(crate) settings: Settings,
    pub(crate) in_flight: usize,
    pub(crate) stop: S,
    pub(crate) yields: PhantomData<fn() -> Y>,
}

impl<I, F, Y> ParallelIter<I, F, Y> {
    #[inline]
    pub(crate) fn new(settings: Settings, input: Input<I>, f: F) -> Self {
        ParallelIter { input, f, settings, in_flight: DEFAULT_IN_FLIGHT_ITEMS, stop: Never, yields: PhantomData }
    }
}

/// # Options
///
/// These methods set how the call runs. None of them runs an item.
impl<I, F, Y, S> ParallelIter<I, F, Y, S> {
    /// Limits the call to `threads` threads, including the calling thread.
    ///
    /// Overrides the option `threads` of the attribute. With 1, everything runs on the calling
    /// thread, like the serial loop. The default is the number of threads of the surrounding rayon
    /// pool, which usually is the global one.
    ///
    /// If `threads` exceeds that number, the call gets additional threads, which belong to no rayon
    /// pool. This is useful for functions that wait, for example for a network. There are at most
    /// as many threads as items, if the input knows their number. All calls share these threads.
    /// Creating one takes about 20 us, and it ends when it has been idle for 10 s.
    ///
    /// The environment variable `PARALLELIZE_THREADS` limits the threads of every call.
    ///
    /// # Panics
    ///
    /// If `threads` is 0.
    ///
    /// # Examples
    ///
    /// ```
    /// # use parallelize::parallelize;
    /// # use std::thread;
    /// # use std::time::Duration;
    /// #[parallelize]
    /// fn wait(millis: u64) -> u64 {
    ///     thread::sleep(Duration::from_millis(millis));
    ///     millis
    /// }
    ///
    /// // All of them wait at the same time, even on a single core.
    /// let waits = wait_parallel_iter([10; 16]).threads(16);
    /// assert_eq!(waits.collect::<Vec<_>>(), [10; 16]);
    /// ```
    #[track_caller]
    pub fn threads(mut self, threads: usize) -> Self {
        self.settings = self.settings.threads(threads);
        self
    }

    /// Limits a stream to `items` items and results in memory at a time.
    ///
    /// The default is 16,384. A stream holds some milliseconds of work, and never more than this
    /// limit. Set a lower limit if items or results are large. With a limit below twice the number
    /// of threads, threads wait for each other.
    ///
    /// Has no effect on [`collect`](Self::collect), [`try_collect`](Self::try_collect) and
    /// [`collect_into_vec`](Self::collect_into_vec), which hold all results.
    ///
    /// # Panics
    ///
    /// If `items` is 0.
    ///
    /// # Examples
    ///
    /// ```
    /// # use parallelize::parallelize;
    /// #[parallelize]
    /// fn image(gray: u8) -> Vec<u8> {
    ///     vec![gray; 1_000_000]
    /// }
    ///
    /// // Of the 200 images of 1 MB, at most 10 are in memory at a time.
    /// let images = image_parallel_iter(0..200).in_flight(10);
    /// let brightest = images.into_iter().map(|image| image[0]).max();
    /// assert_eq!(brightest, Some(199));
    /// ```
    #[track_caller]
    pub fn in_flight(mut self, items: usize) -> Self {
        assert!(items > 0, "`in_flight` must be at least 1");
        self.in_flight = items;
        self
    }

    /// Catches the panics of the function, and yields each as an [`ItemPanic`](crate::ItemPanic).
    ///
    /// Each item then yields a [`Result`], whose `Ok` is the result of the function. The call goes
    /// on after a panic. It costs a few nanoseconds per item.
    ///
    /// The panic hook still runs, and prints each panic. As after
    /// [`catch_unwind`](std::panic::catch_unwind), a lock that a panicking item held is poisoned. A
    /// panic of the input iterator is not caught.
    ///
    /// # Examples
    ///
    /// ```
    /// # use parallelize::parallelize;
    /// #[parallelize(over = i)]
    /// fn nth(i: usize, values: &[i32]) -> i32 {
    ///     values[i]
    /// }
    ///
    /// let calls = nth_parallel_iter([1, 9], &[10, 20]).catch_panics();
    /// let results: Vec<_> = calls.collect();
    /// assert_eq!(*results[0].as_ref().unwrap(), 20);
    /// assert_eq!(results[1].as_ref().unwrap_err().index(), 1);
    /// ```
    pub fn catch_panics(self) -> ParallelIter<Enumerate<I>, CatchPanics<F>, Y, S>
    where
        I: Iterator,
    {
        let ParallelIter { input, f, settings, in_flight, stop, yields } = self;
        let input = Input::unknown(input.items.enumerate());
        ParallelIter { input, f: CatchPanics(f), settings, in_flight, stop, yields }
    }

    /// Stops the call when `token` is cancelled.
    ///
    /// The token is checked before each item, which costs about 1 ns per item. A running item
    /// cannot be stopped, so each thread first finishes its item. The call does not notice the
    /// token while its input iterator blocks or filters out everything.
    ///
    /// The terminals of the returned call return a `Result`. The error of
    /// [`collect`](Self::collect) and [`try_collect`](Self::try_collect) has all finished results;
    /// see [`Interrupted`](crate::Interrupted).
    ///
    /// You can call this method several times. Any one of the tokens then stops the call.
    ///
    /// # Examples
    ///
    /// ```
    /// # use parallelize::{CancelToken, StopReason, parallelize};
    /// #[parallelize]
    /// fn count_divisors(n: u64) -> usize {
    ///     (1..=n).filter(|i| n % i == 0).count()
    /// }
    ///
    /// let token = CancelToken::new();
    /// let calls = count_divisors_parallel_iter(1..).cancel_with(&token);
    ///
    /// // Usually another thread does this, while the call runs.
    /// token.cancel();
    /// let interrupted = calls.collect::<Vec<_>>().unwrap_err();
    /// assert_eq!(interrupted.reason, StopReason::Cancelled);
    /// ```
    pub fn cancel_with(self, token: &CancelToken) -> ParallelIter<I, F, Y, Stops>
    where
        S: Into<Stops>,
    {
        self.stops(|stops| stops.tokens.push(token.clone()))
    }

    /// Stops the call when it has run for `timeout`.
    ///
    /// The time starts when the call begins to pull items. For a stream, it includes the time of
    /// the loop body. The clock is read before each item, which costs about 20 ns per item.
    /// Everything else is as for [`cancel_with`](Self::cancel_with).
    ///
    /// If you call this method several times, the shortest timeout counts.
    ///
    /// # Examples
    ///
    /// ```
    /// # use parallelize::{StopReason, parallelize};
    /// # use std::time::Duration;
    /// #[parallelize]
    /// fn count_divisors(n: u64) -> usize {
    ///     (1..=n).filter(|i| n % i == 0).count()
    /// }
    ///
    /// let calls = count_divisors_parallel_iter(1..);
    /// let limit = Duration::from_millis(20);
    /// let interrupted = calls.timeout(limit).collect::<Vec<_>>().unwrap_err();
    /// assert_eq!(interrupted.reason, StopReason::TimedOut);
    /// println!("{} numbers are finished", interrupted.completed.len());
    /// ```
    pub fn timeout(self, timeout: Duration) -> ParallelIter<I, F, Y, Stops>
    where
        S: Into<Stops>,
    {
        self.stops(|stops| stops.timeout = Some(stops.timeout.map_or(timeout, |other| other.min(timeout))))
    }

    /// Keeps the results in a file, and takes from there what an earlier run
    /// has computed. Needs the Cargo feature `checkpoint`.
    ///
    /// The function needs the [option](macro@crate::parallelize#checkpoint)
    /// `checkpoint` in its attribute. A result is found again by the function,
    /// by the values of its fixed arguments and by its item. So you can
    /// interrupt the program at any time, and start it again.
    ///
    /// The call returns once all of its results are on the disk. If the file cannot be written, the
    /// call is stopped. Its terminals return a `Result`, as for
    /// [`cancel_with`](Self::cancel_with), and [`Checkpoint::failure`] returns the error.
    ///
    /// If you call this method again, the new checkpoint replaces the one before.
    ///
    /// # Examples
    ///
    /// ```
    /// # use parallelize::{Checkpoint, parallelize};
    /// # let folder = std::env::temp_dir();
    /// # let path = folder.join(format!("sweep-{}.redb", std::process::id()));
    /// #[parallelize(over = x, checkpoint)]
    /// fn simulate(x: f64, steps: u32) -> f64 {
    ///     (0..steps).fold(x, |x, _| x.sin())
    /// }
    ///
    /// # std::fs::remove_file(&path).ok();
    /// let store = Checkpoint::open(&path)?; // For example "sweep.redb".
    /// let xs = (0..100).map(f64::from);
    /// let calls = simulate_parallel_iter(xs, 1_000).checkpoint(&store);
    /// let results: Vec<f64> = calls.collect()?;
    ///
    /// // Of these, only the last 10 are computed.
    /// let xs = (0..110).map(f64::from);
    /// let calls = simulate_parallel_iter(xs, 1_000).checkpoint(&store);
    /// let more: Vec<f64> = calls.collect()?;
    /// assert_eq!(more[..100], results);
    /// # assert_eq!(store.summary().unwrap().computed, 10);
    /// # std::fs::remove_file(&path).ok();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "checkpoint")]
    pub fn checkpoint(self, store: &Checkpoint) -> ParallelIter<I, F, Y, Stops>
    where
        F: Checkpointed,
        S: Into<Stops>,
    {
        let ParallelIter { input, mut f, settings, in_flight, stop, yields } = self;
        let mut stop = stop.into();
        f.keep(store, &mut stop);
        ParallelIter { input, f, settings, in_flight, stop, yields }
    }

    /// Shows a progress bar on the terminal, or writes a log. Needs the Cargo feature `progress`.
    ///
    /// `progress` is a label, your own [`ProgressBar`](indicatif::ProgressBar), or a [`Progress`],
    /// which can also have a log. Overrides the option `progress` of the attribute.
    ///
    /// The bar shows the number of finished items. If the input knows its length, the bar shows the
    /// total as well. The bar of a label disappears when the call ends, or when the stream is
    /// dropped. A caught panic counts as a finished item.
    ///
    /// The cost is below 1 ns per item. A label without a log costs nothing if the standard error
    /// is not a terminal.
    ///
    /// If the program prints while the bar is visible, its text mixes with the line of the bar. To
    /// avoid this, use your own bar and its method [`println`](indicatif::ProgressBar::println).
    ///
    /// # Examples
    ///
    /// ```
    /// # use parallelize::parallelize;
    /// #[parallelize(over = start)]
    /// fn simulate(start: f64, steps: u32) -> f64 {
    ///     (0..steps).fold(start, |x, _| x.sin())
    /// }
    ///
    /// let starts = (0..100).map(f64::from);
    /// let calls = simulate_parallel_iter(starts, 1_000);
    /// let ends: Vec<f64> = calls.progress("simulating").collect();
    /// assert_eq!(ends.len(), 100);
    /// ```
    #[cfg(feature = "progress")]
    pub fn progress(self, progress: impl Into<Progress>) -> ParallelIter<I, Watched<F>, Y, S>
    where
        I: Iterator,
        F: Apply<I::Item>,
    {
        let ParallelIter { input, mut f, settings, in_flight, stop, yields } = self;
        f.unwatch();
        let f = Watched::new(progress.into(), &input.items, f);
        ParallelIter { input, f, settings, in_flight, stop, yields }
    }

    /// Changes what may stop the call.
    fn stops(self, change: impl FnOnce(&mut Stops)) -> ParallelIter<I, F, Y, Stops>
    where
        S: Into<Stops>,
    {
        let ParallelIter { input, f, settings, in_flight, stop, yields } = self;
        let mut stop = stop.into();
        change(&mut stop);
        ParallelIter { input, f, settings, in_flight, stop, yields }
    }
}

impl<I, F, S> ParallelIter<I, F, Every, S> {
    /// Leaves out each `None`, and yields the values of the others.
    ///
    /// The function must return an [`Option`]. With [`catch_panics`](Self::catch_panics), before or
    /// after this method, each value is the `Ok` of a [`Result`].
    ///
    /// A `None` takes no memory, except in a stream until its block is finished.
    ///
    /// # Examples
    ///
    /// ```
    /// # use parallelize::parallelize;
    /// #[parallelize(over = word)]
    /// fn number(word: &str, radix: u32) -> Option<u32> {
    ///     u32::from_str_radix(word, radix).ok()
    /// }
    ///
    /// let words = "12 twelve 13".split(' ');
    /// let numbers: Vec<u32> =
    ///     number_parallel_iter(words, 10).skip_none().collect();
    /// assert_eq!(numbers, [12, 13]);
    /// ```
    pub fn skip_none(self) -> ParallelIter<I, F, SkipNone, S>
    where
        I: Iterator,
        F: Apply<I::Item>,
        SkipNone: Yield<F::Output>,
    {
        let ParallelIter { input, f, settings, in_flight, stop, .. } = self;
        ParallelIter { input, f, settings, in_flight, stop, yields: PhantomData }
    }
}

/// Shows the options, without the input and the function.
impl<I, F, Y, S: Debug> Debug for ParallelIter<I, F, Y, S> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParallelIter")
            .field("threads", &self.settings.threads)
            .field("in_flight", &self.in_flight)
            .field("stop", &self.stop)
            .finish_non_exhaustive()
    }
}
