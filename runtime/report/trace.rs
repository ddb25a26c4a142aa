//! Decides what `tracing` is told of a call: its span, which is entered on all its threads, and an event when it ends.

use std::cell::Cell;
use std::mem;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};
use tracing::dispatcher::{self, DefaultGuard, Dispatch};
use tracing::span::Entered;
use tracing::{Span, debug, debug_span, field};

/// A call, as it is told.
pub(crate) struct Trace {
    /// The call's own, if anybody asked for it.
    span: Span,
    function: &'static str,
    /// When the call began, if its span is enabled.
    begun: Option<Instant>,
    /// It is part of dropping something on a thread that panics.
    began_panicking: bool,
    told: Mutex<Told>,
}

/// What the event at the end says.
#[derive(Default)]
struct Told {
    items: usize,
    /// The most that helped at a time.
    workers: usize,
    /// How long they had nothing to do.
    idle: Duration,
    /// Of those who help now.
    now: Now,
}

/// What is known of workers who have left and got something to do, until all have left.
#[derive(Default)]
struct Now {
    workers: usize,
    /// The sum of the times at which they came, and of those that they were at work.
    came: Duration,
    busy: Duration,
}

impl Trace {
    /// A call of the function that `memory` is of, which begins.
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
        Trace { span, function, begun, began_panicking: thread::panicking(), told: Mutex::default() }
    }

    /// What the caller's thread does as long as it is there is the call's.
    #[inline]
    pub(crate) fn enter(&self) -> Entered<'_> {
        self.span.enter()
    }

    /// So many items are finished.
    #[inline]
    pub(crate) fn finished(&self, items: usize) {
        if !self.span.is_disabled() {
            self.told().items += items;
        }
    }

    /// Others may help from now on, who are so many threads together with the caller.
    pub(crate) fn share(&self, threads: usize) -> Sharing<'_> {
        self.span.record("threads", threads);
        // Of a call that nobody asked for, what goes on around it still matters to the items.
        let span = if self.span.is_disabled() { Span::current() } else { self.span.clone() };
        Sharing { trace: self, span, dispatch: dispatcher::get_default(Dispatch::clone) }
    }

    /// The time since the call began, if its span is enabled.
    fn elapsed(&self) -> Option<Duration> {
        self.begun.map(|begun| begun.elapsed())
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Nothing in it can be left half done by a panic; without the feature, a stream is both as well.
impl UnwindSafe for Trace {}
impl RefUnwindSafe for Trace {}

/// The call has ended.
impl Drop for Trace {
    fn drop(&mut self) {
        let Some(elapsed) = self.elapsed() else { return };
        let Told { items, workers, idle, .. } = mem::take(&mut *self.told());
        // What shows events without their spans has the function from here.
        let (function, panicked) = (self.function, thread::panicking() && !self.began_panicking);
        let tell = || {
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
        // To who was told of the span: a stream may end elsewhere.
        self.span.with_subscriber(|(_, dispatch)| dispatcher::with_default(dispatch, tell));
    }
}

/// The part of a call that others may help with.
pub(crate) struct Sharing<'call> {
    trace: &'call Trace,
    span: Span,
    dispatch: Dispatch,
}

impl Sharing<'_> {
    /// Of a thread that helps.
    pub(crate) fn help(&self) -> Helping<'_> {
        let guard = dispatcher::set_default(&self.dispatch);
        let came = self.trace.elapsed();
        Helping {
            trace: self.trace,
            came,
            busy: Cell::new(Duration::ZERO),
            _entered: self.span.enter(),
            _dispatch: guard,
        }
    }
}

/// All have left.
impl Drop for Sharing<'_> {
    fn drop(&mut self) {
        let mut told = self.trace.told();
        let Now { workers, came, busy } = mem::take(&mut told.now);
        if workers > 0 {
            told.workers = told.workers.max(workers);
            let all = self.trace.elapsed().unwrap_or_default() * u32::try_from(workers).unwrap_or(u32::MAX);
            told.idle += all.saturating_sub(came + busy);
        }
    }
}

/// A thread that helps, until it is dropped.
pub(crate) struct Helping<'call> {
    trace: &'call Trace,
    /// When it came, if that is told.
    came: Option<Duration>,
    busy: Cell<Duration>,
    // Left before the subscriber is.
    _entered: Entered<'call>,
    _dispatch: DefaultGuard,
}

impl Helping<'_> {
    /// Does something, which is work unless it says otherwise.
    #[inline]
    pub(crate) fn timed<R>(&self, turn: impl FnOnce() -> R, is_work: impl FnOnce(&R) -> bool) -> R {
        if self.came.is_none() {
            return turn();
        }
        let before = Instant::now();
        let done = turn();
        if is_work(&done) {
            self.busy.set(self.busy.get() + before.elapsed());
        }
        done
    }
}

impl Drop for Helping<'_> {
    fn drop(&mut self) {
        let busy = self.busy.get();
        if let Some(came) = self.came.filter(|_| busy > Duration::ZERO) {
            let mut told = self.trace.told();
            let now = &mut told.now;
            *now = Now { workers: now.workers + 1, came: now.came + came, busy: now.busy + busy };
        }
    }
}
