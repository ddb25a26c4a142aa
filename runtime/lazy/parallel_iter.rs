//! Decides what can be asked of a call before it runs: on how many threads, what items yield, what may stop it.

use crate::engine::settings::Settings;
use crate::lazy::apply::{Apply, CatchPanics};
use crate::lazy::cancel_token::CancelToken;
use crate::lazy::stop::{Never, Stops};
use crate::lazy::yields::{Every, SkipNone, Yield};
use std::fmt::{self, Debug, Formatter};
use std::iter::Enumerate;
use std::marker::PhantomData;
use std::time::Duration;

#[cfg(feature = "progress")]
use crate::lazy::watched::Watched;
#[cfg(feature = "progress")]
use crate::report::progress::Progress;

/// How many items a stream holds at most, if nothing else is said.
const DEFAULT_IN_FLIGHT_ITEMS: usize = 16_384;

/// Calls of a function that have not run yet: what `f_parallel_iter` returns.
///
/// Nothing runs until it is collected or looped over:
///
/// * [`collect`](Self::collect) and [`try_collect`](Self::try_collect) run all items and return the results, in the order of the input;
///   [`collect_into_vec`](Self::collect_into_vec) puts them in a vector that is there already;
/// * a `for` loop, [`for_each`](Self::for_each) and [`try_for_each`](Self::try_for_each) stream: they hand over the results as they come, in the order of
///   the input, and hold a bounded number of items however long that is, endless included.
///
/// Before that it may be told how: [`threads`](Self::threads), [`in_flight`](Self::in_flight), [`skip_none`](Self::skip_none),
/// [`catch_panics`](Self::catch_panics), [`cancel_with`](Self::cancel_with), [`timeout`](Self::timeout).
///
/// The type names the input `I`, the function `F`, what items yield `Y` ([`Every`] result, or [`SkipNone`]), and what may stop the call `S`
/// ([`Never`], or [`Stops`]). It may borrow: what the function borrows, it borrows, and it cannot outlive that.
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
/// // Looped over: in order, and in bounded memory.
/// for (number, roses) in count_parallel_iter(text.lines(), "rose").into_iter().enumerate() {
///     println!("{roses} in line {number}");
/// }
///
/// // Collected, into whatever can be made of results.
/// let most = count_parallel_iter(text.lines(), "a").collect::<std::collections::BTreeSet<_>>().pop_last();
/// assert_eq!(most, Some(1));
/// ```
///
/// What is borrowed has to live as long:
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
    pub(crate) input: I,
    pub(crate) f: F,
    pub(crate) settings: Settings,
    pub(crate) in_flight: usize,
    pub(crate) stop: S,
    pub(crate) yields: PhantomData<Y>,
}

impl<I, F, Y> ParallelIter<I, F, Y> {
    #[inline]
    pub(crate) fn new(settings: Settings, input: I, f: F) -> Self {
        ParallelIter { input, f, settings, in_flight: DEFAULT_IN_FLIGHT_ITEMS, stop: Never, yields: PhantomData }
    }
}

impl<I, F, Y, S> ParallelIter<I, F, Y, S> {
    /// At most `threads` threads work on the call, the caller counted; with more than the pool has, for work that waits, in a pool of their own.
    /// Overrides what the attribute says. With 1 all is done on the calling thread, in a plain loop.
    ///
    /// A pool of its own is kept for the next call that asks for as many threads; making it takes about 20 us a thread.
    ///
    /// # Panics
    ///
    /// If `threads` is 0.
    ///
    /// ```
    /// # use parallelize::parallelize;
    /// #[parallelize]
    /// fn wait(millis: u64) -> u64 {
    ///     std::thread::sleep(std::time::Duration::from_millis(millis));
    ///     millis
    /// }
    ///
    /// // As long as the longest of them, on however few cores.
    /// assert_eq!(wait_parallel_iter([10; 16]).threads(16).collect::<Vec<_>>().len(), 16);
    /// ```
    #[track_caller]
    pub fn threads(mut self, threads: usize) -> Self {
        self.settings = self.settings.threads(threads);
        self
    }

    /// A stream holds at most `items` items and results; if nothing is said, 16 384. Of no meaning where all results are collected.
    ///
    /// Say it where items or results are large. A stream holds as many as take some milliseconds, and never more than this; with fewer than
    /// twice the threads, these wait for each other.
    ///
    /// # Panics
    ///
    /// If `items` is 0.
    ///
    /// ```
    /// # use parallelize::parallelize;
    /// #[parallelize]
    /// fn image(n: u8) -> Vec<u8> {
    ///     vec![n; 1_000_000]
    /// }
    ///
    /// // At most 10 MB at a time, of 200.
    /// let brightest = image_parallel_iter(0..200).in_flight(10).into_iter().map(|image| image[0]).max();
    /// assert_eq!(brightest, Some(199));
    /// ```
    #[track_caller]
    pub fn in_flight(mut self, items: usize) -> Self {
        assert!(items > 0, "`in_flight` is 0, and a stream holds at least 1 item");
        self.in_flight = items;
        self
    }

    /// An item whose call panics yields an [`ItemPanic`](crate::ItemPanic), and the others their results: each is a [`Result`]. A panic still goes
    /// through the panic hook, which prints it.
    ///
    /// What a panicking call leaves behind in what it shares with others is as it is after
    /// [`catch_unwind`](std::panic::catch_unwind): a lock that it held is poisoned. A panic of the input's own `next` is not caught. It costs some
    /// nanoseconds an item.
    ///
    /// ```
    /// # use parallelize::parallelize;
    /// #[parallelize(over = i)]
    /// fn nth(i: usize, values: &[i32]) -> i32 {
    ///     values[i]
    /// }
    ///
    /// let results: Vec<_> = nth_parallel_iter([1, 9], &[10, 20]).catch_panics().collect();
    /// assert_eq!(*results[0].as_ref().unwrap(), 20);
    /// assert_eq!(results[1].as_ref().unwrap_err().index(), 1);
    /// ```
    pub fn catch_panics(self) -> ParallelIter<Enumerate<I>, CatchPanics<F>, Y, S>
    where
        I: Iterator,
    {
        let ParallelIter { input, f, settings, in_flight, stop, yields } = self;
        ParallelIter { input: input.enumerate(), f: CatchPanics(f), settings, in_flight, stop, yields }
    }

