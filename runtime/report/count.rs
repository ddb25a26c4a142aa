//! The number of finished items of a call.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Counts one item when it is dropped.
pub(crate) struct One<'tally>(pub(crate) &'tally Tally);

impl Drop for One<'_> {
    #[inline]
    fn drop(&mut self) {
        // No read-modify-write, which takes some nanoseconds: nobody else writes to it.
        self.0.0.store(self.0.0.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    }
}

/// How many items one thread at a time has finished; in cache lines of its own, of which two may be fetched together.
#[derive(Default)]
#[repr(align(128))]
pub(crate) struct Tally(AtomicU64);

/// How many items of a call are finished, by all its threads.
#[derive(Default)]
pub(crate) struct Count(Mutex<Vec<Arc<Tally>>>);

impl Count {
    pub(crate) fn sum(&self) -> u64 {
        self.tallies().iter().map(|tally| tally.0.load(Ordering::Relaxed)).sum()
    }

    /// Adds the tally of a thread that begins.
    pub(crate) fn add_tally(&self) -> Arc<Tally> {
        let tally = Arc::default();
        self.tallies().push(Arc::clone(&tally));
        tally
    }

    fn tallies(&self) -> MutexGuard<'_, Vec<Arc<Tally>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
