//! Decides who may be at work now, of all calls in the process, and remembers what it takes to know whether waking a helper pays.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// When a helper last left a call, in nanoseconds of [`now`].
static LAST_LEFT: AtomicU64 = AtomicU64::new(0);

/// What calls of the present burst lost by staying on their own thread, in nanoseconds.
static REGRET: AtomicU64 = AtomicU64::new(0);

/// When the last such call ended, in nanoseconds of [`now`].
static LAST_SERIAL: AtomicU64 = AtomicU64::new(0);

/// A worker that has just left looks for work for some tens of microseconds before it sleeps; till then waking it is cheap.
const AWAKE_NANOS: u64 = 30_000;

/// A burst is over after a pause of this many nanoseconds.
const MAX_BURST_PAUSE_NANOS: u64 = 1_000_000;

/// Past this many nanoseconds of regret a burst pays for one wake-up: about what a cold one costs (11 to 39 us), and its delay once more.
const WAKE_UP_COST_NANOS: u64 = 60_000;

/// Nanoseconds since the first use of the clock.
pub(crate) fn now() -> u64 {
    static START: OnceLock<Instant> = OnceLock::new();
    u64::try_from(START.get_or_init(Instant::now).elapsed().as_nanos()).unwrap_or(u64::MAX)
}

/// Whether a helper can be had cheaply, or a burst of short calls has paid for one.
pub(crate) fn is_awake(now: u64) -> bool {
    let last_left = LAST_LEFT.load(Ordering::Relaxed);
    let is_warm = last_left > 0 && now.saturating_sub(last_left) < AWAKE_NANOS;
    is_warm || REGRET.load(Ordering::Relaxed) > WAKE_UP_COST_NANOS
}

/// A helper has left.
pub(crate) fn note_left() {
    LAST_LEFT.store(now(), Ordering::Relaxed);
}

/// Helpers have been called.
pub(crate) fn note_wake() {
    REGRET.store(0, Ordering::Relaxed);
}

/// A call that a helper who is awake could have shortened by `nanos` has ended without one.
pub(crate) fn note_regret(nanos: u64, now: u64) {
    let is_burst = now.saturating_sub(LAST_SERIAL.swap(now, Ordering::Relaxed)) < MAX_BURST_PAUSE_NANOS + 2 * nanos;
    let before = if is_burst { REGRET.load(Ordering::Relaxed) } else { 0 };
    REGRET.store(before.saturating_add(nanos), Ordering::Relaxed);
}
