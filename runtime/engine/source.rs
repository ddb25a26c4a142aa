//! The source of a shared call: it assigns chunks of items and the slots for their results, under
//! one lock and in input order.

use crate::engine::grain::{CHUNK_TARGET_NANOS, Grain, MAX_CHEAP_ITEM_NANOS};
use crate::engine::outcome::{Failure, Outcome};
use crate::engine::slots::{Part, Slots};
use crate::unwind::catch;
use std::time::Instant;

/// Maximum size of the items of a chunk, in bytes, because the thread that pulls them reads them
/// again at once. So they should fit into the nearest cache.
const MAX_CHUNK_BYTES: usize = 32 * 1024;

/// Maximum duration of a block, in nanoseconds, after which it assigns no more items, because the
/// reader of the stream waits for the block.
pub(crate) const MAX_BLOCK_NANOS: u64 = 20_000_000;

/// Minimum speedup over the calling thread alone that sharing cheap items must promise. It is above
/// 1, because the promise is an estimate.
const MIN_SHARING_GAIN: f64 = 1.2;

/// Minimum duration of a chunk that is evidence for or against sharing, in nanoseconds, because
/// some hundred nanoseconds of it are not spent on items.
const MIN_CONCLUSIVE_CHUNK_NANOS: u64 = 2_000;

/// Minimum number of consecutive chunks that must be evidence against sharing, because a single one
/// can mislead. Its thread may have been preempted, or have touched a memory page for the first
/// time.
const MIN_CONCLUSIVE_CHUNKS: u32 = 3;

/// Minimum duration of a long chunk, as a multiple of what a chunk should take. If only a long
/// chunk of a block is unfinished, the other threads run items of the next block, because they
/// would otherwise be idle.
const LONG_CHUNK_FACTOR: f64 = 4.0;

/// Maximum mean time per item, in nanoseconds, with which a thread without a chunk spins until
/// others finish, because a longer wait would waste its core.
const MAX_AWAITED_ITEM_NANOS: f64 = 1_000_000.0;

/// The rest of the input of a call, and the outcome of its items so far.
pub(crate) struct Source<'vec, I, R, B> {
    input: I,
    /// The index of the next item.
    next: usize,
    /// The number of items after which a block is complete; `usize::MAX` if the call is no block.
    /// Further items are assigned only while another thread is busy with a long chunk.
    target_len: usize,
    /// When the source was created.
    begin: Instant,
    /// The chunks that threads are working on: the index of the first item and when it was pulled.
    /// Recorded only for blocks.
    in_progress: Vec<(usize, Instant)>,
    /// Whether the input has returned `None` or the call has failed. `next()` is not called again.
    has_ended: bool,
    /// The number of threads that share the rest of the input.
    threads: usize,
    slots: Slots<'vec, R>,
    /// The minimum number of remaining items, according to the size hint of the input.
    min_remaining: usize,
    /// The time per item on the calling thread alone, in nanoseconds; 0 if it has not been
    /// measured.
    alone_nanos: f64,
    /// The number of consecutive chunks that were evidence against sharing.
    cheap_chunks: u32,
    /// Whether sharing has been found not to pay, so that the calling thread must go on alone.
    calling_thread_only: bool,
    pub(crate) grain: Grain,
    pub(crate) outcome: Outcome<'vec, R, B>,
}

/// Consecutive items, and the slots for their results.
pub(crate) struct Chunk<'vec, T, R, B> {
    /// The index of the first item.
    pub(crate) start: usize,
    pub(crate) items: Vec<T>,
    pub(crate) part: Part<'vec, R>,
    /// The panic of the input in the call of `next()` after these items.
    pub(crate) failure: Option<Failure<B>>,
}

#[allow(clippy::cast_precision_loss)] // Estimates.
impl<'vec, I: Iterator, R, B> Source<'vec, I, R, B> {
    /// Creates the source of a call whose first `next` items have already run.
    ///
    /// `target_len` is the length of the block, including those items.
    pub(crate) fn new(
        input: I,
        next: usize,
        target_len: usize,
        threads: usize,
        grain: Grain,
        slots: Slots<'vec, R>,
    ) -> Self {
        Source {
            input,
            next,
            target_len,
            begin: Instant::now(),
            in_progress: Vec::new(),
            has_ended: false,
            threads,
            slots,
            min_remaining: 0,
            alone_nanos: grain.min_item_nanos(),
            cheap_chunks: 0,
            calling_thread_only: false,
            grain,
            outcome: Outcome::new(),
        }
    }

