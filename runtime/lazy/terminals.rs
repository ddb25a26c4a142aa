//! The terminals of a [`ParallelIter`]: the methods that run it to its end.

use crate::engine::drive;
use crate::engine::known::may_wait;
use crate::engine::retain::{OutOfOrder, Retain};
use crate::engine::settings::Settings;
use crate::engine::sink::{self, End};
use crate::lazy::apply::{Apply, StreamState};
use crate::lazy::calls::{Calls, Stash, Stashed, begin};
use crate::lazy::parallel_iter::ParallelIter;
use crate::lazy::stop::{Halt, Stop};
use crate::lazy::stopped::{Interrupted, Stopped};
use crate::lazy::try_trait::Try;
use crate::lazy::yields::Yield;
use std::convert::Infallible;

/// # Terminals
///
/// These methods run the call. If it may be stopped, because it was told so by
/// [`cancel_with`](Self::cancel_with) or [`timeout`](Self::timeout), each of them returns a
/// [`Result`] whose error says why it was stopped; otherwise each returns the plain value.
impl<I, F, Y, S> ParallelIter<I, F, Y, S>
where
    I: Iterator<Item: Send> + Send,
    F: Apply<I::Item, Output: Send> + Sync,
    Y: Yield<F::Output>,
    S: Stop + Sync,
{
    /// Runs all items and collects the results in input order.
    ///
    /// Returns a collection `C`; for a call that may be stopped, a `Result<C, Interrupted<_>>`. A
    /// [`Vec`] is returned as the call has filled it, without a copy.
    ///
    /// # Errors
    ///
    /// [`Interrupted`](crate::Interrupted), with all results that were finished, if the call was
    /// stopped before its input ended.
    ///
    /// # Panics
    ///
    /// If the function or the input iterator panics, with the panic that the serial loop would have
    /// met first. If the call is stopped before the items below a panic are finished, the error is
    /// returned instead.
    ///
    /// # Examples
    ///
    /// ```
    /// # use parallelize::parallelize;
    /// # use std::collections::HashMap;
    /// # use std::time::Duration;
    /// #[parallelize(over = word)]
    /// fn measure<'t>(word: &'t str, unit: usize) -> (&'t str, usize) {
    ///     (word, word.len() / unit)
    /// }
    ///
    /// let calls = measure_parallel_iter(["ab", "cdef"], 2);
    /// let lengths: HashMap<_, _> = calls.collect();
    /// assert_eq!(lengths["cdef"], 2);
    ///
    /// let calls = measure_parallel_iter(["ab", "cdef"], 2);
    /// match calls.timeout(Duration::from_secs(60)).collect::<Vec<_>>() {
    ///     Ok(lengths) => assert_eq!(lengths.len(), 2),
    ///     Err(stopped) => println!("{stopped}: {:?}", stopped.completed),
    /// }
    /// ```
    pub fn collect<C: FromIterator<Y::Item>>(self) -> S::Collected<C, Y::Item> {
        let ParallelIter { input, f, mut settings, stop, .. } = self;
        let (mut results, mut out_of_order) = (Vec::new(), OutOfOrder::new());
        let retain = if S::MAY { Retain::All(&mut out_of_order) } else { Retain::Nothing };
        let calls = Calls::begin(&mut settings, f, stop, Y::step::<S>);
        let end = drive::collect(settings, input, &calls, &mut results, retain);
        match end.and(calls.finish()) {
            Ok(()) => S::collected(results.into_iter().collect()),
            Err(halt) => S::interrupted(halt, |reason| Interrupted { completed: results, out_of_order, reason }),
        }
    }

    /// Runs the items of a function that returns a [`Result`] or an [`Option`], and collects the
    /// values or returns the first error in input order.
    ///
    /// Returns a `Result<C, E>` or an `Option<C>`; for a call that may be stopped, a `Result` of
    /// that, whose error is about the stop.
    ///
    /// The error is the one that the serial loop would have returned, no matter which thread fails
    /// first. Later items may have run as well: once an error is known no further items are
    /// assigned, but each thread finishes its current chunk (one item, or some tens of microseconds
    /// of work).
    ///
    /// # Errors
    ///
    /// For a call that may be stopped: [`Interrupted`](crate::Interrupted), with the values of all
    /// items that were finished.
    ///
    /// # Panics
    ///
    /// Like [`collect`](Self::collect), if a panic comes before the first error.
    ///
    /// # Examples
    ///
    /// ```
    /// # use parallelize::parallelize;
    /// # use std::num::ParseIntError;
    /// #[parallelize]
    /// fn parse(word: &str) -> Result<u8, ParseIntError> {
    ///     word.parse()
    /// }
    ///
    /// let numbers: Result<Vec<u8>, ParseIntError> =
    ///     parse_parallel_iter("1 2".split(' ')).try_collect();
    /// assert_eq!(numbers, Ok(vec![1, 2]));
    ///
    /// let calls = parse_parallel_iter("1 two".split(' '));
    /// assert!(calls.try_collect::<Vec<_>>().is_err());
    /// ```
    #[allow(clippy::type_complexity)] // Two results, and no name for the pair is clearer.
    pub fn try_collect<C>(self) -> S::Collected<<Y::Item as Try>::Output<C>, <Y::Item as Try>::Item>
    where
        Y::Item: Try<Item: Send, Break: Send>,
        C: FromIterator<<Y::Item as Try>::Item>,
    {
        let ParallelIter { input, f, mut settings, stop, .. } = self;
        let (mut values, mut out_of_order) = (Vec::new(), OutOfOrder::new());
        let step = |called: Result<F::Output, S::Halt>| {
            Y::attempt(called.map_err(Halt::Stop), |item| item.branch().map_err(Halt::Break))
        };
        let retain = if S::MAY { Retain::All(&mut out_of_order) } else { Retain::Nothing };
        let calls = Calls::begin(&mut settings, f, stop, step);
        let end = drive::collect(settings, input, &calls, &mut values, retain);
        match (end, calls.finish()) {
            (Ok(()), Ok(())) => S::collected(<Y::Item as Try>::from_branch(Ok(values.into_iter().collect()))),
            (Err(Halt::Break(error)), Ok(())) => S::collected(<Y::Item as Try>::from_branch(Err(error))),
            (Err(Halt::Stop(halt)), _) | (_, Err(halt)) => {
                S::interrupted(halt, |reason| Interrupted { completed: values, out_of_order, reason })
            }
        }
    }

    /// Runs all items and collects the results into an existing vector, in input order.
    ///
    /// Clears `results` first and reuses its memory. Returns nothing; for a call that may be
    /// stopped, a `Result<(), Stopped>`.
    ///
    /// # Errors
    ///
    /// [`Stopped`](crate::Stopped) if the call was stopped before its input ended. `results` then
    /// has the results of the first items, without a gap. Results of later items, which
    /// [`collect`](Self::collect) would return, are dropped.
    ///
    /// # Panics
    ///
    /// Like [`collect`](Self::collect). `results` keeps its memory, and has what was finished
    /// before the panic.
    ///
    /// # Examples
    ///
    /// ```
    /// # use parallelize::parallelize;
    /// #[parallelize]
    /// fn square(x: f64) -> f64 {
    ///     x * x
    /// }
    ///
    /// let mut squares = Vec::new();
    /// for start in [0, 100] {
    ///     let xs = (start..start + 3).map(f64::from);
    ///     square_parallel_iter(xs).collect_into_vec(&mut squares);
    /// }
    /// assert_eq!(squares, [10_000.0, 10_201.0, 10_404.0]);
    /// ```
    pub fn collect_into_vec(self, results: &mut Vec<Y::Item>) -> S::Ended<()> {
        let ParallelIter { input, f, mut settings, stop, .. } = self;
        results.clear();
        let calls = Calls::begin(&mut settings, f, stop, Y::step::<S>);
        let end = drive::collect(settings, input, &calls, results, Retain::Completed).and(calls.finish());
        S::ended((), end.err().map(|halt| Stopped { reason: S::reason(halt) }))
    }

    /// Calls `sink` with each result, in input order and on the calling thread.
    ///
    /// Unlike in a `for` loop over the call, worker threads go on while `sink` works. The calling
    /// thread works on items as well if the next result is not ready. `sink` needs no bounds: it
    /// may borrow mutably, and it need not be `Send`.
    ///
    /// Besides the result that `sink` has, at most [`in_flight`](Self::in_flight) items and results
    /// are held in memory, and some milliseconds of work.
    ///
    /// Returns nothing; for a call that may be stopped, a `Result<(), Stopped>`.
    ///
    /// # Errors
    ///
    /// [`Stopped`](crate::Stopped) if the call was stopped before its input ended. `sink` has been
    /// called with the results that were finished in order.
    ///
    /// # Panics
    ///
    /// If `sink` panics; and like [`collect`](Self::collect), once `sink` has been called with all
    /// results before the panic.
    ///
    /// # Examples
    ///
    /// ```
    /// # use parallelize::parallelize;
    /// #[parallelize]
    /// fn square(n: u64) -> u64 {
    ///     n * n
    /// }
    ///
    /// let mut sum = 0;
    /// square_parallel_iter(0..100).for_each(|square| sum += square);
    /// assert_eq!(sum, 328_350);
    /// ```
    pub fn for_each(self, mut sink: impl FnMut(Y::Item)) -> S::Ended<()>
    where
        F: Apply<I::Item, State: StreamState>,
    {
        let end = self.run_to_sink(|item| {
            sink(item);
            Ok::<(), Infallible>(())
        });
        match end {
            Ok(()) => S::ended((), None),
            Err(End::Item(halt)) => S::ended((), Some(Stopped { reason: S::reason(halt) })),
            Err(End::Sink(never)) => match never {},
        }
    }

    /// Calls `sink` with each result like [`for_each`](Self::for_each), until it returns an error
    /// or `None`.
    ///
    /// Returns what `sink` has returned last. Nothing more is pulled from the input after an error,
    /// but a thread that is waiting inside `next` of the input is awaited.
    /// For a call that may be stopped, returns a `Result` of that, whose error is about the stop.
    ///
    /// # Errors
    ///
    /// For a call that may be stopped: [`Stopped`](crate::Stopped), if it was stopped before its
    /// input ended and before `sink` failed.
    ///
    /// # Panics
    ///
    /// Like [`for_each`](Self::for_each).
    ///
    /// # Examples
    ///
    /// ```
    /// # use parallelize::parallelize;
    /// use std::io::{self, Write};
    ///
    /// #[parallelize]
    /// fn square(n: u64) -> u64 {
    ///     n * n
    /// }
    ///
    /// fn print(mut to: impl Write) -> io::Result<()> {
    ///     square_parallel_iter(1..4)
    ///         .try_for_each(|square| write!(to, "{square} "))
    /// }
    ///
    /// let mut text = Vec::new();
    /// print(&mut text)?;
    /// assert_eq!(text, b"1 4 9 ");
    /// # io::Result::Ok(())
    /// ```
    pub fn try_for_each<R: Try<Item = ()>>(self, mut sink: impl FnMut(Y::Item) -> R) -> S::Ended<R::Output<()>>
    where
        F: Apply<I::Item, State: StreamState>,
    {
        match self.run_to_sink(|item| sink(item).branch()) {
            Ok(()) => S::ended(R::from_branch(Ok(())), None),
            Err(End::Item(halt)) => S::ended(R::from_branch(Ok(())), Some(Stopped { reason: S::reason(halt) })),
            Err(End::Sink(error)) => S::ended(R::from_branch(Err(error)), None),
        }
    }

    /// Passes each result to `sink`, until the call is stopped or the sink fails.
    fn run_to_sink<E>(self, sink: impl FnMut(Y::Item) -> Result<(), E>) -> Result<(), End<S::Halt, E>>
    where
        F: Apply<I::Item, State: StreamState>,
    {
        let ParallelIter { input, mut f, settings, in_flight, mut stop, .. } = self;
        let mut settings = Settings { may_wait: may_wait(&input), ..settings };
        let stash = Stash::new();
        begin::<I::Item, F, S>(&mut settings, in_flight, &mut f, &mut stop);
        let work = Stashed { f: &f, stop: &stop, stash: &stash, before: 0, to_step: Y::step::<S> };
        let end = sink::for_each(settings, in_flight, input.items, &work, sink);
        match (end, stop.finish()) {
            (Ok(()) | Err(End::Sink(_)), Err(halt)) => Err(End::Item(halt)),
            (end, _) => end,
        }
    }
}
