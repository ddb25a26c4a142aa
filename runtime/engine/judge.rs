//! The judge of a shared call: compares what all threads finish per time with what the calling
//! thread did alone, and ends sharing if it does not win.
//!
//! A window is lost if all threads together were not faster than the calling thread alone. The
//! items may have become more expensive, so the calling thread then runs one chunk alone, and
//! sharing ends if that is about as fast in [`MAX_LOSSES`] trials in a row. A window takes
//! [`MIN_WINDOW_NANOS`] or, later, a sixteenth of the time since sharing began. The other threads
//! wait for at most [`MAX_TRIAL_NANOS`].

use std::time::Instant;

/// Minimum duration of a window, in nanoseconds. It is some times as long as a chunk, because a
/// chunk that has been begun but not finished does not count.
const MIN_WINDOW_NANOS: f64 = 150_000.0;

/// Fraction of the time since sharing began that a window takes, if that is longer.
const WINDOW_FRACTION: f64 = 1.0 / 16.0;

/// Maximum duration of a trial, in nanoseconds, including the time until it begins. After that, the
/// other threads go on, because the calling thread is busy or in a long item.
const MAX_TRIAL_NANOS: f64 = 300_000.0;

/// Maximum time of an item on the calling thread, in nanoseconds, for which sharing is judged. More
/// expensive items lose little by sharing, and a window has too few of them.
pub(crate) const MAX_JUDGED_ITEM_NANOS: f64 = 2_000.0;

/// Number of trials in a row that sharing must lose.
const MAX_LOSSES: u32 = 2;

/// Maximum time of an item, in nanoseconds, for which sharing is judged although the time on the
/// calling thread alone is unknown.
const MAX_UNKNOWN_ITEM_NANOS: f64 = 100.0;

/// Minimum speedup of all threads over the calling thread alone, because both times are
/// measurements, and because the threads of a call that wins nothing are of more use elsewhere.
const MIN_GAIN: f64 = 1.05;

/// Judges by wall time whether sharing pays.
pub(crate) struct Judge {
    /// The time per item of the calling thread alone, in nanoseconds; 0 if it is unknown.
    alone_nanos: f64,
    /// When sharing began.
    begin: Instant,
    /// When the current window began.
    since: Instant,
    /// The number of items that have been finished in the current window.
    items: usize,
    /// Factor for the length of windows: it grows with each lost window, so that trials are rare.
    patience: f64,
    /// Whether sharing is judged: from the time when workers are called until the calling thread
    /// stops, because it must run the trials.
    is_active: bool,
    /// The number of trials in a row that sharing has lost.
    losses: u32,
    /// Whether sharing has won a window, or lost the trials; `None` if neither.
    has_won: Option<bool>,
    phase: Phase,
}

/// What the threads of the call do.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Phase {
    /// All threads take chunks.
    Sharing,
    /// The calling thread runs one chunk alone, for comparison.
    Trial {
        /// The time per item of all threads together in the lost window, in nanoseconds.
        shared_nanos: f64,
    },
    /// Sharing does not win: the calling thread takes the rest.
    Alone,
}

#[allow(clippy::cast_precision_loss)] // Estimates.
impl Judge {
    /// Creates the judge of a call whose calling thread alone took `alone_nanos` per item, or 0 if
    /// that is unknown.
    pub(crate) fn new(alone_nanos: f64) -> Self {
        let now = Instant::now();
        Judge {
            alone_nanos,
            begin: now,
            since: now,
            items: 0,
            patience: 1.0,
            is_active: false,
            losses: 0,
            has_won: None,
            phase: Phase::Sharing,
        }
    }

    /// Begins to judge: the worker threads are called now.
    pub(crate) fn begin(&mut self) {
        *self = Judge { is_active: true, ..Judge::new(self.alone_nanos) };
    }

