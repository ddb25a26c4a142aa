//! The number of finished items of a call.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// Counts one item when it is dropped.
pub(crate) struct One<'tally>(pub(crate) &'tally Tally);

impl Drop for One<'_> {
    #[inline]
    fn drop(&mut self) {
        // A load and a store, because only one thread at a time writes to this tally. An atomic
        // addition would take some nanoseconds.
        self.0.0.store(self.0.0.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    }
}

/// The number of items that one thread at a time has finished.
///
/// Aligned to 128 bytes, because a processor may fetch two cache lines of 64 bytes together.
#[derive(Default)]
#[repr(align(128))]
pub(crate) struct Tally(AtomicU64);

/// The number of items that all threads of a call have finished.
#[derive(Default)]
pub(crate) struct Count {
    tallies: Mutex<Vec<Arc<Tally>>>,
    /// The number of those whose results come from a checkpoint, if the call has
    /// one.
    stored: OnceLock<Arc<AtomicU64>>,
}

impl Count {
    /// Returns the sum of all tallies.
    pub(crate) fn sum(&self) -> u64 {
        self.tallies().iter().map(|tally| tally.0.load(Ordering::Relaxed)).sum()
    }

    /// Returns the number of items whose results come from a checkpoint.
    pub(crate) fn stored(&self) -> u64 {
        self.stored.get().map_or(0, |stored| stored.load(Ordering::Relaxed))
    }

    /// Lets `stored` count the items whose results come from a checkpoint.
    pub(crate) fn count_stored(&self, stored: Arc<AtomicU64>) {
        // A call begins once.
        let _ = self.stored.set(stored);
    }

    /// Adds a tally for a thread that begins to work on the call.
    pub(crate) fn add_tally(&self) -> Arc<Tally> {
        let tally = Arc::default();
        self.tallies().push(Arc::clone(&tally));
        tally
    }

    fn tallies(&self) -> MutexGuard<'_, Vec<Arc<Tally>>> {
        self.tallies.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