    /// Pulls the next chunk. Returns `None` if there is none to be assigned, now or at all.
    pub(crate) fn pull(&mut self) -> Option<Chunk<'vec, I::Item, R, B>> {
        let is_block = self.target_len < usize::MAX;
        if is_block && self.next > 0 && self.begin.elapsed().as_nanos() > u128::from(MAX_BLOCK_NANOS) {
            self.target_len = self.target_len.min(self.next);
        }
        if !self.is_open() || self.next >= self.target_len && !self.has_long_chunk() {
            return None;
        }
        let start = self.next;
        let mut items = Vec::new();
        let pulled = catch(|| {
            self.min_remaining = self.input.size_hint().0;
            let max_items = (MAX_CHUNK_BYTES / size_of::<I::Item>().max(1)).max(1);
            let size = self.grain.chunk_size(self.min_remaining, self.threads).min(max_items);
            items.reserve_exact(size);
            // `take` does not call `next()` after `size` items, so fewer items mean that the input
            // has ended.
            items.extend(self.input.by_ref().take(size));
            items.len() < size
        });
        let failure = match pulled {
            Ok(has_ended) => {
                self.has_ended = has_ended;
                None
            }
            Err(payload) => {
                self.has_ended = true;
                Some(Failure::panic(start + items.len(), payload))
            }
        };
        if self.target_len < usize::MAX {
            self.in_progress.push((start, Instant::now()));
        }
        self.next += items.len();
        self.min_remaining = self.min_remaining.saturating_sub(items.len());
        (!items.is_empty() || failure.is_some()).then(|| Chunk {
            start,
            part: self.slots.take(items.len()),
            items,
            failure,
        })
    }

    /// Returns whether another thread has been busy with its chunk for long.
    fn has_long_chunk(&self) -> bool {
        // The mean of all items, because the last chunk may have been a long one itself.
        let long = LONG_CHUNK_FACTOR * self.grain.mean_nanos().max(CHUNK_TARGET_NANOS);
        self.in_progress.iter().any(|(_, since)| since.elapsed().as_nanos() as f64 >= long)
    }

    /// Returns whether a thread without a chunk should wait in a spin loop for the other threads.
    /// Either they finish soon, or one proves to have a long chunk and further items are assigned.
    pub(crate) fn should_wait(&self) -> bool {
        self.is_open() && !self.in_progress.is_empty() && self.grain.mean_nanos() < MAX_AWAITED_ITEM_NANOS
    }

    /// Records that the chunk that begins at `start` has been processed, and keeps its results.
    pub(crate) fn finish_chunk(&mut self, start: usize, part: Part<'vec, R>) {
        self.in_progress.retain(|(other, _)| *other != start);
        self.outcome.add_part(start, part);
    }

    /// Adds the times that pulling and running a chunk of `items` items took, in nanoseconds.
    pub(crate) fn add_times(&mut self, items: usize, pull_nanos: u64, run_nanos: u64) {
        self.grain.add(items, run_nanos);
        if pull_nanos + run_nanos < MIN_CONCLUSIVE_CHUNK_NANOS {
            return;
        }
        let (pull, run) = (pull_nanos as f64 / items as f64, run_nanos as f64 / items as f64);
        // The time per item if all threads work. Only one thread pulls at a time. If pulling takes
        // more than half of the time, the others mostly wait for the lock.
        let shared = (2.0 * pull).max((pull + run) / self.threads as f64);
        let is_cheap = run < f64::from(MAX_CHEAP_ITEM_NANOS) && shared * MIN_SHARING_GAIN > run.max(self.alone_nanos);
        self.cheap_chunks = if is_cheap { self.cheap_chunks + 1 } else { 0 };
        self.calling_thread_only = self.cheap_chunks >= MIN_CONCLUSIVE_CHUNKS;
    }

    /// Returns whether the last chunks were evidence against sharing, but too few for a conclusion.
    pub(crate) fn is_doubtful(&self) -> bool {
        self.cheap_chunks > 0 && self.is_open()
    }

    /// Returns the estimated time of the remaining work, in nanoseconds.
    pub(crate) fn remaining_nanos(&self) -> f64 {
        if self.has_ended { 0.0 } else { self.min_remaining as f64 * self.grain.item_nanos() }
    }

    /// Stops assigning items.
    pub(crate) fn stop_assigning(&mut self) {
        self.has_ended = true;
    }

    /// Returns whether items may remain that several threads can share.
    pub(crate) fn is_open(&self) -> bool {
        !self.has_ended && !self.calling_thread_only
    }

    /// Returns the rest of the input, if the calling thread must go on alone, and the outcome of
    /// the items before it.
    pub(crate) fn into_rest(self) -> (Option<I>, Outcome<'vec, R, B>) {
        let has_rest = self.calling_thread_only && !self.has_ended;
        (has_rest.then_some(self.input), self.outcome)
    }
}
