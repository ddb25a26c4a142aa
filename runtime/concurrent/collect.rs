//! The future of the terminals that collect.

use crate::concurrent::arrivals::InOrder;
use crate::concurrent::run::Run;
use crate::concurrent::until::{REASON, StopSignal};
use crate::engine::outcome::Cause;
use crate::lazy::apply::Apply;
use crate::lazy::stopped::Interrupted;
use crate::unwind::discard;
use std::mem;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Maximum memory, in bytes, that is reserved for results before they are there.
const MAX_RESERVED_BYTES: usize = 1 << 20;

type RunInOrder<I, F, Fut, R, O, B, S> = Run<I, F, Fut, R, Option<O>, B, InOrder<Option<O>>, S>;

/// Runs all calls, and collects what they yield in input order.
#[allow(clippy::type_complexity)] // As in `Flight`, every type is a parameter.
pub(crate) struct Collect<I, F, Fut, R, O, B, S, C>(
    /// `None` once it has ended. In a box, because each poll takes it out: if a poll panics, all
    /// calls are dropped.
    Option<Box<Collecting<I, F, Fut, R, O, B, S, C>>>,
);

/// The calls and the results so far.
struct Collecting<I, F, Fut, R, O, B, S, C> {
    run: RunInOrder<I, F, Fut, R, O, B, S>,
    results: Vec<O>,
    /// Turns the results, or the first failure, into what is returned.
    end: fn(Result<Vec<O>, B>) -> C,
}

impl<I, F, Fut, R, O, B, S, C> Collect<I, F, Fut, R, O, B, S, C>
where
    I: Iterator,
    F: Apply<I::Item, Output = Fut, State = ()>,
    Fut: Future<Output = R>,
    S: StopSignal,
{
    pub(crate) fn new(run: RunInOrder<I, F, Fut, R, O, B, S>, end: fn(Result<Vec<O>, B>) -> C) -> Self {
        let max_reserved = MAX_RESERVED_BYTES / size_of::<O>().max(1);
        let results = Vec::with_capacity(run.size_hint().0.min(max_reserved));
        Collect(Some(Box::new(Collecting { run, results, end })))
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

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut collecting = self.0.take().expect("a future is not polled after it has ended");
        let trace = collecting.run.trace();
        let _entered = trace.enter();
        match collecting.poll(cx) {
            Poll::Ready(collected) => Poll::Ready(S::collected(collected)),
            Poll::Pending => {
                self.0 = Some(collecting);
                Poll::Pending
            }
        }
    }
}

impl<I, F, Fut, R, O, B, S, C> Collecting<I, F, Fut, R, O, B, S, C>
where
    I: Iterator,
    F: Apply<I::Item, Output = Fut, State = ()>,
    Fut: Future<Output = R>,
    S: StopSignal,
{
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<C, Interrupted<O>>> {
        let Collecting { run, results, end } = self;
        run.begin_poll(cx);
        run.advance(cx);
        let cause = loop {
            match run.take() {
                Some(Ok((_, result))) => results.extend(result),
                Some(Err(cause)) => break cause,
                None if !run.has_ended() => return Poll::Pending,
                None => {
                    let results = mem::take(results);
                    return Poll::Ready(match run.stopped() {
                        Ok(()) => Ok(end(Ok(results))),
                        Err(_) => {
                            let rest = run.take_rest().into_iter();
                            let out_of_order = rest.filter_map(|(index, result)| Some((index, result?))).collect();
                            Err(Interrupted { completed: results, out_of_order, reason: REASON })
                        }
                    });
                }
            }
        };
        // A panic from dropping a result is not the failure.
        mem::take(results).into_iter().for_each(discard);
        match cause {
            Cause::Break(failure) => Poll::Ready(Ok(end(Err(failure)))),
            Cause::Panic(payload) => resume_unwind(payload),
        }
    }
}
