//! Decides which thread gets which items: they are pulled in order under one lock, a chunk at a time, together with the places of their
//! results.

use crate::engine::grain::{CHUNK_TARGET_NANOS, Grain, MAX_CHEAP_ITEM_NANOS};
use crate::engine::outcome::{Failure, Outcome};
use crate::engine::slots::{Part, Slots};
use crate::unwind::catch;
use std::time::Instant;

/// A chunk of items has at most so many bytes: it is written by the one who pulls and read again at once, in the nearest cache.
const MAX_CHUNK_BYTES: usize = 32 * 1024;

/// A block ends before it has enough when it has taken so long, in nanoseconds.
pub(crate) const MAX_BLOCK_NANOS: u64 = 20_000_000;

/// Sharing cheap items has to promise at least so many times the speed of the caller alone.
const MIN_SHARING_GAIN: f64 = 1.2;

/// A chunk has to take so many nanoseconds to tell whether that is so, for what it takes besides its items is some hundred; and so many chunks in a
/// row, for one may have met a page that was touched for the first time, or a thread that was put aside.
const MIN_CONCLUSIVE_CHUNK_NANOS: u64 = 2_000;

const CONCLUSIVE_CHUNKS: u32 = 3;

/// A chunk that takes so many times as long as it should is long: rather than to wait for it, the others go on with items of the next block.
const LONG_CHUNK_FACTOR: f64 = 4.0;

/// Items that take longer than this, in nanoseconds, are not waited for in a loop.
const MAX_AWAITED_ITEM_NANOS: f64 = 1_000_000.0;

/// What is left of a call, and what has come of it so far.
pub(crate) struct Source<'vec, I, R, B> {
    input: I,
    /// The index of the next item.
    next: usize,
    /// From this index on, items are handed out only while another thread is at a long one, for better than to wait is to go on.
    enough: usize,
    begun: Instant,
    /// The chunks that are being worked on, where that matters: the index of the first item, and since when.
    out: Vec<(usize, Instant)>,
    /// After the first `None`, or a failure, `next()` is never called again.
    ended: bool,
    /// How many threads the rest is for.
    threads: usize,
    slots: Slots<'vec, R>,
    /// How many items there are at least, by the input's word.
    left: usize,
    /// What an item takes the caller alone, in nanoseconds, where it has tried.
    alone: f64,
    /// How many chunks in a row were too cheap.
    cheap: u32,
    /// Only the caller goes on, alone.
    solo: bool,
    pub(crate) grain: Grain,
    pub(crate) outcome: Outcome<'vec, R, B>,
}

/// Consecutive items, the places for their results, and what ended the chunk.
pub(crate) struct Chunk<'vec, T, R, B> {
    /// The index of the first item.
    pub(crate) start: usize,
    pub(crate) items: Vec<T>,
    pub(crate) part: Part<'vec, R>,
    /// The panic of `next()` behind the items.
    pub(crate) failure: Option<Failure<B>>,
}

#[allow(clippy::cast_precision_loss)] // Estimates.
impl<'vec, I: Iterator, R, B> Source<'vec, I, R, B> {
    /// `next` is the index of the first item, and `enough` how many a block has.
    pub(crate) fn new(
        input: I,
        next: usize,
        enough: usize,
        threads: usize,
        grain: Grain,
        slots: Slots<'vec, R>,
    ) -> Self {
        Source {
            input,
            next,
            enough,
            begun: Instant::now(),
            out: Vec::new(),
            ended: false,
            threads,
            slots,
            left: 0,
            alone: grain.least(),
            cheap: 0,
            solo: false,
            grain,
            outcome: Outcome::new(),
        }
    }

