//! The threads that are at work on calls, in the whole process.

use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How many threads are working on calls, in the whole process, but for those of a call's own pool. A thread counts once, however deep its calls are nested.
static BUSY: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// How many calls this thread is working on, one inside the other.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
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

/// How many helpers a call may have now: the pool's threads that are not at work. The caller has its seat.
pub(crate) fn free(threads: usize) -> usize {
    threads.saturating_sub(BUSY.load(Ordering::Relaxed))
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