    /// Ends sharing without a trial, because it cannot win.
    pub(crate) fn reject(&mut self) {
        self.phase = Phase::Alone;
        if self.is_active {
            // Worker threads were called in vain.
            self.has_won = Some(false);
        }
    }

    /// Ends judging: the calling thread has stopped, so it cannot run a chunk alone.
    pub(crate) fn end(&mut self) {
        self.is_active = false;
        self.cancel_trial();
    }

    /// Cancels a trial, if there is one: threads would wait too long for the calling thread.
    pub(crate) fn cancel_trial(&mut self) {
        if matches!(self.phase, Phase::Trial { .. }) {
            self.patience *= 2.0;
            self.share_again();
        }
    }

    /// Cancels a trial that has taken too long: the items are too expensive for it, or the calling
    /// thread is busy.
    pub(crate) fn limit_trial(&mut self) {
        if self.since.elapsed().as_nanos() as f64 > MAX_TRIAL_NANOS {
            self.cancel_trial();
        }
    }

    /// Returns whether chunks must be recorded when they are assigned.
    pub(crate) fn needs_chunks(&self) -> bool {
        self.is_active && self.alone_nanos < MAX_JUDGED_ITEM_NANOS
    }

    pub(crate) fn phase(&self) -> Phase {
        self.phase
    }

    /// Returns whether sharing has won, or `None` if it has not been judged.
    pub(crate) fn has_won(&self) -> Option<bool> {
        self.has_won
    }

    /// Adds a chunk of `items` items that is finished now. Its thread has spent `nanos` on it.
    ///
    /// `is_trial` tells that the calling thread ran it while no other thread had a chunk. `oldest`
    /// is when the oldest chunk was assigned that threads still work on.
    pub(crate) fn add(&mut self, items: usize, nanos: u64, is_trial: bool, oldest: Option<Instant>) {
        let item_nanos = nanos as f64 / items.max(1) as f64;
        match self.phase {
            Phase::Trial { shared_nanos } if is_trial => {
                let is_lost = item_nanos < shared_nanos * MIN_GAIN;
                self.losses = if is_lost { self.losses + 1 } else { 0 };
                if self.losses >= MAX_LOSSES {
                    self.phase = Phase::Alone;
                    self.has_won = Some(false);
                    return;
                }
                // A lost trial is repeated soon, because a thread may have been preempted.
                if !is_lost {
                    self.alone_nanos = item_nanos;
                    self.patience *= 2.0;
                }
                self.share_again();
            }
            Phase::Sharing if self.is_active => {
                self.items += items;
                self.end_window(oldest);
            }
            _ => {}
        }
    }

    /// Goes on with sharing after a trial.
    fn share_again(&mut self) {
        self.phase = Phase::Sharing;
        (self.since, self.items) = (Instant::now(), 0);
    }

    /// Judges the current window, if it has lasted long enough.
    fn end_window(&mut self, oldest: Option<Instant>) {
        let now = Instant::now();
        let nanos = (now - self.since).as_nanos() as f64;
        let min_nanos = MIN_WINDOW_NANOS.max((now - self.begin).as_nanos() as f64 * WINDOW_FRACTION);
        if nanos < min_nanos * self.patience || self.items == 0 {
            return;
        }
        if oldest.is_some_and(|oldest| oldest <= self.since) {
            // A thread was busy with a long item all the time, so the window says nothing.
            (self.since, self.items) = (now, 0);
            return;
        }
        let shared_nanos = nanos / self.items as f64;
        let is_lost = if self.alone_nanos == 0.0 {
            shared_nanos < MAX_UNKNOWN_ITEM_NANOS
        } else {
            self.alone_nanos < MAX_JUDGED_ITEM_NANOS.min(shared_nanos * MIN_GAIN)
        };
        if is_lost {
            self.phase = Phase::Trial { shared_nanos };
        } else {
            self.losses = 0;
            self.has_won = Some(true);
        }
        (self.since, self.items) = (now, 0);
    }
}