    /// Pulls the next chunk; nothing is returned at the end.
    pub(crate) fn pull(&mut self) -> Option<Chunk<'vec, I::Item, R, B>> {
        if self.enough < usize::MAX && self.next > 0 && self.begun.elapsed().as_nanos() > u128::from(MAX_BLOCK_NANOS) {
            self.enough = self.enough.min(self.next);
        }
        if self.ended || self.solo || self.next >= self.enough && !self.waits_for_long() {
            return None;
        }
        let start = self.next;
        let mut items = Vec::new();
        let pulled = catch(|| {
            self.left = self.input.size_hint().0;
            let size =
                self.grain.chunk(self.left, self.threads).min(MAX_CHUNK_BYTES / size_of::<I::Item>().max(1)).max(1);
            items.reserve_exact(size);
            // `take` stops without asking for more, so with fewer items the end has been met.
            items.extend(self.input.by_ref().take(size));
            items.len() < size
        });
        let failure = match pulled {
            Ok(ended) => {
                self.ended = ended;
                None
            }
            Err(payload) => {
                self.ended = true;
                Some(Failure::panic(start + items.len(), payload))
            }
        };
        if self.enough < usize::MAX {
            self.out.push((start, Instant::now()));
        }
        self.next += items.len();
        self.left = self.left.saturating_sub(items.len());
        (!items.is_empty() || failure.is_some()).then(|| Chunk {
            start,
            part: self.slots.take(items.len()),
            items,
            failure,
        })
    }

    /// Whether one of the others has been at its chunk for long.
    fn waits_for_long(&self) -> bool {
        // On the whole, for the last item may have been a long one itself.
        let long = LONG_CHUNK_FACTOR * self.grain.mean().max(CHUNK_TARGET_NANOS);
        self.out.iter().any(|(_, since)| since.elapsed().as_nanos() as f64 >= long)
    }

    /// Whether it is worth the while to wait in a loop, for the others end soon, or are found to be long and there is something to be done.
    pub(crate) fn ends_soon(&self) -> bool {
        self.is_open() && !self.out.is_empty() && self.grain.mean() < MAX_AWAITED_ITEM_NANOS
    }

    /// Takes back a chunk that nothing more will be done with.
    pub(crate) fn finished(&mut self, start: usize, part: Part<'vec, R>) {
        self.out.retain(|(other, _)| *other != start);
        self.outcome.finished(start, part);
    }

    /// Adds what the pulling and the running of a chunk took.
    pub(crate) fn measured(&mut self, items: usize, pull: u64, run: u64) {
        self.grain.add(items, run);
        if pull + run < MIN_CONCLUSIVE_CHUNK_NANOS {
            return;
        }
        let (pull, run) = (pull as f64 / items as f64, run as f64 / items as f64);
        // One pulls at a time, and where that takes more than half of the time, the others wait for the lock more than they work.
        let shared = (2.0 * pull).max((pull + run) / self.threads as f64);
        let is_cheap = run < f64::from(MAX_CHEAP_ITEM_NANOS) && shared * MIN_SHARING_GAIN > run.max(self.alone);
        self.cheap = if is_cheap { self.cheap + 1 } else { 0 };
        self.solo = self.cheap >= CONCLUSIVE_CHUNKS;
    }

    /// Whether it stays open if handing out is worth it at all.
    pub(crate) fn is_doubtful(&self) -> bool {
        self.cheap > 0 && !self.solo && !self.ended
    }

    /// What is left would take so many nanoseconds.
    pub(crate) fn work_left(&self) -> f64 {
        if self.ended { 0.0 } else { self.left as f64 * self.grain.item() }
    }

    /// Hands out nothing any more.
    pub(crate) fn end(&mut self) {
        self.ended = true;
    }

    /// Whether there is anything to hand out.
    pub(crate) fn is_open(&self) -> bool {
        !self.ended && !self.solo
    }

    /// The rest of the input, if the caller is to go on alone, and what has come of the others.
    pub(crate) fn into_rest(self) -> (Option<I>, Outcome<'vec, R, B>) {
        let is_solo = self.solo && !self.ended;
        (is_solo.then_some(self.input), self.outcome)
    }
}
