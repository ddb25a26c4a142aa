//! Seats: the count of the threads that work on calls, in the whole process.

use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The number of threads of the process that work on calls. A thread counts once, however deep its
/// calls nest. The worker threads of separate pools do not count.
static BUSY: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// The number of calls that this thread works on, each inside an item of the one before.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// The seat of a thread, which works on a call until the seat is dropped.
pub(crate) struct Seat {
    /// Whether this seat is counted in [`BUSY`].
    is_counted: bool,
}

impl Seat {
    /// Takes a seat for a calling thread, which works in any case.
    pub(crate) fn take() -> Self {
        let depth = DEPTH.get();
        DEPTH.set(depth + 1);
        let is_counted = depth == 0;
        if is_counted {
            BUSY.fetch_add(1, Ordering::Relaxed);
        }
        Seat { is_counted }
    }

    /// Takes a seat for a worker thread, if fewer than `limit` threads work.
    ///
    /// A thread that already works on a call gets none, so that no item runs on top of another
    /// item's stack. rayon may start this work on such a thread, if the item waits inside rayon.
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

    /// Takes a seat for a worker thread of a separate pool, unless it already works on a call.
    ///
    /// The seat is not counted, because the items of such calls wait and leave the cores to other
    /// calls.
    pub(crate) fn take_uncounted() -> Option<Self> {
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

/// Returns the number of further worker threads that may work now, if at most `limit` threads may
/// work in the whole process. The calling thread must have taken its own seat.
pub(crate) fn free(limit: usize) -> usize {
    limit.saturating_sub(BUSY.load(Ordering::Relaxed))
}

#[cfg(test)]
mod tests {
    use super::{Seat, free};

    #[test]
    fn threads_of_separate_pools_take_no_seat_from_others() {
        let before = free(1_000);
        let calling_thread = Seat::take();
        assert_eq!(free(1_000), before - 1);
        let worker = move || {
            let seat = Seat::take_uncounted().expect("the thread works on no call yet");
            assert!(
                Seat::take_uncounted().is_none() && Seat::take_free(1_000).is_none(),
                "no item runs on top of another item's stack"
            );
            let inner = Seat::take();
            assert_eq!(free(1_000), before - 1);
            drop((inner, seat));
            assert!(Seat::take_free(1_000).is_some());
        };
        std::thread::spawn(worker).join().expect("the worker thread does not panic");
        drop(calling_thread);
        assert_eq!(free(1_000), before);
    }
}
