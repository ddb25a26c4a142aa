//! Decides which thread gets which items: they are pulled in order under one lock, a chunk at a time.

use crate::outcome::{Failure, catch};
use std::time::Duration;

/// A chunk aims at this: long beside the lock and the clock (tens of nanoseconds), short beside a call worth running in parallel.
const CHUNK: Duration = Duration::from_micros(50);

/// What is left of the input.
pub(crate) struct Source<I> {
    input: I,
    /// The index of the next item.
    next: usize,
    /// How many items a chunk has.
    grain: usize,
    /// How many threads the rest is for.
    threads: usize,
    /// After the first `None`, or a failure, `next()` is never called again.
    ended: bool,
}

/// Consecutive items.
pub(crate) struct Chunk<T> {
    /// The index of the first.
    pub(crate) start: usize,
    pub(crate) items: Vec<T>,
    /// The panic of `next()` that ended the chunk.
    pub(crate) failure: Option<Failure>,
}

impl<I: Iterator> Source<I> {
    pub(crate) fn new(input: I, threads: usize) -> Self {
        Source { input, next: 0, grain: 1, threads, ended: false }
    }

    /// Pulls the next chunk; one without items and failure is the end.
    pub(crate) fn pull(&mut self) -> Chunk<I::Item> {
        let start = self.next;
        let mut items = Vec::new();
        let mut failure = None;
        let size = if self.ended { 0 } else { self.size() };
        while items.len() < size && !self.ended {
            match catch(|| self.input.next()) {
                Ok(Some(item)) => items.push(item),
                Ok(None) => self.ended = true,
                Err(payload) => {
                    self.ended = true;
                    failure = Some(Failure { index: start + items.len(), payload });
                }
            }
        }
        self.next += items.len();
        Chunk { start, items, failure }
    }

    /// How many items the next chunk gets: as many as the grain, but so few that each thread gets two more chunks of what is known to be left.
    fn size(&self) -> usize {
        // A hint that panics is as good as none.
        let left = catch(|| self.input.size_hint().0).unwrap_or_default();
        if left == 0 { self.grain } else { self.grain.min((left / (2 * self.threads)).max(1)) }
    }

    /// Fits the grain to what a chunk took.
    pub(crate) fn adjust(&mut self, items: usize, took: Duration) {
        if took < CHUNK / 2 {
            self.grain = self.grain.max(items.saturating_mul(2));
        } else if took > CHUNK * 2 {
            self.grain = (items / 2).max(1);
        }
    }

    /// Hands out nothing any more.
    pub(crate) fn close(&mut self) {
        self.ended = true;
    }
}
