//! Counted values, with which tests check that each item and result is dropped exactly once, and
//! how many are held at a time.

use std::sync::atomic::{AtomicIsize, AtomicUsize, Ordering};

/// An item or result with its index, which counts how many values of its kind are alive.
#[derive(Debug)]
pub(crate) struct Alive<'a>(&'a AtomicIsize, pub(crate) usize);

impl<'a> Alive<'a> {
    pub(crate) fn new(count: &'a AtomicIsize, index: usize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Alive(count, index)
    }
}

impl Clone for Alive<'_> {
    fn clone(&self) -> Self {
        Alive::new(self.0, self.1)
    }
}

impl Drop for Alive<'_> {
    fn drop(&mut self) {
        let before = self.0.fetch_sub(1, Ordering::Relaxed);
        assert!(before > 0, "dropped twice");
    }
}

/// An item or result with its index, which counts how many of its kind are alive, and records the
/// maximum.
pub(crate) struct Held<'a>(&'a [AtomicUsize; 2], pub(crate) usize);

impl<'a> Held<'a> {
    pub(crate) fn new(counts: &'a [AtomicUsize; 2], index: usize) -> Self {
        let now = counts[0].fetch_add(1, Ordering::Relaxed) + 1;
        counts[1].fetch_max(now, Ordering::Relaxed);
        Held(counts, index)
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0[0].fetch_sub(1, Ordering::Relaxed);
    }
}

/// The counts of [`Held`]: those that are alive, and the maximum of that.
pub(crate) fn counts() -> [AtomicUsize; 2] {
    [AtomicUsize::new(0), AtomicUsize::new(0)]
}
