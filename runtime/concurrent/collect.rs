//! The future of the terminals that collect.

use crate::concurrent::arrivals::InOrder;
use crate::concurrent::run::{Run, Traced};
use crate::concurrent::until::{REASON, StopSignal};
use crate::engine::outcome::Cause;
use crate::lazy::apply::Apply;
use crate::lazy::stopped::Interrupted;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Maximum number of results for which memory is reserved before they are there.
const MAX_RESERVED: usize = 1 << 16;

type RunInOrder<I, F, Fut, R, O, B, S> = Run<I, F, Fut, R, Option<O>, B, InOrder<Option<O>>, S>;

/// Runs all calls, and collects what they yield in input order.
pub(crate) struct Collect<I, F, Fut, R, O, B, S, C> {
    run: RunInOrder<I, F, Fut, R, O, B, S>,
    traced: Traced,
    results: Vec<O>,
    /// Turns the results, or the first failure, into what is returned.
    end: fn(Result<Vec<O>, B>) -> C,
}

impl<I, F, Fut, R, O, B, S, C> Collect<I, F, Fut, R, O, B, S, C> {
    pub(crate) fn new(run: RunInOrder<I, F, Fut, R, O, B, S>, traced: Traced, end: fn(Result<Vec<O>, B>) -> C) -> Self {
        Collect { run, traced, results: Vec::new(), end }
    }
}

// Nothing is pinned except what is in boxes.
impl<I, F, Fut, R, O, B, S, C> Unpin for Collect<I, F, Fut, R, O, B, S, C> {}

impl<I, F, Fut, R, O, B, S, C> Future for Collect<I, F, Fut, R, O, B, S, C>
where
    I: Iterator,
    F: Apply<I::Item, Output = Fut, State = ()>,
    Fut: Future<Output = R>,
    S: StopSignal,
{
    type Output = S::Collected<C, O>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Collect { run, traced, results, end } = self.get_mut();
        let size_hint = run.size_hint();
        if results.capacity() == 0 {
            results.reserve(size_hint.0.min(MAX_RESERVED));
        }
        let trace = traced.begin(size_hint);
        {
            let _entered = trace.enter();
            run.begin_poll(cx);
            run.advance(cx);
        }
        let mut finished = 0;
        let cause = loop {
            match run.take() {
                Some(Ok((_, result))) => {
                    results.extend(result);
                    finished += 1;
                }
                Some(Err(cause)) => break Some(cause),
                None => break None,
            }
        };
        trace.finished(finished);
        let collected = match cause {
            Some(Cause::Panic(payload)) => traced.resume(payload),
            Some(Cause::Break(failure)) => Ok(end(Err(failure))),
            None if !run.has_ended() => return Poll::Pending,
            None => match run.stopped() {
                Ok(()) => Ok(end(Ok(mem::take(results)))),
                Err(_) => {
                    let rest = run.take_rest().into_iter();
                    let out_of_order = rest.filter_map(|(index, result)| Some((index, result?))).collect();
                    Err(Interrupted { completed: mem::take(results), out_of_order, reason: REASON })
                }
            },
        };
        traced.end();
        Poll::Ready(S::collected(collected))
    }
}
