//! The `tracing` span of a call, which all its threads enter, and the event at its end.

use std::cell::Cell;
use std::mem;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};
use tracing::dispatcher::{self, DefaultGuard, Dispatch};
use tracing::span::Entered;
use tracing::{Span, debug, debug_span, field, warn};

/// The span of a call, and the numbers for the event at its end.
pub(crate) struct Trace {
    /// The span of the call. It is disabled if no subscriber is interested.
    span: Span,
    function: &'static str,
    /// The time at which the call began, if its span is enabled.
    begun: Option<Instant>,
    /// Whether the thread was already panicking then: the call is part of dropping a value.
    began_while_panicking: bool,
    totals: Mutex<Totals>,
}

/// The numbers in the event at the end of a call.
#[derive(Default)]
struct Totals {
    /// Number of finished items.
    items: usize,
    /// Largest number of worker threads that ran items in one [`Sharing`].
    workers: usize,
    /// Total time that worker threads had nothing to run.
    idle: Duration,
    /// Worker threads of the current [`Sharing`].
    current: Workers,
}

/// Worker threads that have run items and left again, while others may still work.
#[derive(Default)]
struct Workers {
    count: usize,
    /// Sum of the times at which they arrived, counted from the beginning of the call.
    arrived: Duration,
    /// Sum of the times that they ran items.
    busy: Duration,
}

/// Tells that the system provides no more threads, so that calls run on fewer.
pub(crate) fn report_missing_threads(error: &dyn std::error::Error) {
    warn!(target: "parallelize", %error, "threads cannot be created: calls run on those that there are");
}

impl Trace {
    /// Begins the span of a call of `function`, whose input has this size hint.
    #[inline]
    pub(crate) fn begin(function: &'static str, (least, most): (usize, Option<usize>)) -> Self {
        let span = debug_span!(
            target: "parallelize",
            "call",
            function,
            items = most.filter(|most| *most == least),
            threads = field::Empty
        );
        let begun = (!span.is_disabled()).then(Instant::now);
        Trace { span, function, begun, began_while_panicking: thread::panicking(), totals: Mutex::default() }
    }

    /// Enters the span on the calling thread, until the returned guard is dropped.
    #[inline]
    pub(crate) fn enter(&self) -> Entered<'_> {
        self.span.enter()
    }

    /// Adds a number of finished items.
    #[inline]
    pub(crate) fn finished(&self, items: usize) {
        if !self.span.is_disabled() {
            self.totals().items += items;
        }
    }

    /// Begins to share the call between up to `threads` threads, including the calling thread.
    pub(crate) fn share(&self, threads: usize) -> Sharing<'_> {
        self.span.record("threads", threads);
        // If the span of the call is disabled, worker threads enter the surrounding span instead.
        let span = if self.span.is_disabled() { Span::current() } else { self.span.clone() };
        Sharing { trace: self, span, dispatch: dispatcher::get_default(Dispatch::clone) }
    }

    /// Returns the time since the call began, if its span is enabled.
    fn elapsed(&self) -> Option<Duration> {
        self.begun.map(|begun| begun.elapsed())
    }

    fn totals(&self) -> MutexGuard<'_, Totals> {
        self.totals.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A panic cannot leave anything in it half done. Both traits are needed so that a stream has the
/// same traits with and without the feature.
impl UnwindSafe for Trace {}
impl RefUnwindSafe for Trace {}

/// Sends the event at the end of the call.
impl Drop for Trace {
    fn drop(&mut self) {
        let Some(elapsed) = self.elapsed() else { return };
        let Totals { items, workers, idle, .. } = mem::take(&mut *self.totals());
        // The event repeats the function for subscribers that show events without their spans.
        let (function, panicked) = (self.function, thread::panicking() && !self.began_while_panicking);
        let send = || {
            debug!(
                name: "call_end",
                target: "parallelize",
                parent: &self.span,
                function,
                ?elapsed,
                items,
                workers,
                ?idle,
                panicked,
                "the call has ended"
            );
        };
        // The event goes to the subscriber of the span. A stream may be dropped under another one.
        self.span.with_subscriber(|(_, dispatch)| dispatcher::with_default(dispatch, send));
    }
}

/// The span and the subscriber of a thread, for another thread that works in its place.
pub(crate) struct Surroundings {
    span: Span,
    dispatch: Dispatch,
}

impl Surroundings {
    /// Returns those of the current thread.
    pub(crate) fn current() -> Self {
        Surroundings { span: Span::current(), dispatch: dispatcher::get_default(Dispatch::clone) }
    }

    /// Enters them, until the returned value is dropped.
    pub(crate) fn enter(&self) -> impl Sized + '_ {
        let guard = dispatcher::set_default(&self.dispatch);
        // The span must be left first.
        (self.span.enter(), guard)
    }
}

/// The part of a call in which worker threads may work on it.
pub(crate) struct Sharing<'call> {
    trace: &'call Trace,
    span: Span,
    dispatch: Dispatch,
}

impl Sharing<'_> {
    /// Enters the span on a worker thread, until the returned value is dropped.
    pub(crate) fn help(&self) -> Worker<'_> {
        let guard = dispatcher::set_default(&self.dispatch);
        let arrived = self.trace.elapsed();
        Worker {
            trace: self.trace,
            arrived,
            busy: Cell::new(Duration::ZERO),
            _entered: self.span.enter(),
            _dispatch: guard,
        }
    }
}

/// Adds the idle time, when all worker threads have left.
impl Drop for Sharing<'_> {
    fn drop(&mut self) {
        let mut totals = self.trace.totals();
        let Workers { count, arrived, busy } = mem::take(&mut totals.current);
        if count > 0 {
            totals.workers = totals.workers.max(count);
            // Each worker thread was idle from its arrival until now, except while it was busy.
            let now = self.trace.elapsed().unwrap_or_default() * u32::try_from(count).unwrap_or(u32::MAX);
            totals.idle += now.saturating_sub(arrived + busy);
        }
    }
}

/// A worker thread, until this is dropped.
pub(crate) struct Worker<'call> {
    trace: &'call Trace,
    /// The time at which it arrived, if the span of the call is enabled.
    arrived: Option<Duration>,
    busy: Cell<Duration>,
    // Declared before the subscriber, because the span must be left first.
    _entered: Entered<'call>,
    _dispatch: DefaultGuard,
}

impl Worker<'_> {
    /// Runs one turn, and adds its time to the busy time if `is_work` says that it was work.
    #[inline]
    pub(crate) fn timed<R>(&self, turn: impl FnOnce() -> R, is_work: impl FnOnce(&R) -> bool) -> R {
        if self.arrived.is_none() {
            return turn();
        }
        let start = Instant::now();
        let done = turn();
        if is_work(&done) {
            self.busy.set(self.busy.get() + start.elapsed());
        }
        done
    }
}

/// Adds the worker thread to the totals, if it has run items.
impl Drop for Worker<'_> {
    fn drop(&mut self) {
        let busy = self.busy.get();
        if let Some(arrived) = self.arrived.filter(|_| busy > Duration::ZERO) {
            let mut totals = self.trace.totals();
            let current = &mut totals.current;
            *current =
                Workers { count: current.count + 1, arrived: current.arrived + arrived, busy: current.busy + busy };
        }
    }
}