    /// The call stops when `token` is cancelled: each of its threads after the item that it is running, which cannot be interrupted. What was
    /// finished by then is not lost: the terminals return it with an [`Interrupted`](crate::Interrupted), or have handed it over.
    ///
    /// Of several tokens each stops the call. It costs a nanosecond an item. The token is looked at before each item, so a call whose input waits, or
    /// leaves out all it has, does not see it.
    ///
    /// ```
    /// # use parallelize::{CancelToken, parallelize};
    /// #[parallelize(over = n)]
    /// fn search(n: u64, token: &CancelToken) -> u64 {
    ///     if n == 1_000 {
    ///         token.cancel();
    ///     }
    ///     n
    /// }
    ///
    /// let token = CancelToken::new();
    /// let interrupted = search_parallel_iter(0.., &token).cancel_with(&token).collect::<Vec<_>>().unwrap_err();
    /// assert!(interrupted.completed.iter().copied().eq(0..interrupted.completed.len() as u64));
    /// ```
    pub fn cancel_with(self, token: &CancelToken) -> ParallelIter<I, F, Y, Stops>
    where
        S: Into<Stops>,
    {
        self.stops(|stops| stops.tokens.push(token.clone()))
    }

    /// The call stops when so much time has passed since it began to pull items, each of its threads after the item that it is running, which
    /// cannot be interrupted. Otherwise it is as with [`cancel_with`](Self::cancel_with); of several deadlines the first counts.
    ///
    /// It costs a look at the clock an item, some 20 nanoseconds.
    ///
    /// ```
    /// # use parallelize::{StopReason, parallelize};
    /// # use std::time::Duration;
    /// #[parallelize]
    /// fn collatz(n: u64) -> u32 {
    ///     std::iter::successors(Some(n), |n| Some(if n % 2 == 0 { n / 2 } else { 3 * n + 1 })).take_while(|n| *n > 1).count() as u32
    /// }
    ///
    /// let interrupted = collatz_parallel_iter(1..).timeout(Duration::from_millis(20)).collect::<Vec<_>>().unwrap_err();
    /// assert_eq!(interrupted.reason, StopReason::TimedOut);
    /// println!("the longest of {}: {:?} steps", interrupted.completed.len(), interrupted.completed.iter().max());
    /// ```
    pub fn timeout(self, timeout: Duration) -> ParallelIter<I, F, Y, Stops>
    where
        S: Into<Stops>,
    {
        self.stops(|stops| stops.timeout = Some(stops.timeout.map_or(timeout, |before| before.min(timeout))))
    }

    /// Shows how many items are finished, on a terminal: `progress` is a label, or a bar of one's own; see [`Progress`]. Overrides what
    /// the attribute says. Needs the cargo feature `progress`.
    ///
    /// The bar shows of how many, where the input knows. It is there from when the call begins to when it ends; of a stream, until it is dropped. Items that panic and are caught count as finished. It costs less than a
    /// nanosecond an item, and where the standard error is no terminal, nothing.
    ///
    /// What is printed meanwhile is mixed with the line that the bar is drawn in; [`println`](indicatif::ProgressBar::println) of a bar of one's own keeps them apart.
    ///
    /// ```
    /// # use parallelize::parallelize;
    /// #[parallelize(over = x)]
    /// fn simulate(x: f64, steps: u32) -> f64 {
    ///     (0..steps).fold(x, |x, _| x.sin())
    /// }
    ///
    /// let xs = (0..100).map(f64::from);
    /// let ys: Vec<f64> = simulate_parallel_iter(xs, 1_000).progress("simulating").collect();
    /// assert_eq!(ys.len(), 100);
    /// ```
    #[cfg(feature = "progress")]
    pub fn progress(self, progress: impl Into<Progress>) -> ParallelIter<I, Watched<F>, Y, S>
    where
        I: Iterator,
        F: Apply<I::Item>,
    {
        let ParallelIter { input, mut f, settings, in_flight, stop, yields } = self;
        f.unwatch();
        let f = Watched::new(progress.into(), &input, f);
        ParallelIter { input, f, settings, in_flight, stop, yields }
    }

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
    /// Leaves out the `None`s of a function that returns an [`Option`]; the others yield what is in it. With
    /// [`catch_panics`](Self::catch_panics), before it or after, a `Result` of it.
    ///
    /// Collecting holds a place for each item, `None`s too, until all are run.
    ///
    /// ```
    /// # use parallelize::parallelize;
    /// #[parallelize(over = word)]
    /// fn number(word: &str, radix: u32) -> Option<u32> {
    ///     u32::from_str_radix(word, radix).ok()
    /// }
    ///
    /// let numbers: Vec<u32> = number_parallel_iter("12 twelve 13".split(' '), 10).skip_none().collect();
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

/// What it was told; not the input, nor the function.
impl<I, F, Y, S: Debug> Debug for ParallelIter<I, F, Y, S> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParallelIter")
            .field("threads", &self.settings.threads)
            .field("in_flight", &self.in_flight)
            .field("stop", &self.stop)
            .finish_non_exhaustive()
    }
}
