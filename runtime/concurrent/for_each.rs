//! The future of the terminals that pass results to a sink.

use crate::concurrent::arrivals::Arrivals;
use crate::concurrent::run::Run;
use crate::concurrent::until::StopSignal;
use crate::engine::outcome::Cause;
use crate::lazy::apply::Apply;
use crate::lazy::stopped::StopReason;
use std::convert::Infallible;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Runs all calls, and passes what they yield to a sink, one at a time. The calls go on while the
/// sink waits.
#[allow(clippy::type_complexity)] // As in `Flight`, every type is a parameter.
pub(crate) struct ForEach<I, F, Fut, R, O, A, S, G, K, W, E, T> {
    /// `None` once it has ended. In a box, because each poll takes it out: if a poll panics, all
    /// calls are dropped.
    passing: Option<Box<Passing<I, F, Fut, R, O, A, S, G, K, W, E>>>,
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
    /// Whether the task only waits for the checkpoint of the calls.
    has_ended: bool,
}

/// Why no more results are passed to the sink.
enum Passed<E> {
    /// The sink waits.
    SinkWaits,
    /// No result is there.
    Empty,
    /// The calls have ended, or the sink has failed.
    Ended(Result<(), Cause<E>>),
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
        Passing { run, sink, sinking: Box::pin(None), check, passed: 0, has_ended: false }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Cause<E>>> {
        if !self.has_ended {
            match self.poll_calls(cx) {
                Poll::Ready(Ok(())) => self.has_ended = true,
                Poll::Ready(Err(cause)) => {
                    // The error need not be `Send`, so it is not held while the task waits.
                    self.run.commit();
                    return Poll::Ready(Err(cause));
                }
                Poll::Pending => return Poll::Pending,
            }
        }
        self.run.poll_commit(cx).map(Ok)
    }

    /// Lets the sink and the calls go on in turns, as long as one of them makes room for the other.
    ///
    /// The sink is first, so that calls that use up the budget of an executor do not hold it up.
    fn poll_calls(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Cause<E>>> {
        self.run.begin_poll(cx);
        let mut may_go_on = true;
        let mut before = None;
        loop {
            match self.pass(cx) {
                Passed::Ended(end) => return Poll::Ready(end),
                Passed::SinkWaits => {
                    self.run.advance(cx);
                    return Poll::Pending;
                }
                Passed::Empty if !may_go_on || before == Some(self.passed) => return Poll::Pending,
                Passed::Empty => {}
            }
            before = Some(self.passed);
            may_go_on = self.run.advance(cx);
        }
    }

    /// Passes the results that are there to the sink, until it waits.
    fn pass(&mut self, cx: &mut Context<'_>) -> Passed<E> {
        loop {
            if let Some(sinking) = self.sinking.as_mut().as_pin_mut() {
                let Poll::Ready(end) = sinking.poll(cx) else { return Passed::SinkWaits };
                self.sinking.set(None);
                if let Err(error) = (self.check)(end) {
                    return Passed::Ended(Err(Cause::Break(error)));
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
                Some(Err(Cause::Panic(payload))) => return Passed::Ended(Err(Cause::Panic(payload))),
                Some(Err(Cause::Break(never))) => match never {},
                None if self.run.has_ended() => return Passed::Ended(Ok(())),
                None => return Passed::Empty,
            }
        }
    }
}

impl<I, F, Fut, R, O, A, S, G, K, W, E, T> ForEach<I, F, Fut, R, O, A, S, G, K, W, E, T> {
    pub(crate) fn new(passing: Passing<I, F, Fut, R, O, A, S, G, K, W, E>, end: fn(Result<(), E>) -> T) -> Self {
        ForEach { passing: Some(Box::new(passing)), end }
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

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut passing = self.passing.take().expect("a future is not polled after it has ended");
        let trace = passing.run.trace();
        let _entered = trace.enter();
        match passing.poll(cx) {
            Poll::Pending => {
                self.passing = Some(passing);
                Poll::Pending
            }
            Poll::Ready(Ok(())) => Poll::Ready(S::ended(passing.run.stopped().map(|()| (self.end)(Ok(()))))),
            Poll::Ready(Err(Cause::Break(error))) => Poll::Ready(S::ended(match passing.run.stopped() {
                Err(stopped) if stopped.reason == StopReason::CheckpointFailed => Err(stopped),
                _ => Ok((self.end)(Err(error))),
            })),
            Poll::Ready(Err(Cause::Panic(payload))) => resume_unwind(payload),
        }
    }
}
