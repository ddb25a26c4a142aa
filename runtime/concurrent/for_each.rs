//! The future of the terminals that pass results to a sink.

use crate::concurrent::arrivals::Arrivals;
use crate::concurrent::run::{Run, Traced};
use crate::concurrent::until::StopSignal;
use crate::engine::outcome::Cause;
use crate::lazy::apply::Apply;
use std::convert::Infallible;
use std::ops::ControlFlow;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Runs all calls, and passes what they yield to a sink, one at a time. The calls go on while the
/// sink waits.
pub(crate) struct ForEach<I, F, Fut, R, O, A, S, G, K, W, E, T> {
    passing: Passing<I, F, Fut, R, O, A, S, G, K, W, E>,
    traced: Traced,
    /// Turns the end of the sink into what is returned.
    end: fn(Result<(), E>) -> T,
}

/// The calls and the sink.
pub(crate) struct Passing<I, F, Fut, R, O, A, S, G, K, W, E> {
    run: Run<I, F, Fut, R, Option<O>, Infallible, A, S>,
    sink: G,
    /// What the sink does with the last result that it got.
    sinking: Pin<Box<Option<K>>>,
    /// Returns whether the sink has failed.
    check: fn(W) -> Result<(), E>,
    /// The number of items whose results the sink has got.
    passed: usize,
}

impl<I, F, Fut, R, O, A, S, G, K, W, E> Passing<I, F, Fut, R, O, A, S, G, K, W, E>
where
    I: Iterator,
    F: Apply<I::Item, Output = Fut, State = ()>,
    Fut: Future<Output = R>,
    A: Arrivals<Option<O>>,
    S: StopSignal,
    G: FnMut((usize, O)) -> K,
    K: Future<Output = W>,
{
    pub(crate) fn new(
        run: Run<I, F, Fut, R, Option<O>, Infallible, A, S>,
        sink: G,
        check: fn(W) -> Result<(), E>,
    ) -> Self {
        Passing { run, sink, sinking: Box::pin(None), check, passed: 0 }
    }

    /// Lets the calls and the sink go on in turns, as long as one of them makes room for the other.
    fn advance(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Cause<E>>> {
        self.run.begin_poll(cx);
        loop {
            let is_done = self.run.advance(cx);
            let before = self.passed;
            if let ControlFlow::Break(end) = self.pass(cx) {
                return Poll::Ready(end);
            }
            if self.passed == before || !is_done {
                return Poll::Pending;
            }
        }
    }

    /// Passes the results that are there to the sink, until it waits. Breaks with what ends the
    /// calls.
    fn pass(&mut self, cx: &mut Context<'_>) -> ControlFlow<Result<(), Cause<E>>> {
        loop {
            if let Some(sinking) = self.sinking.as_mut().as_pin_mut() {
                let Poll::Ready(end) = sinking.poll(cx) else { return ControlFlow::Continue(()) };
                self.sinking.set(None);
                if let Err(error) = (self.check)(end) {
                    return ControlFlow::Break(Err(Cause::Break(error)));
                }
            }
            match self.run.take() {
                Some(Ok((index, result))) => {
                    self.passed += 1;
                    if let Some(result) = result {
                        let sinking = (self.sink)((index, result));
                        self.sinking.set(Some(sinking));
                    }
                }
                Some(Err(Cause::Panic(payload))) => return ControlFlow::Break(Err(Cause::Panic(payload))),
                Some(Err(Cause::Break(never))) => match never {},
                None if self.run.has_ended() => return ControlFlow::Break(Ok(())),
                None => return ControlFlow::Continue(()),
            }
        }
    }
}

impl<I, F, Fut, R, O, A, S, G, K, W, E, T> ForEach<I, F, Fut, R, O, A, S, G, K, W, E, T> {
    pub(crate) fn new(
        passing: Passing<I, F, Fut, R, O, A, S, G, K, W, E>,
        traced: Traced,
        end: fn(Result<(), E>) -> T,
    ) -> Self {
        ForEach { passing, traced, end }
    }
}

// Nothing is pinned except what is in boxes.
impl<I, F, Fut, R, O, A, S, G, K, W, E, T> Unpin for ForEach<I, F, Fut, R, O, A, S, G, K, W, E, T> {}

impl<I, F, Fut, R, O, A, S, G, K, W, E, T> Future for ForEach<I, F, Fut, R, O, A, S, G, K, W, E, T>
where
    I: Iterator,
    F: Apply<I::Item, Output = Fut, State = ()>,
    Fut: Future<Output = R>,
    A: Arrivals<Option<O>>,
    S: StopSignal,
    G: FnMut((usize, O)) -> K,
    K: Future<Output = W>,
{
    type Output = S::Ended<T>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let ForEach { passing, traced, end } = self.get_mut();
        let before = passing.passed;
        let trace = traced.begin(passing.run.size_hint());
        let polled = {
            let _entered = trace.enter();
            passing.advance(cx)
        };
        trace.finished(passing.passed - before);
        let ended = match polled {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(Ok(())) => passing.run.stopped().map(|()| end(Ok(()))),
            Poll::Ready(Err(Cause::Break(error))) => Ok(end(Err(error))),
            Poll::Ready(Err(Cause::Panic(payload))) => traced.resume(payload),
        };
        traced.end();
        Poll::Ready(S::ended(ended))
    }
}
