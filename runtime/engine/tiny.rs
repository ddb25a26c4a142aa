//! Tiny calls: which calls are too short for anything but the plain serial loop.

use crate::engine::clock::{MAX_TICKS_PER_NANO, ticks};
use crate::engine::grain::MAX_COLD_NANOS;
use crate::engine::memory::Past;
use std::cell::Cell;

/// Maximum duration, in nanoseconds, that earlier calls may predict for a tiny call. Only the
/// first item of a tiny call is timed, or the first two. The plain serial loop runs the rest,
/// because worker threads cannot pay and each clock read is a noticeable cost.
const MAX_TINY_CALL_NANOS: f32 = 10_000.0;

/// Maximum duration, in nanoseconds, that an item may predict for a tiny call. It is 8 times the
/// limit of the other prediction, because a single item is a rough sample. It is measured by the
/// cycle counter, whose unit is not known: if that is slow, the limit is some times as high.
const MAX_TINY_CALL_BY_ITEM_NANOS: f32 = 8.0 * MAX_TINY_CALL_NANOS;

/// Maximum number of items that are timed until one of them confirms that a call is tiny.
const MAX_TIMED_ITEMS: usize = 2;

/// Maximum time that loading code and memory for the first item may take, in clock ticks.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // A constant.
const MAX_COLD_TICKS: u64 = (MAX_COLD_NANOS * MAX_TICKS_PER_NANO as f64) as u64;

/// Number of tiny calls per thread of which one is timed to its end. Without these samples, a
/// function whose later items have become expensive would go unnoticed. Timing every call would add
/// a clock read to each. A divisor of 256, because `TINY_CALLS` wraps around.
const TINY_CALLS_PER_SAMPLE: u8 = 16;

thread_local! {
    /// Number of tiny calls that this thread has run. It wraps around.
    static TINY_CALLS: Cell<u8> = const { Cell::new(0) };
}

/// What the first items of a call tell.
#[derive(Debug, PartialEq)]
pub(crate) enum Begun {
    /// The input has ended.
    Ended,
    /// The call is tiny.
    Confirmed,
    /// The call may be longer.
    Refuted,
}

/// A call that is tiny according to earlier calls. One of its first items must confirm that.
#[derive(Clone, Copy)]
pub(crate) struct TinyCall {
    /// Maximum number of items.
    max_items: f32,
}

impl TinyCall {
    /// Returns the call, if it is tiny according to earlier calls.
    #[inline]
    #[allow(clippy::cast_precision_loss)] // An estimate.
    pub(crate) fn predict(past: Option<Past>, max_items: Option<usize>) -> Option<Self> {
        let max_items = max_items.map_or(f32::INFINITY, |max| max as f32);
        past.is_some_and(|past| past.high * max_items <= MAX_TINY_CALL_NANOS).then_some(TinyCall { max_items })
    }

    /// Counts a tiny call, and returns whether it is timed to its end.
    #[inline]
    pub(crate) fn is_sample() -> bool {
        let count = TINY_CALLS.get().wrapping_add(1);
        TINY_CALLS.set(count);
        count % TINY_CALLS_PER_SAMPLE == 0
    }

    /// Runs the first item with `run_next`, which returns whether there was one, and tells whether
    /// its time confirms that the call is tiny. If the item may have been slow only because code
    /// and memory had to be loaded into the caches, the second one tells.
    ///
    /// # Errors
    ///
    /// What `run_next` returns.
    #[inline]
    pub(crate) fn begin<E>(self, mut run_next: impl FnMut() -> Result<bool, E>) -> Result<Begun, E> {
        for _ in 0..MAX_TIMED_ITEMS {
            let start = ticks();
            if !run_next()? {
                return Ok(Begun::Ended);
            }
            let taken = ticks().wrapping_sub(start);
            if self.is_confirmed(taken) {
                return Ok(Begun::Confirmed);
            }
            if taken >= MAX_COLD_TICKS {
                break;
            }
        }
        Ok(Begun::Refuted)
    }

    /// Returns whether an item that took this number of clock ticks confirms that the call is tiny.
    #[inline]
    #[allow(clippy::cast_precision_loss)] // An estimate.
    fn is_confirmed(self, ticks: u64) -> bool {
        ticks as f32 * self.max_items <= MAX_TINY_CALL_BY_ITEM_NANOS * MAX_TICKS_PER_NANO
    }
}
