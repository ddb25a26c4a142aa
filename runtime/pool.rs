//! Decides who may be at work now, of all calls in the process, and remembers what it takes to know whether waking a helper pays.

use std::cell::Cell;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Instant;

/// How many threads are working on calls, in the whole process, but for those of a call's own pool. A thread counts once, however deep its calls are nested.
static BUSY: AtomicUsize = AtomicUsize::new(0);

/// When a helper last left a call, in nanoseconds of [`now`].
static LAST_LEFT: AtomicU64 = AtomicU64::new(0);

/// What calls of the present burst lost by staying on their own thread, in nanoseconds.
static REGRET: AtomicU64 = AtomicU64::new(0);

/// When the last such call ended, in nanoseconds of [`now`].
static LAST_SERIAL: AtomicU64 = AtomicU64::new(0);

/// A worker that has just left looks for work for some tens of microseconds before it sleeps; till then waking it is cheap.
const AWAKE: u64 = 30_000;

/// A burst is over after a pause of this many nanoseconds.
const BURST: u64 = 1_000_000;

/// Past this many nanoseconds of regret a burst pays for one wake-up: about what a cold one costs (11 to 39 us), and its delay once more.
const ENOUGH: u64 = 60_000;

thread_local! {
    /// How many calls this thread is working on, one inside the other.
    static DEPTH: Cell<usize> = const { Cell::new(0) };

    /// How many tiny calls this thread has made.
    static TINY_CALLS: Cell<u8> = const { Cell::new(0) };
}

/// Whether this tiny call is one of the few that are measured to the end.
pub(crate) fn is_sample() -> bool {
    let count = TINY_CALLS.get().wrapping_add(1);
    TINY_CALLS.set(count);
    count % 16 == 0
}

/// Nanoseconds since the first use of the clock.
pub(crate) fn now() -> u64 {
    static START: OnceLock<Instant> = OnceLock::new();
    u64::try_from(START.get_or_init(Instant::now).elapsed().as_nanos()).unwrap_or(u64::MAX)
}

/// A thread that works on a call, until it is dropped.
pub(crate) struct Seat {
    /// It is one of those that are counted in [`BUSY`].
    is_counted: bool,
}

impl Seat {
    /// For a caller, who works in any case.
    pub(crate) fn take() -> Self {
        let depth = DEPTH.get();
        DEPTH.set(depth + 1);
        let is_counted = depth == 0;
        if is_counted {
            BUSY.fetch_add(1, Ordering::Relaxed);
        }
        Seat { is_counted }
    }

    /// For a helper, who works only where fewer than `limit` threads are at work, and never on top of another item: a thread that waits inside of rayon, in
    /// the user's own code, may have been given this work meanwhile.
    pub(crate) fn take_free(limit: usize) -> Option<Self> {
        if DEPTH.get() > 0 {
            return None;
        }
        let taken = BUSY.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |busy| (busy < limit).then_some(busy + 1));
        taken.ok().map(|_| {
            DEPTH.set(1);
            Seat { is_counted: true }
        })
    }

    /// For a helper of a pool of the call's own: its threads are there for work that waits, and leave the cores to other calls.
    pub(crate) fn take_beside() -> Option<Self> {
        (DEPTH.get() == 0).then(|| {
            DEPTH.set(1);
            Seat { is_counted: false }
        })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        DEPTH.set(DEPTH.get() - 1);
        if self.is_counted {
            BUSY.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

/// The most threads that a call may have by the environment: `PARALLELIZE_THREADS`, read once.
pub(crate) fn cap() -> usize {
    static CAP: OnceLock<usize> = OnceLock::new();
    *CAP.get_or_init(|| {
        let cap = std::env::var("PARALLELIZE_THREADS").ok().and_then(|text| text.trim().parse().ok());
        cap.filter(|cap| *cap > 0).unwrap_or(usize::MAX)
    })
}

/// How many helpers a call may have now: the pool's threads that are not at work. The caller has its seat.
pub(crate) fn free(threads: usize) -> usize {
    threads.saturating_sub(BUSY.load(Ordering::Relaxed))
}

/// Whether a helper can be had cheaply, or a burst of short calls has paid for one.
pub(crate) fn is_awake(now: u64) -> bool {
    let last_left = LAST_LEFT.load(Ordering::Relaxed);
    let is_warm = last_left > 0 && now.saturating_sub(last_left) < AWAKE;
    is_warm || REGRET.load(Ordering::Relaxed) > ENOUGH
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
    let is_burst = now.saturating_sub(LAST_SERIAL.swap(now, Ordering::Relaxed)) < BURST + 2 * nanos;
    let before = if is_burst { REGRET.load(Ordering::Relaxed) } else { 0 };
    REGRET.store(before.saturating_add(nanos), Ordering::Relaxed);
}

#[cfg(test)]
mod tests {
    use super::{Seat, free};

    #[test]
    fn those_of_an_own_pool_take_no_seat_from_others() {
        let before = free(1_000);
        let caller = Seat::take();
        assert_eq!(free(1_000), before - 1);
        let helps = move || {
            let seat = Seat::take_beside().expect("it is at nothing else");
            assert!(
                Seat::take_beside().is_none() && Seat::take_free(1_000).is_none(),
                "nothing runs on top of an item"
            );
            let inner = Seat::take();
            assert_eq!(free(1_000), before - 1);
            drop((inner, seat));
            assert!(Seat::take_free(1_000).is_some());
        };
        std::thread::spawn(helps).join().expect("it is so");
        drop(caller);
        assert_eq!(free(1_000), before);
    }
}
