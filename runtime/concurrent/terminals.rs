//! The terminals of calls of an async function: each returns a future that runs the calls.

use crate::concurrent::arrivals::{Arrivals, AsCompleted, InOrder};
use crate::concurrent::collect::Collect;
use crate::concurrent::concurrent_iter::ConcurrentIter;
use crate::concurrent::flight::{Flight, Limits, Rule};
use crate::concurrent::for_each::{ForEach, Passing};
use crate::concurrent::run::Run;
use crate::concurrent::settle::Settle;
use crate::concurrent::until::StopSignal;
use crate::engine::outcome::Cause;
use crate::lazy::apply::Apply;
use crate::lazy::try_trait::Try;
use crate::unwind::Payload;
use std::convert::Infallible;

/// # Terminals
///
/// These methods return a future, which runs the calls while you await it. It holds at most
/// [`in_flight`](Self::in_flight) calls at a time, and polls each of them only when it has been
/// woken. Passing a result on takes some tens of nanoseconds.
///
/// If calls are often ready at once, the future returns to the executor now and then, so that other
/// tasks get their turn.
impl<I, F, Fut, Y, S> ConcurrentIter<I, F, Y, S>
where
    I: Iterator,
    F: Apply<I::Item, Output = Fut, State = ()>,
    Fut: Future,
    Y: Settle<Fut::Output>,
    S: StopSignal,
{
    /// Runs all calls, and collects their results in input order.
    ///
    /// Calls begin in input order. If the first of them takes long, the others go on, because all
    /// results are held anyway.
    ///
    /// The output is the collection; with [`until`](Self::until), a `Result` whose error has the
    /// finished results.
    ///
    /// # Panics
    ///
    /// The future panics if the function or the input iterator does, with the first panic in input
    /// order. Once a panic is known, no further call begins. Calls above it are dropped, and calls
    /// below it finish. If the calls are stopped before that, the output is the error about the
    /// stop.
    pub fn collect<C: FromIterator<Y::Item>>(self) -> impl Future<Output = S::Collected<C, Y::Item>> {
        self.collected(settle::<Y, _>, |end| match end {
            Ok(results) => results.into_iter().collect(),
            Err(never) => match never {},
        })
    }

    /// Runs the calls until one fails, and collects their values in input order.
    ///
    /// Once an error is known, no further call begins. Calls above it are dropped, and calls below
    /// it finish, because one of them may fail as well: the error that is returned is the first in
    /// input order, which a loop would have met.
    ///
    /// # Errors
    ///
    /// The first error in input order. With [`until`](Self::until), the output is a `Result` around
    /// that, whose error has the values of the finished calls.
    ///
    /// # Panics
    ///
    /// Like [`collect`](Self::collect), if the first failure in input order is a panic.
    ///
    /// # Examples
    ///
    /// ```
    /// # use parallelize::parallelize;
    /// # use std::{num::ParseIntError, pin::pin, task::{Context, Poll, Waker}};
    /// #[parallelize(over = word)]
    /// async fn parse(word: &str, radix: u32) -> Result<u32, ParseIntError> {
    ///     u32::from_str_radix(word, radix)
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
    /// let calls = parse_parallel_iter("1 two 3".split(' '), 10);
    /// let error = calls.try_collect::<Vec<u32>>().await.unwrap_err();
    /// assert_eq!(error, "two".parse::<u32>().unwrap_err());
    /// # });
    /// ```
    pub fn try_collect<C>(
        self,
    ) -> impl Future<Output = S::Collected<<Y::Item as Try>::Output<C>, <Y::Item as Try>::Item>>
    where
        Y::Item: Try,
        C: FromIterator<<Y::Item as Try>::Item>,
    {
        let rule: Rule<_, _, _> = |index, end| {
            let value = Y::settle(index, end).map_err(Cause::Panic)?;
            value.map(<Y::Item as Try>::branch).transpose().map_err(Cause::Break)
        };
        self.collected(rule, |end| <Y::Item as Try>::from_branch(end.map(|values| values.into_iter().collect())))
    }

    /// Passes each result to `sink`, in input order and one at a time.
    ///
    /// While the future that `sink` returns waits, the calls go on. At most twice
    /// [`in_flight`](Self::in_flight) items and results are held, besides the one that `sink` has,
    /// so the input may be endless.
    ///
    /// The output is `()`; with [`until`](Self::until), a `Result<(), Stopped>`.
    ///
    /// # Panics
    ///
    /// Like [`collect`](Self::collect), after `sink` has got all results before the panic; and if
    /// `sink` panics.
    ///
    /// # Examples
    ///
    /// ```
    /// # use parallelize::parallelize;
    /// # use std::{cell::RefCell, pin::pin, task::{Context, Poll, Waker}};
    /// #[parallelize]
    /// async fn square(n: u64) -> u64 {
    ///     n * n
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
    /// let file = RefCell::new(Vec::new());
    /// let calls = square_parallel_iter(1..4);
    /// calls.for_each(async |square| file.borrow_mut().push(square)).await;
    /// assert_eq!(file.into_inner(), [1, 4, 9]);
    /// # });
    /// ```
    pub fn for_each<K: Future<Output = ()>>(
        self,
        mut sink: impl FnMut(Y::Item) -> K,
    ) -> impl Future<Output = S::Ended<()>> {
        let sink = move |(_, result)| sink(result);
        self.passed(InOrder::new(), sink, Ok::<(), Infallible>, |_| ())
    }

    /// Passes each result to `sink` like [`for_each`](Self::for_each), until it returns an error or
    /// `None`.
    ///
    /// Once `sink` fails, the calls that are under way are dropped.
    ///
    /// The output is what `sink` has returned last; with [`until`](Self::until), a `Result` of
    /// that, whose error is about the stop.
    ///
    /// # Errors
    ///
    /// The error of `sink`.
    ///
    /// # Panics
    ///
    /// Like [`for_each`](Self::for_each).
    pub fn try_for_each<K, T>(self, mut sink: impl FnMut(Y::Item) -> K) -> impl Future<Output = S::Ended<T::Output<()>>>
    where
        K: Future<Output = T>,
        T: Try<Item = ()>,
    {
        let sink = move |(_, result)| sink(result);
        self.passed(InOrder::new(), sink, T::branch, T::from_branch)
    }

    /// Passes each result to `sink` as soon as its call is completed, one at a time.
    ///
    /// The first argument of `sink` is the index of the item in the input, starting with 0.
    /// Everything else is as for [`for_each`](Self::for_each). After a panic, `sink` still gets the
    /// results of the calls below it.
    pub fn for_each_unordered<K: Future<Output = ()>>(
        self,
        mut sink: impl FnMut(usize, Y::Item) -> K,
    ) -> impl Future<Output = S::Ended<()>> {
        let sink = move |(index, result)| sink(index, result);
        self.passed(AsCompleted::new(), sink, Ok::<(), Infallible>, |_| ())
    }

    /// Passes each result to `sink` like [`for_each_unordered`](Self::for_each_unordered), until it
    /// returns an error or `None`.
    ///
    /// This ends the calls at the first answer: the others are dropped.
    ///
    /// # Errors
    ///
    /// The error of `sink`.
    ///
    /// # Panics
    ///
    /// Like [`for_each`](Self::for_each).
    ///
    /// # Examples
    ///
    /// ```
    /// # use parallelize::parallelize;
    /// # use std::{future, ops::ControlFlow, pin::pin, task::{Context, Poll, Waker}};
    /// #[parallelize(over = mirror)]
    /// async fn fetch(mirror: &str, page: u64) -> String {
    ///     if mirror == "down" {
    ///         future::pending::<()>().await;
    ///     }
    ///     format!("{page} of {mirror}")
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
    /// let calls = fetch_parallel_iter(["down", "near"], 7);
    /// let answer = calls
    ///     .try_for_each_unordered(async |_, page| ControlFlow::<_, ()>::Break(page))
    ///     .await;
    /// assert_eq!(answer, ControlFlow::Break("7 of near".to_owned()));
    /// # });
    /// ```
    pub fn try_for_each_unordered<K, T>(
        self,
        mut sink: impl FnMut(usize, Y::Item) -> K,
    ) -> impl Future<Output = S::Ended<T::Output<()>>>
    where
        K: Future<Output = T>,
        T: Try<Item = ()>,
    {
        let sink = move |(index, result)| sink(index, result);
        self.passed(AsCompleted::new(), sink, T::branch, T::from_branch)
    }

    /// Creates the future of a terminal that collects.
    fn collected<O, B, C>(
        self,
        rule: Rule<Fut::Output, Option<O>, B>,
        end: fn(Result<Vec<O>, B>) -> C,
    ) -> Collect<I, F, Fut, Fut::Output, O, B, S, C> {
        let ConcurrentIter { input, f, function, in_flight, watch, signal, .. } = self;
        let limits = Limits { running: in_flight, held: usize::MAX };
        watch.count_stored(&signal.keeper().0);
        let flight = Flight::new(input, f, rule, limits, InOrder::new(), watch);
        Collect::new(Run::new(flight, signal, function), end)
    }

    /// Creates the future of a terminal that passes results to a sink.
    #[allow(clippy::type_complexity)]
    fn passed<A, G, K, W, E, T>(
        self,
        arrivals: A,
        sink: G,
        check: fn(W) -> Result<(), E>,
        end: fn(Result<(), E>) -> T,
    ) -> ForEach<I, F, Fut, Fut::Output, Y::Item, A, S, G, K, W, E, T>
    where
        A: Arrivals<Option<Y::Item>>,
        G: FnMut((usize, Y::Item)) -> K,
        K: Future<Output = W>,
    {
        let ConcurrentIter { input, f, function, in_flight, watch, signal, .. } = self;
        let limits = Limits { running: in_flight, held: in_flight.saturating_mul(2) };
        watch.count_stored(&signal.keeper().0);
        let flight = Flight::new(input, f, settle::<Y, _> as Rule<_, _, Infallible>, limits, arrivals, watch);
        ForEach::new(Passing::new(Run::new(flight, signal, function), sink, check), end)
    }
}

/// The rule of a terminal that only a panic ends.
fn settle<Y: Settle<R>, R>(index: usize, end: Result<R, Payload>) -> Result<Option<Y::Item>, Cause<Infallible>> {
    Y::settle(index, end).map_err(Cause::Panic)
}
