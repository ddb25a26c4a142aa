//! A chunk: consecutive items of the input that have not run, and the slots for their results.

use crate::engine::lent::{Lent, may_be_plain_vec};
use crate::engine::loaded::{Loaded, is_reusable};
use crate::engine::slots::Part;
use crate::engine::step::Step;
use crate::engine::work::{BreakOf, Work};
use crate::input::split::{Splitter, may_have_splitter};
use crate::unwind::Discarding;
use std::mem;
use std::vec;

/// Consecutive items of an input, and the slots for their results.
pub(crate) struct Chunk<'vec, I: Iterator, R> {
    /// The index of the first item, including those that have run.
    pub(crate) start: usize,
    items: Items<'vec, I, R>,
}

/// Items that have not run, and the slots, which contain the results of those that have.
enum Items<'vec, I: Iterator, R> {
    /// Items that have been pulled from the input. The serial loop would not have pulled those that
    /// never run, so panics from dropping them are ignored.
    Pulled(Discarding<vec::IntoIter<I::Item>>, Part<'vec, R>),
    /// The first `len` items of an iterator that can be split.
    Split { items: I, len: usize, splitter: Splitter<I>, part: Part<'vec, R> },
    /// Items of a vector.
    Lent(Lent<'vec, I::Item>, Part<'vec, R>),
    /// Items of a vector, whose memory the results take over.
    Loaded(Loaded<'vec, I::Item, R>),
}

impl<'vec, I: Iterator, R> Chunk<'vec, I, R> {
    /// Creates a chunk of items that have been pulled.
    pub(crate) fn pulled(start: usize, items: Vec<I::Item>, part: Part<'vec, R>) -> Self {
        Chunk { start, items: Items::Pulled(Discarding(items.into_iter()), part) }
    }

    /// Creates a chunk of the first `len` items of `items`, which `splitter` can split.
    pub(crate) fn split(start: usize, items: I, len: usize, splitter: Splitter<I>, part: Part<'vec, R>) -> Self {
        Chunk { start, items: Items::Split { items, len, splitter, part } }
    }

    /// Creates a chunk of items of a vector, which is the input.
    pub(crate) fn lent(start: usize, items: Lent<'vec, I::Item>, part: Part<'vec, R>) -> Self {
        Chunk { start, items: Items::Lent(items, part) }
    }

    /// Creates a chunk of items of a vector, which is the input, in the slots of their results.
    pub(crate) fn loaded(start: usize, items: Loaded<'vec, I::Item, R>) -> Self {
        Chunk { start, items: Items::Loaded(items) }
    }

    /// Returns the number of items that have not run.
    pub(crate) fn remaining(&self) -> usize {
        match &self.items {
            Items::Pulled(Discarding(items), _) => items.len(),
            Items::Split { len, .. } => *len,
            Items::Lent(items, _) => items.len(),
            Items::Loaded(items) => items.remaining(),
        }
    }

    /// Returns the number of items that have run and not ended the call.
    pub(crate) fn done(&self) -> usize {
        match &self.items {
            Items::Pulled(_, part) | Items::Split { part, .. } | Items::Lent(_, part) => part.len(),
            Items::Loaded(items) => items.part().len(),
        }
    }

    /// Returns the results, and drops the items that have not run.
    pub(crate) fn into_part(self) -> Part<'vec, R> {
        match self.items {
            Items::Pulled(_, part) | Items::Split { part, .. } | Items::Lent(_, part) => part,
            Items::Loaded(items) => items.into_part(),
        }
    }

    /// Runs the items, up to the first that ends the call. Asks `must_pause` for each group of
    /// `group_len` items whether to stop before it.
    ///
    /// Items that have not run stay in the chunk.
    #[inline]
    pub(crate) fn run<'work, W>(
        &mut self,
        group_len: usize,
        must_pause: impl Fn(usize) -> bool,
        work: &'work W,
        state: &mut W::State<'work>,
    ) -> Result<(), BreakOf<W, I::Item>>
    where
        W: Work<I::Item, Step: Step<Carried = R>>,
    {
        while self.remaining() > 0 && !must_pause(self.remaining()) {
            if group_len == 1 {
                self.run_until(&must_pause, work, state)?;
            } else {
                self.run_group(group_len, work, state)?;
            }
        }
        Ok(())
    }

    /// Runs up to `max` items without a pause, so that the compiler can vectorize the loop. May run
    /// fewer although more remain.
    ///
    /// `work` is a parameter for the same reason as in `serial`, and the functions that run it are
    /// passed on by value.
    #[inline]
    pub(crate) fn run_group<'work, W>(
        &mut self,
        max: usize,
        work: &'work W,
        state: &mut W::State<'work>,
    ) -> Result<(), BreakOf<W, I::Item>>
    where
        W: Work<I::Item, Step: Step<Carried = R>>,
    {
        let f = |item| work.run(state, item).step();
        // The conditions are constants. If one is false, its arm is not compiled.
        match &mut self.items {
            Items::Pulled(Discarding(items), part) => fill::<W::Step, _>(part, items.by_ref(), max, f),
            Items::Split { items, len, splitter, part } if const { may_have_splitter::<I>() } => {
                let count = part.group_len(max.min(*len));
                let group = splitter.split_front(items, count);
                *len -= count;
                fill::<W::Step, _>(part, group, count, f)
            }
            Items::Lent(items, part) if const { may_be_plain_vec::<I>() } => {
                let count = part.group_len(max.min(items.len()));
                fill::<W::Step, _>(part, items.split_front(count).into_items(), count, f)
            }
            Items::Loaded(items) if const { is_loaded::<I, W::Step>() } => items.fill(max, |_| false, f),
            _ => unreachable!("such an input is pulled"),
        }
    }

    /// Runs items until `must_pause` returns true before one of them.
    #[inline]
    fn run_until<'work, W>(
        &mut self,
        must_pause: impl Fn(usize) -> bool,
        work: &'work W,
        state: &mut W::State<'work>,
    ) -> Result<(), BreakOf<W, I::Item>>
    where
        W: Work<I::Item, Step: Step<Carried = R>>,
    {
        let len = self.remaining();
        let f = |item| work.run(state, item).step();
        match &mut self.items {
            Items::Pulled(Discarding(items), part) => {
                fill::<W::Step, _>(part, UntilPause { items: items.by_ref(), len, must_pause }, usize::MAX, f)
            }
            Items::Split { items, len, part, .. } if const { may_have_splitter::<I>() } => {
                let done = part.len();
                fill::<W::Step, _>(part, UntilPause { items: items.by_ref(), len: *len, must_pause }, usize::MAX, f)?;
                *len -= part.len() - done;
                Ok(())
            }
            Items::Lent(items, part) if const { may_be_plain_vec::<I>() } => {
                fill::<W::Step, _>(part, UntilPause { items, len, must_pause }, usize::MAX, f)
            }
            Items::Loaded(items) if const { is_loaded::<I, W::Step>() } => items.fill(usize::MAX, must_pause, f),
            _ => unreachable!("such an input is pulled"),
        }
    }

    /// Splits the chunk: keeps what has run and up to `count` items that have not, and returns the
    /// items behind them.
    pub(crate) fn split_off(&mut self, count: usize) -> Self {
        let done = self.done();
        let count = count.min(self.remaining());
        let rest = match &mut self.items {
            Items::Pulled(Discarding(items), part) => {
                let kept: Vec<I::Item> = items.take(count).collect();
                let rest = mem::replace(items, kept.into_iter());
                Items::Pulled(Discarding(rest), part.split_off(done + count))
            }
            Items::Split { items, len, splitter, part } => {
                let rest_len = mem::replace(len, count) - count;
                let front = splitter.split_front(items, count);
                let rest = mem::replace(items, front);
                Items::Split { items: rest, len: rest_len, splitter: *splitter, part: part.split_off(done + count) }
            }
            Items::Lent(items, part) => {
                let front = items.split_front(count);
                Items::Lent(mem::replace(items, front), part.split_off(done + count))
            }
            Items::Loaded(items) => Items::Loaded(items.split_off(count)),
        };
        Chunk { start: self.start + done + count, items: rest }
    }
}

/// Returns whether the results of a call on a vector of plain items can take over its memory. Can
/// be a constant.
pub(crate) const fn is_loaded<I: Iterator, S: Step>() -> bool {
    may_be_plain_vec::<I>() && !S::MAY_SKIP && is_reusable::<I::Item, S::Carried>()
}

/// Runs up to `max` items, and stores the results in `part`.
#[inline]
fn fill<S: Step, T>(
    part: &mut Part<'_, S::Carried>,
    items: impl Iterator<Item = T>,
    max: usize,
    f: impl FnMut(T) -> Result<S::Carried, S::Break>,
) -> Result<(), S::Break> {
    if const { S::MAY_SKIP } { part.sift(items, max, S::has_output, f) } else { part.fill(items, max, f) }
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
