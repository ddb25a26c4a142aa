//! A chunk: consecutive items that have been taken from the input and have not run, and the slots
//! for their results.

use crate::engine::slots::Part;
use crate::engine::split::split_front;
use crate::unwind::discard;
use std::mem;
use std::vec;

/// Consecutive items of an input, and the slots for their results.
pub(crate) struct Chunk<'vec, I: Iterator, R> {
    /// The index of the first item, including those that have run.
    pub(crate) start: usize,
    /// The items that have not run.
    items: Items<I>,
    /// The slots, which contain the results of the items that have run.
    pub(crate) part: Part<'vec, R>,
}

/// Items that have not run.
enum Items<I: Iterator> {
    /// Items that have been pulled from the input.
    Pulled(Pulled<I::Item>),
    /// The first `len` items of an iterator that [`split_front`] can split.
    Split { items: I, len: usize },
}

impl<'vec, I: Iterator, R> Chunk<'vec, I, R> {
    /// Creates a chunk of items that have been pulled.
    pub(crate) fn pulled(start: usize, items: Vec<I::Item>, part: Part<'vec, R>) -> Self {
        Chunk { start, items: Items::Pulled(Pulled(items.into_iter())), part }
    }

    /// Creates a chunk of the first `len` items of `items`, which [`split_front`] can split.
    pub(crate) fn split(start: usize, items: I, len: usize, part: Part<'vec, R>) -> Self {
        Chunk { start, items: Items::Split { items, len }, part }
    }

    /// Returns the number of items that have not run.
    pub(crate) fn remaining(&self) -> usize {
        match &self.items {
            Items::Pulled(Pulled(items)) => items.len(),
            Items::Split { len, .. } => *len,
        }
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
        mut f: impl FnMut(I::Item) -> Result<R, B>,
    ) -> Result<(), B> {
        let part = &mut self.part;
        match &mut self.items {
            Items::Pulled(Pulled(items)) => {
                while items.len() > 0 && !must_pause(items.len()) {
                    if group_len == 1 {
                        let len = items.len();
                        let items = UntilPause { items: items.by_ref(), len, must_pause: &must_pause };
                        part.fill(items, usize::MAX, &mut f)?;
                    } else {
                        part.fill(items.by_ref(), group_len, &mut f)?;
                    }
                }
            }
            Items::Split { items, len } => {
                while *len > 0 && !must_pause(*len) {
                    if group_len == 1 {
                        let done = part.len();
                        let items = UntilPause { items: items.by_ref(), len: *len, must_pause: &must_pause };
                        part.fill(items, usize::MAX, &mut f)?;
                        *len -= part.len() - done;
                    } else {
                        let group_len = part.group_len(group_len.min(*len));
                        // By value, so that the compiler can vectorize the loop.
                        let Some(group) = split_front(items, group_len) else { break };
                        *len -= group_len;
                        part.fill(group, group_len, &mut f)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Splits the chunk: keeps what has run and up to `count` items that have not, and returns the
    /// items behind them.
    pub(crate) fn split_off(&mut self, count: usize) -> Self {
        let done = self.part.len();
        let count = count.min(self.remaining());
        let part = self.part.split_off(done + count);
        let rest = match &mut self.items {
            Items::Pulled(Pulled(items)) => {
                let kept: Vec<I::Item> = items.take(count).collect();
                Items::Pulled(Pulled(mem::replace(items, kept.into_iter())))
            }
            Items::Split { items, len } => {
                let rest_len = mem::replace(len, count) - count;
                match split_front(items, count) {
                    Some(front) => Items::Split { items: mem::replace(items, front), len: rest_len },
                    None => unreachable!("such items can be split"),
                }
            }
        };
        Chunk { start: self.start + done + count, items: rest, part }
    }
}

/// Items that have been pulled and have not run. The serial loop would not have pulled those that
/// never run, so panics from dropping them are ignored.
struct Pulled<T>(vec::IntoIter<T>);

impl<T> Drop for Pulled<T> {
    fn drop(&mut self) {
        if mem::needs_drop::<T>() {
            self.0.by_ref().for_each(discard);
        }
    }
}

/// Yields items until `must_pause` returns true.
struct UntilPause<I, P> {
    items: I,
    /// The number of items.
    len: usize,
    must_pause: P,
}

impl<I: Iterator, P: Fn(usize) -> bool> Iterator for UntilPause<I, P> {
    type Item = I::Item;

    #[inline]
    fn next(&mut self) -> Option<I::Item> {
        if self.len == 0 || (self.must_pause)(self.len) {
            return None;
        }
        self.len -= 1;
        self.items.next()
    }
}
