//! Calls of an async function that have not begun, and their options.

use crate::concurrent::settle::{Caught, Settle, Uncaught, WithNone};
use crate::concurrent::until::{StopSignal, Until};
use crate::concurrent::watch::Watch;
use crate::lazy::apply::Apply;
use crate::lazy::stop::Never;
use crate::lazy::yields::Every;
use std::fmt::{self, Debug, Formatter};
use std::marker::PhantomData;

#[cfg(feature = "checkpoint")]
use crate::checkpoint::checkpoint::Checkpoint;
#[cfg(feature = "checkpoint")]
use crate::concurrent::until::Kept;
#[cfg(feature = "progress")]
use crate::input::zip::exact_length;
#[cfg(feature = "checkpoint")]
use crate::lazy::kept::Checkpointed;
#[cfg(feature = "checkpoint")]
use crate::lazy::stop::Stops;

#[cfg(feature = "progress")]
use crate::report::progress::Progress;

/// Default of the maximum number of calls at a time, because a process may have only 256 open files
/// on macOS.
const DEFAULT_IN_FLIGHT_CALLS: usize = 64;

/// The calls of an async function for all items of an input, which have not begun yet.
///
/// `f_parallel_iter` returns it if the annotated function is async. Nothing runs until you call one
/// of the terminals and await the future that it returns. That future runs up to
/// [`in_flight`](Self::in_flight) calls at a time, all of them in the task that awaits it. It needs
/// no particular runtime, starts no task or thread, and may borrow. If you drop it, it drops the
/// calls.
///
/// *Terminals*, which take the results in input order:
///
/// * [`collect`](Self::collect) collects them into any collection.
/// * [`try_collect`](Self::try_collect) collects the values of a [`Result`] or an [`Option`], or
///   returns the first error.
/// * [`for_each`](Self::for_each) passes each result to an async closure.
/// * [`try_for_each`](Self::try_for_each) does the same, until the closure returns an error.
///
/// [`for_each_unordered`](Self::for_each_unordered) and
/// [`try_for_each_unordered`](Self::try_for_each_unordered) pass each result on as soon as it is
/// there.
///
/// *Options*, which you set before:
///
/// * [`in_flight`](Self::in_flight) limits the number of calls at a time.
/// * [`skip_none`](Self::skip_none) leaves out each `None`.
/// * [`catch_panics`](Self::catch_panics) yields a panic as an error.
/// * [`until`](Self::until) stops the calls when a future is ready, for example a timer.
#[cfg_attr(feature = "checkpoint", doc = "* [`checkpoint`](Self::checkpoint) keeps results in a file.")]
#[cfg_attr(
    not(feature = "checkpoint"),
    doc = "* `checkpoint` keeps results in a file, with the Cargo feature `checkpoint`."
)]
#[cfg_attr(feature = "progress", doc = "* [`progress`](Self::progress) shows a progress bar.")]
#[cfg_attr(not(feature = "progress"), doc = "* `progress` shows a progress bar, with the Cargo feature `progress`.")]
///
/// It is no `Stream`. A stream makes progress only while it is polled, so the calls would stand
/// still whenever the loop body waits: connections would time out, and a call that holds a lock
/// could block the body forever. The terminals poll the calls while the closure waits.
///
/// The type parameters are the input iterator `I`, the function `F`, what items yield `Y`, and what
/// may stop the calls `S`.
///
/// # Examples
///
/// ```
/// use parallelize::parallelize;
/// # use std::{pin::pin, task::{Context, Poll, Waker}};
///
/// #[parallelize(over = name)]
/// async fn greet(name: &str, greeting: &str) -> String {
///     // An actual function would await something here.
///     format!("{greeting}, {name}!")
/// }
///
/// # fn block_on<F: Future>(future: F) -> F::Output {
/// #     let mut future = pin!(future);
/// #     loop {
/// #         let cx = &mut Context::from_waker(Waker::noop());
/// #         if let Poll::Ready(output) = future.as_mut().poll(cx) {
/// #             return output;
/// #         }
/// #     }
/// # }
/// # block_on(async {
/// let calls = greet_parallel_iter(["Ada", "Grace"], "Hello").in_flight(10);
/// let greetings: Vec<String> = calls.collect().await;
/// assert_eq!(greetings, ["Hello, Ada!", "Hello, Grace!"]);
/// # });
/// ```
#[must_use = "nothing runs until it is collected, or passed on, and that is awaited"]
pub struct ConcurrentIter<I, F, Y = Every, S = Never> {
    pub(crate) input: I,
    pub(crate) f: F,
    /// The path of the function, for reports of its calls.
    pub(crate) function: &'static str,
    pub(crate) in_flight: usize,
    pub(crate) watch: Watch,
    pub(crate) signal: S,
    yields: PhantomData<fn() -> Y>,
}

