//! The calls of one terminal: what is under way, and what stops it.

use crate::concurrent::arrivals::Arrivals;
use crate::concurrent::flight::Flight;
use crate::concurrent::until::StopSignal;
use crate::engine::outcome::Cause;
use crate::lazy::apply::Apply;
use crate::lazy::stopped::{StopReason, Stopped};
use crate::report::trace::Trace;
use std::sync::Arc;
use std::task::{Context, Poll};

/// The calls of one terminal, and what stops them.
pub(crate) struct Run<I, F, Fut, R, O, B, A, S> {
    flight: Flight<I, F, Fut, R, O, B, A>,
    signal: S,
    /// Whether the signal has come.
    has_signal: bool,
    /// Why the calls were stopped before the input ended, or before all results were kept.
    stopped: Option<StopReason>,
    /// The path of the function.
    function: &'static str,
    /// The span of the calls, from the first poll on.
    trace: Option<Arc<Trace>>,
}

impl<I, F, Fut, R, O, B, A, S> Run<I, F, Fut, R, O, B, A, S>
where
    I: Iterator,
    F: Apply<I::Item, Output = Fut, State = ()>,
    Fut: Future<Output = R>,
    A: Arrivals<O>,
    S: StopSignal,
{
    pub(crate) fn new(flight: Flight<I, F, Fut, R, O, B, A>, signal: S, function: &'static str) -> Self {
        Run { flight, signal, has_signal: false, stopped: None, function, trace: None }
    }

    /// Returns the span of the calls, which is entered in each poll of the task. Begins it in the
    /// first poll.
    pub(crate) fn trace(&mut self) -> Arc<Trace> {
        let begin = || {
            let trace = Arc::new(Trace::begin(self.function, self.flight.size_hint()));
            self.flight.begin(&trace);
            trace
        };
        Arc::clone(self.trace.get_or_insert_with(begin))
    }

    /// Begins a poll of the task. Stops the calls if their signal has come.
    pub(crate) fn begin_poll(&mut self, cx: &mut Context<'_>) {
        self.flight.begin_poll();
        if self.has_signal {
            return;
        }
        if let Some(reason) = self.signal.poll(cx) {
            self.has_signal = true;
            self.stopped = self.flight.stop().then_some(reason);
        }
    }

    /// Waits until all results are in the checkpoint of the calls, if they have one. If they cannot
    /// be kept, the calls count as stopped.
    pub(crate) fn poll_commit(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.signal.poll_commit(cx).map(|is_kept| self.note_commit(is_kept))
    }

    /// Does the same, but blocks the thread.
    pub(crate) fn commit(&mut self) {
        let is_kept = self.signal.commit();
        self.note_commit(is_kept);
    }

    fn note_commit(&mut self, is_kept: bool) {
        if !is_kept {
            self.stopped.get_or_insert(StopReason::CheckpointFailed);
        }
    }

    /// Goes on with the calls, as [`Flight::advance`] does.
    pub(crate) fn advance(&mut self, cx: &mut Context<'_>) -> bool {
        self.flight.advance(cx)
    }

    /// Takes the next result, or what ends the calls.
    pub(crate) fn take(&mut self) -> Option<Result<(usize, O), Cause<B>>> {
        self.flight.take()
    }

    /// Returns whether nothing more comes, if there is nothing to take.
    pub(crate) fn has_ended(&self) -> bool {
        self.flight.has_ended()
    }

    /// Returns the error of calls that were stopped before the input ended.
    pub(crate) fn stopped(&self) -> Result<(), Stopped> {
        self.stopped.map_or(Ok(()), |reason| Err(Stopped { reason }))
    }

    /// Takes the results behind the first that is missing, each with the index of its item.
    pub(crate) fn take_rest(&mut self) -> Vec<(usize, O)> {
        self.flight.take_rest()
    }

    /// Returns the size hint of the input.
    pub(crate) fn size_hint(&self) -> (usize, Option<usize>) {
        self.flight.size_hint()
    }
}
