//! Seats: the count of the threads of each pool that work on calls.

use crate::engine::pool::Pool;
use std::cell::Cell;
use std::sync::Arc;

thread_local! {
    /// The number of calls that this thread works on, each inside an item of the one before.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// The seat of a thread, which works on a call until the seat is dropped.
pub(crate) struct Seat {
    /// The pool that counts this seat, if one does.
    counted_by: Option<Arc<Pool>>,
}

impl Seat {
    /// Takes a seat for a calling thread, which works in any case.
    ///
    /// A thread counts once, however deep its calls nest.
    pub(crate) fn take() -> Self {
        let depth = DEPTH.get();
        DEPTH.set(depth + 1);
        let counted_by = if depth == 0 { Pool::current() } else { None };
        if let Some(pool) = &counted_by {
            pool.add_busy();
        }
        Seat { counted_by }
    }

    /// Returns whether the current thread works on a call that was made inside an item of another.
    pub(crate) fn is_nested() -> bool {
        DEPTH.get() > 1
    }

    /// Returns whether the current thread works on a call.
    pub(crate) fn is_taken() -> bool {
        DEPTH.get() > 0
    }

    /// Takes a seat for a worker thread of a pool, if fewer than `limit` threads of it work.
    ///
    /// A thread that already works on a call gets none, so that no item runs on top of another
    /// item's stack. rayon may start this work on such a thread, if the item waits inside rayon.
    pub(crate) fn take_free(pool: &Arc<Pool>, limit: usize) -> Option<Self> {
        if DEPTH.get() > 0 || !pool.try_add_busy(limit) {
            return None;
        }
        DEPTH.set(1);
        Some(Seat { counted_by: Some(Arc::clone(pool)) })
    }

    /// Takes a seat for a thread of the crew, unless it already works on a call.
    ///
    /// The seat is not counted, because the items of such calls wait and leave the cores to other
    /// calls.
    pub(crate) fn take_uncounted() -> Option<Self> {
        (DEPTH.get() == 0).then(|| {
            DEPTH.set(1);
            Seat { counted_by: None }
        })
    }
}

/// Runs `wait`, in which the calling thread of a call does not work. Meanwhile, its seat is free.
pub(crate) fn vacate<R>(wait: impl FnOnce() -> R) -> R {
    // Otherwise no pool counts the thread, or an outer call does.
    let pool = if DEPTH.get() == 1 { Pool::current() } else { None };
    if let Some(pool) = &pool {
        pool.remove_busy();
    }
    let result = wait();
    if let Some(pool) = &pool {
        pool.add_busy();
    }
    result
}

impl Drop for Seat {
    fn drop(&mut self) {
        DEPTH.set(DEPTH.get() - 1);
        if let Some(pool) = &self.counted_by {
            pool.remove_busy();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Seat;
    use crate::engine::pool::Pool;
    use std::sync::Arc;

    #[test]
    fn seats_of_the_crew_are_not_counted() {
        let pool = Arc::new(Pool::default());
        let worker = Seat::take_free(&pool, 2).expect("a free seat");
        assert_eq!(pool.free(2), 1);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let seat = Seat::take_uncounted().expect("this thread is not at work");
                assert_eq!(pool.free(2), 1);
                assert!(Seat::take_uncounted().is_none() && Seat::take_free(&pool, 2).is_none(), "on top of an item");
                drop(seat);
                let second = Seat::take_free(&pool, 2);
                assert!(second.is_some());
                assert_eq!(pool.free(2), 0);
            });
        });
        std::thread::scope(|scope| {
            scope.spawn(|| assert!(Seat::take_free(&pool, 1).is_none(), "the limit is reached"));
        });
        drop(worker);
        assert_eq!(pool.free(2), 2);
    }
}