impl<I, F> ConcurrentIter<I, F> {
    #[inline]
    pub(crate) fn new(function: &'static str, input: I, f: F) -> Self {
        let in_flight = DEFAULT_IN_FLIGHT_CALLS;
        ConcurrentIter { input, f, function, in_flight, watch: Watch::default(), signal: Never, yields: PhantomData }
    }
}

/// # Options
///
/// These methods set how the calls run. None of them begins a call.
impl<I, F, Y, S> ConcurrentIter<I, F, Y, S> {
    /// Limits the calls to `calls` at a time.
    ///
    /// The default is 64. Overrides the option `in_flight` of the attribute. With 1, the calls are
    /// made one after another.
    ///
    /// The terminals that pass results on hold up to twice as many items and results. The terminals
    /// that collect hold all results.
    ///
    /// # Panics
    ///
    /// If `calls` is 0.
    #[track_caller]
    pub fn in_flight(mut self, calls: usize) -> Self {
        assert!(calls > 0, "`in_flight` must be at least 1");
        self.in_flight = calls;
        self
    }

    /// Stops the calls when `signal` is ready: a timer, a token of the runtime, a message.
    ///
    /// No further call begins then. Those that are ready finish, and the others are dropped where
    /// they await. The terminals return a `Result`:
    ///
    /// * The error of [`collect`](Self::collect) and [`try_collect`](Self::try_collect) has all
    ///   finished results, except those behind a call that has failed; see
    ///   [`Interrupted`](crate::Interrupted).
    /// * The other terminals return [`Stopped`](crate::Stopped), after their closure has got the
    ///   finished results: up to the first that is missing or, if unordered, all of them.
    ///
    /// The output of `signal` is dropped. If you call this method again, the new signal replaces
    /// the one before.
    ///
    /// # Examples
    ///
    /// ```
    /// # use parallelize::parallelize;
    /// # use std::{future, pin::pin, task::{Context, Poll, Waker}};
    /// #[parallelize(over = millis)]
    /// async fn wait(millis: u64) -> u64 {
    ///     // This stands for a call that takes longer than we wait.
    ///     if millis > 100 {
    ///         future::pending::<()>().await;
    ///     }
    ///     millis
    /// }
    ///
    /// # fn block_on<F: Future>(future: F) -> F::Output {
    /// #     let mut future = pin!(future);
    /// #     loop {
    /// #         let cx = &mut Context::from_waker(Waker::noop());
    /// #         if let Poll::Ready(output) = future.as_mut().poll(cx) {
    /// #             return output;
    /// #         }
    /// #     }
    /// # }
    /// # block_on(async {
    /// // With tokio, the signal would be `tokio::time::sleep(..)`.
    /// let signal = future::ready(());
    /// let calls = wait_parallel_iter([1, 2, 5_000, 3]).until(signal);
    /// let interrupted = calls.collect::<Vec<_>>().await.unwrap_err();
    /// println!("{} calls are finished", interrupted.completed.len());
    /// # });
    /// ```
    pub fn until<U: Future>(self, signal: U) -> ConcurrentIter<I, F, Y, Until<U>>
    where
        S: StopSignal,
    {
        let ConcurrentIter { input, f, function, in_flight, watch, signal: before, yields } = self;
        let signal = Until::new(signal, before.keeper());
        ConcurrentIter { input, f, function, in_flight, watch, signal, yields }
    }

