//! What waking a worker thread costs now, judging by the calls of the whole process.

use crate::engine::clock::now;
use std::sync::atomic::{AtomicU64, Ordering};

/// When a worker thread last left a call, in nanoseconds of [`now`]; 0 if none has.
static LAST_WORKER_LEFT: AtomicU64 = AtomicU64::new(0);

/// The time that the calls of the current burst lost by staying on the calling thread, in
/// nanoseconds. A burst is a series of calls without a pause of [`MAX_BURST_PAUSE_NANOS`].
static LOST: AtomicU64 = AtomicU64::new(0);

/// When the last call that stayed on the calling thread ended, in nanoseconds of [`now`].
static LAST_CALL_ALONE: AtomicU64 = AtomicU64::new(0);

/// Maximum time since a worker thread left a call, in nanoseconds, with which it counts as awake.
/// rayon's threads search for work for some tens of microseconds before they sleep. Until then,
/// waking one is cheap.
const MAX_AWAKE_NANOS: u64 = 30_000;

/// Maximum pause between two calls of a burst, in nanoseconds, because after a longer one the lost
/// time says nothing about the next calls.
const MAX_BURST_PAUSE_NANOS: u64 = 1_000_000;

/// Maximum time for which a worker thread lingers after a call, in nanoseconds. It is about as long
/// as rayon's threads search for work before they sleep.
pub(crate) const MAX_LINGER_NANOS: u64 = 50_000;

/// Minimum time that a burst must have lost before it wakes a worker thread, in nanoseconds. It is
/// about what waking one costs (11 to 39 us, measured) plus its delay.
const WAKE_UP_COST_NANOS: u64 = 60_000;

/// Returns whether a worker thread is still awake, or the calls of a burst have lost more time than
/// waking one costs.
pub(crate) fn is_affordable(now: u64) -> bool {
    let last_left = LAST_WORKER_LEFT.load(Ordering::Relaxed);
    let is_awake = last_left > 0 && now.saturating_sub(last_left) < MAX_AWAKE_NANOS;
    is_awake || has_lost()
}

/// Returns whether the calls of a burst have lost more time than waking a worker thread costs.
pub(crate) fn has_lost() -> bool {
    LOST.load(Ordering::Relaxed) > WAKE_UP_COST_NANOS
}

/// Records that a worker thread has left a call.
pub(crate) fn note_worker_left() {
    LAST_WORKER_LEFT.store(now(), Ordering::Relaxed);
}

/// Records that worker threads are called, and resets the lost time of the burst.
pub(crate) fn note_wake_up() {
    LOST.store(0, Ordering::Relaxed);
}

/// Records that a call has ended on the calling thread. An awake worker thread could have shortened
/// it by `nanos`. If the call was so short that only a lingering worker helps, `must_linger`.
pub(crate) fn note_lost_time(nanos: u64, must_linger: bool, now: u64) {
    // The call itself took `2 * nanos`. The rest of the time since the last call was a pause.
    let since_last_call = now.saturating_sub(LAST_CALL_ALONE.swap(now, Ordering::Relaxed));
    let max_pause = if must_linger { MAX_LINGER_NANOS / 2 } else { MAX_BURST_PAUSE_NANOS };
    let is_burst = since_last_call < max_pause + 2 * nanos;
    let before = if is_burst { LOST.load(Ordering::Relaxed) } else { 0 };
    LOST.store(before.saturating_add(nanos), Ordering::Relaxed);
}
