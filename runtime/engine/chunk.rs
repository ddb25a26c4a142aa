//! A chunk: consecutive items that have been taken from the input and have not run, and the slots
//! for their results.

use crate::engine::slots::Part;
use crate::unwind::discard;
use std::mem;
use std::vec;

/// Consecutive items of an input, and the slots for their results.
pub(crate) struct Chunk<'vec, T, R> {
    /// The index of the first item, including those that have run.
    pub(crate) start: usize,
    /// The items that have not run.
    items: Items<T>,
    /// The slots, which contain the results of the items that have run.
    pub(crate) part: Part<'vec, R>,
}

impl<'vec, T, R> Chunk<'vec, T, R> {
    pub(crate) fn new(start: usize, items: Vec<T>, part: Part<'vec, R>) -> Self {
        Chunk { start, items: Items(items.into_iter()), part }
    }

    /// Returns the number of items that have not run.
    pub(crate) fn remaining(&self) -> usize {
        self.items.0.len()
    }

    /// Runs the items, up to the first that ends the call. Asks `must_pause` for each group of
    /// `group_len` items whether to stop before it.
    ///
    /// Items that have not run stay in the chunk.
    #[inline]
    pub(crate) fn run<B>(
        &mut self,
        group_len: usize,
        must_pause: impl Fn(usize) -> bool,
        mut f: impl FnMut(T) -> Result<R, B>,
    ) -> Result<(), B> {
        let Chunk { items: Items(items), part, .. } = self;
        while items.len() > 0 && !must_pause(items.len()) {
            if group_len == 1 {
                part.fill(UntilPause { items, must_pause: &must_pause }, usize::MAX, &mut f)?;
            } else {
                part.fill(items.by_ref(), group_len, &mut f)?;
            }
        }
        Ok(())
    }

    /// Splits the chunk: keeps what has run and up to `count` items that have not, and returns the
    /// items behind them.
    pub(crate) fn split_off(&mut self, count: usize) -> Self {
        let done = self.part.len();
        let part = self.part.split_off(done + count);
        let kept: Vec<T> = self.items.0.by_ref().take(count).collect();
        let rest = mem::replace(&mut self.items, Items(kept.into_iter()));
        Chunk { start: self.start + done + self.items.0.len(), items: rest, part }
    }
}

/// Items that have not run. The serial loop would not have pulled those that never run, so panics
/// from dropping them are ignored.
struct Items<T>(vec::IntoIter<T>);

impl<T> Drop for Items<T> {
    fn drop(&mut self) {
        if mem::needs_drop::<T>() {
            self.0.by_ref().for_each(discard);
        }
    }
}

/// Yields items until `must_pause` returns true.
struct UntilPause<'chunk, T, P> {
    items: &'chunk mut vec::IntoIter<T>,
    must_pause: P,
}

impl<T, P: Fn(usize) -> bool> Iterator for UntilPause<'_, T, P> {
    type Item = T;

    #[inline]
    fn next(&mut self) -> Option<T> {
        if (self.must_pause)(self.items.len()) { None } else { self.items.next() }
    }
}
