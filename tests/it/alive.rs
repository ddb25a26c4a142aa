//! A counted value, with which tests check that each item and result is dropped exactly once.

use std::sync::atomic::{AtomicIsize, Ordering};

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