    /// Shows a progress bar on the terminal, or writes a log. Needs the Cargo feature `progress`.
    ///
    /// `progress` is a label, your own [`ProgressBar`](indicatif::ProgressBar), or a [`Progress`],
    /// which can also have a log. Overrides the option `progress` of the attribute. Everything else
    /// is as for [`ParallelIter::progress`](crate::ParallelIter::progress): a call counts when it
    /// is completed.
    #[cfg(feature = "progress")]
    pub fn progress(mut self, progress: impl Into<Progress>) -> Self
    where
        I: Iterator,
    {
        let length = exact_length(&self.input).map(|length| length as u64);
        self.watch = Watch::new(progress.into().meter(length));
        self
    }

    /// Keeps the results in a file, and takes from there what an earlier run has computed. Needs
    /// the Cargo feature `checkpoint`.
    ///
    /// A call whose result is in the file does not begin. The futures of the terminals are ready
    /// once all results are on the disk. If the file cannot be written, the calls end soon. The
    /// terminals return a `Result`, as for [`until`](Self::until). Everything else is as for
    /// [`ParallelIter::checkpoint`](crate::ParallelIter::checkpoint).
    #[cfg(feature = "checkpoint")]
    pub fn checkpoint(self, store: &Checkpoint) -> ConcurrentIter<I, F, Y, S::Stoppable>
    where
        F: Checkpointed,
        S: StopSignal,
    {
        let ConcurrentIter { input, mut f, function, in_flight, watch, signal, yields } = self;
        let mut stops = Stops::default();
        f.keep(store, &mut stops);
        let signal = signal.with_keeper(Kept(stops.keeper));
        ConcurrentIter { input, f, function, in_flight, watch, signal, yields }
    }

    /// Catches the panics of the function, and yields each as an [`ItemPanic`](crate::ItemPanic).
    ///
    /// Each item then yields a [`Result`], whose `Ok` is the result of the function. The other
    /// calls go on after a panic. A panic of the input iterator is not caught. Everything else is
    /// as for [`ParallelIter::catch_panics`](crate::ParallelIter::catch_panics).
    pub fn catch_panics(self) -> ConcurrentIter<I, F, Caught<Y>, S>
    where
        Y: Uncaught,
    {
        self.yielding()
    }

    /// Leaves out each `None`, and yields the values of the others.
    ///
    /// The function must return an [`Option`]. With [`catch_panics`](Self::catch_panics), before or
    /// after this method, each value is the `Ok` of a [`Result`].
    pub fn skip_none<Fut>(self) -> ConcurrentIter<I, F, Y::SkipNone, S>
    where
        I: Iterator,
        F: Apply<I::Item, Output = Fut>,
        Fut: Future,
        Y: WithNone<SkipNone: Settle<Fut::Output>>,
    {
        self.yielding()
    }

    /// Changes what items yield.
    pub(crate) fn yielding<Z>(self) -> ConcurrentIter<I, F, Z, S> {
        let ConcurrentIter { input, f, function, in_flight, watch, signal, .. } = self;
        ConcurrentIter { input, f, function, in_flight, watch, signal, yields: PhantomData }
    }
}

/// Shows the options, without the input and the function.
impl<I, F, Y, S: Debug> Debug for ConcurrentIter<I, F, Y, S> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConcurrentIter")
            .field("function", &self.function)
            .field("in_flight", &self.in_flight)
            .field("signal", &self.signal)
            .finish_non_exhaustive()
    }
}
