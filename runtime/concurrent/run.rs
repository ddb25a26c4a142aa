//! The calls of one terminal: what is under way, what stops it, and its span.

use crate::concurrent::arrivals::Arrivals;
use crate::concurrent::flight::Flight;
use crate::concurrent::until::{REASON, StopSignal};
use crate::engine::outcome::Cause;
use crate::lazy::apply::Apply;
use crate::lazy::stopped::Stopped;
use crate::report::trace::Trace;
use crate::unwind::Payload;
use std::panic::resume_unwind;
use std::task::Context;

/// The calls of one terminal, and what stops them.
pub(crate) struct Run<I, F, Fut, R, O, B, A, S> {
    flight: Flight<I, F, Fut, R, O, B, A>,
    signal: S,
    /// Whether the signal has come.
    has_signal: bool,
    /// Whether the calls were stopped before the input ended.
    is_interrupted: bool,
}

impl<I, F, Fut, R, O, B, A, S> Run<I, F, Fut, R, O, B, A, S>
where
    I: Iterator,
    F: Apply<I::Item, Output = Fut, State = ()>,
    Fut: Future<Output = R>,
    A: Arrivals<O>,
    S: StopSignal,
{
    pub(crate) fn new(flight: Flight<I, F, Fut, R, O, B, A>, signal: S) -> Self {
        Run { flight, signal, has_signal: false, is_interrupted: false }
    }

    /// Begins a poll of the task.
    pub(crate) fn begin_poll(&mut self, cx: &mut Context<'_>) {
        self.flight.begin_poll();
        if !self.has_signal && self.signal.poll(cx) {
            self.has_signal = true;
            self.is_interrupted = self.flight.close();
        }
    }

    /// Goes on with the calls, as [`Flight::advance`] does. After the signal, those that are ready
    /// still finish.
    pub(crate) fn advance(&mut self, cx: &mut Context<'_>) -> bool {
        let is_done = self.flight.advance(cx);
        if self.has_signal {
            self.is_interrupted |= self.flight.give_up();
        }
        is_done
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
        if self.is_interrupted { Err(Stopped { reason: REASON }) } else { Ok(()) }
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

/// The span of the calls, from the first poll on.
pub(crate) struct Traced {
    function: &'static str,
    trace: Option<Trace>,
}

impl Traced {
    pub(crate) fn new(function: &'static str) -> Self {
        Traced { function, trace: None }
    }

    /// Returns the span, which begins now if it has not before.
    pub(crate) fn begin(&mut self, size_hint: (usize, Option<usize>)) -> &Trace {
        self.trace.get_or_insert_with(|| Trace::begin(self.function, size_hint))
    }

    /// Ends the span.
    pub(crate) fn end(&mut self) {
        self.trace = None;
    }

    /// Resumes the panic of an item. The span ends with it.
    pub(crate) fn resume(&mut self, payload: Payload) -> ! {
        let _trace = self.trace.take();
        resume_unwind(payload)
    }
}
