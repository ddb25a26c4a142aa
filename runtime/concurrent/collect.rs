//! The future of the terminals that collect.

use crate::concurrent::arrivals::InOrder;
use crate::concurrent::run::Run;
use crate::concurrent::until::StopSignal;
use crate::engine::outcome::Cause;
use crate::lazy::apply::Apply;
use crate::lazy::stopped::{Interrupted, Stopped};
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
    /// How the calls have ended, while the task waits for their checkpoint.
    ended: Option<Ended<O, B>>,
    /// Turns the results, or the first failure, into what is returned.
    end: fn(Result<Vec<O>, B>) -> C,
}

/// How the calls have ended: with all results or the first failure, or by a stop.
type Ended<O, B> = Result<Result<Vec<O>, B>, Interrupted<O>>;

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
        Collect(Some(Box::new(Collecting { run, results, ended: None, end })))
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
        if self.ended.is_none() {
            let Poll::Ready(ended) = self.poll_calls(cx) else { return Poll::Pending };
            self.ended = Some(ended);
        }
        let Poll::Ready(()) = self.run.poll_commit(cx) else { return Poll::Pending };
        let ended = self.ended.take().expect("the calls have ended");
        Poll::Ready(match (ended, self.run.stopped()) {
            (Err(interrupted), _) => Err(interrupted),
            (Ok(end), Ok(())) => Ok((self.end)(end)),
            // The checkpoint has failed after the calls.
            (Ok(end), Err(Stopped { reason })) => {
                Err(Interrupted { completed: end.unwrap_or_default(), out_of_order: Vec::new(), reason })
            }
        })
    }

    fn poll_calls(&mut self, cx: &mut Context<'_>) -> Poll<Ended<O, B>> {
        let Collecting { run, results, .. } = self;
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
                        Ok(()) => Ok(Ok(results)),
                        Err(Stopped { reason }) => {
                            let rest = run.take_rest().into_iter();
                            let out_of_order = rest.filter_map(|(index, result)| Some((index, result?))).collect();
                            Err(Interrupted { completed: results, out_of_order, reason })
                        }
                    });
                }
            }
        };
        // A panic from dropping a result is not the failure.
        mem::take(results).into_iter().for_each(discard);
        match cause {
            Cause::Break(failure) => Poll::Ready(Ok(Err(failure))),
            Cause::Panic(payload) => resume_unwind(payload),
        }
    }
}
