//! The source of a shared call: it assigns chunks of items and the slots for their results, under
//! one lock and in input order.

use crate::engine::chunk::Chunk;
use crate::engine::clock::now;
use crate::engine::feed::{Feed, Pulled};
use crate::engine::grain::{CHUNK_TARGET_NANOS, Grain, MIN_EXPENSIVE_PULL_NANOS, promises_gain};
use crate::engine::judge::{Done, Judge, Others, Phase};
use crate::engine::outcome::{Failure, Outcome};
use crate::engine::slots::{Parts, Slots};
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Maximum duration of a block, in nanoseconds, after which it assigns no more items, because the
/// reader of the stream waits for the block.
pub(crate) const MAX_BLOCK_NANOS: u64 = 20_000_000;

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

/// Minimum ratio of the time that an item runs to the time that the input waits for it, with which
/// a block reads ahead of a running item. Below it, reading ahead gains little, and the result
/// would wait for the next item.
const MIN_RUN_TO_WAIT: f64 = 0.125;

/// The rest of the input of a call, and the outcome of its items so far.
#[allow(clippy::struct_excessive_bools)] // They are independent.
pub(crate) struct Source<'vec, I: Iterator, R, B> {
    /// The input; `None` while a thread pulls from it, which it does outside of the lock, and if
    /// the input is known.
    feed: Option<Box<Feed<'vec, I, R>>>,
    /// Whether the input is known: `returned` has all of its items from the beginning.
    is_known: bool,
    /// When that thread began to pull.
    pulling_since: Instant,
    /// Items that threads have given back before they ran them, in input order.
    returned: VecDeque<Chunk<'vec, I, R>>,
    /// The index of the next item of the input.
    next: usize,
    /// The number of items after which a block is complete; `usize::MAX` if the call is no block.
    /// Further items are assigned only while another thread is busy with a long chunk.
    target_len: usize,
    /// When the source was created.
    begin: Instant,
    /// The chunks that threads are working on. Recorded for blocks, and if sharing is judged.
    in_progress: Vec<InProgress>,
    /// The number of chunks that threads are working on.
    running: usize,
    /// The number of those that have several items, which their threads may give back.
    divisible: usize,
    /// Whether the input has returned `None` or the call has failed. `next()` is not called again.
    has_ended: bool,
    /// Whether the input has waited for its last item.
    has_waited: bool,
    /// The number of threads that share the rest of the input.
    threads: usize,
    /// The minimum number of remaining items, according to the size hint of the input.
    min_remaining: usize,
    /// The number of consecutive chunks that were evidence against sharing.
    cheap_chunks: u32,
    judge: Judge,
    /// Whether the calling thread runs the chunk of a trial.
    is_trial: bool,
    /// The time that pulling takes per item.
    pulls: Grain,
    /// The number of worker threads that have left because they waited for long, and have not come
    /// back.
    left: usize,
    /// The number of threads that sleep until something changes.
    pub(crate) sleeping: usize,
    pub(crate) grain: Grain,
    outcome: Outcome<'vec, R, B>,
}

/// A chunk that a thread is working on.
struct InProgress {
    /// The index of the first item.
    start: usize,
    /// The number of items.
    items: usize,
    /// When it was assigned, in nanoseconds of the clock.
    since: u64,
}

/// What a thread does next.
pub(crate) enum Next<'vec, I: Iterator, R> {
    /// It runs a chunk.
    Run(Chunk<'vec, I, R>),
    /// It pulls up to `size` items, and puts the feed back.
    Pull {
        feed: Box<Feed<'vec, I, R>>,
        /// The index of the first of these items.
        start: usize,
        size: usize,
    },
    /// It waits for the input, from which another thread has been pulling for this time.
    Busy(Duration),
    /// It waits for other threads, which may give back items.
    Wait,
    /// It waits for other threads, which need it soon.
    Hold,
    /// It stops.
    End,
}

/// A chunk that a thread no longer works on.
pub(crate) struct Finished<'vec, I: Iterator, R> {
    /// The chunk, with the results of the items that have run and the items that have not.
    pub(crate) chunk: Chunk<'vec, I, R>,
    /// Whether the chunk had several items.
    pub(crate) is_divisible: bool,
    /// The time that running the items took, in nanoseconds.
    pub(crate) run_nanos: u64,
    /// The time that pulling took per item, in nanoseconds; 0 for items that another thread pulled.
    pub(crate) pull_item_nanos: f64,
}

#[allow(clippy::cast_precision_loss)] // Estimates.
impl<'vec, I: Iterator, R, B> Source<'vec, I, R, B> {
    /// Creates the source of a call whose first `next` items have already run.
    ///
    /// `target_len` is the length of the block, including those items. `alone_nanos` is the time
    /// per item of the calling thread alone; 0 if it is unknown.
    pub(crate) fn new(
        input: I,
        next: usize,
        target_len: usize,
        threads: usize,
        grain: Grain,
        alone_nanos: f64,
        slots: Slots<'vec, R>,
    ) -> Self {
        let min_remaining = input.size_hint().0;
        let feed = Some(Box::new(Feed::new(input, slots, target_len < usize::MAX)));
        let outcome = Outcome::new(next);
        Source { feed, next, target_len, min_remaining, outcome, ..Source::without_items(threads, grain, alone_nanos) }
    }

    /// Creates the source of a call whose input is known: `rest` has all items that have not run.
    pub(crate) fn known(rest: Chunk<'vec, I, R>, threads: usize, grain: Grain, alone_nanos: f64) -> Self {
        let outcome = Outcome::new(rest.start);
        let returned = VecDeque::from([rest]);
        Source { is_known: true, returned, outcome, ..Source::without_items(threads, grain, alone_nanos) }
    }

    fn without_items(threads: usize, grain: Grain, alone_nanos: f64) -> Self {
        let now = Instant::now();
        Source {
            feed: None,
            is_known: false,
            pulling_since: now,
            returned: VecDeque::new(),
            next: 0,
            target_len: usize::MAX,
            begin: now,
            in_progress: Vec::new(),
            running: 0,
            divisible: 0,
            has_ended: false,
            has_waited: false,
            threads,
            min_remaining: 0,
            cheap_chunks: 0,
            judge: Judge::new(alone_nanos),
            is_trial: false,
            pulls: Grain::default(),
            left: 0,
            sleeping: 0,
            grain,
            outcome: Outcome::new(0),
        }
    }

    /// Prepares for items that are meant to wait, maybe for each other.
    pub(crate) fn spare_waiting_items(&mut self) {
        self.judge.spare_waiting_items();
    }

    /// Begins to judge whether sharing pays: the worker threads are called now.
    pub(crate) fn begin_sharing(&mut self) {
        self.judge.begin(now());
    }

    /// Returns what a thread does next.
    pub(crate) fn next(&mut self, is_calling_thread: bool) -> Next<'vec, I, R> {
        let next = self.assign(is_calling_thread);
        if is_calling_thread && matches!(next, Next::End) {
            self.judge.end(now());
        }
        next
    }

    fn assign(&mut self, is_calling_thread: bool) -> Next<'vec, I, R> {
        if matches!(self.judge.phase(), Phase::Trial { .. }) {
            // Given-back items and the end of the input are not worth a trial, and others may wait
            // for these items.
            if !self.is_open() || !self.returned.is_empty() && !self.is_known {
                self.judge.cancel_trial(now());
            } else {
                self.judge.limit_trial(now());
            }
        }
        let waits_for_others = match self.judge.phase() {
            Phase::Sharing => false,
            Phase::Trial { .. } => !is_calling_thread || self.running > 0,
            Phase::Alone => is_calling_thread && self.running > 0,
        };
        if waits_for_others {
            return match self.feed {
                None if is_calling_thread && !self.is_known => Next::Busy(self.pulling_since.elapsed()),
                _ => Next::Hold,
            };
        }
        if is_calling_thread {
            self.is_trial = matches!(self.judge.phase(), Phase::Trial { .. });
        }
        if let Some(chunk) = self.next_returned() {
            return Next::Run(chunk);
        }
        if !self.is_open() || self.is_block_complete() {
            return self.next_without_items();
        }
        let size = self.chunk_size(self.min_remaining);
        let Some(feed) = self.feed.take() else { return Next::Busy(self.pulling_since.elapsed()) };
        self.pulling_since = Instant::now();
        self.running += 1;
        Next::Pull { feed, start: self.next, size }
    }

    /// Takes items that have been given back, unless they are above the failure.
    fn next_returned(&mut self) -> Option<Chunk<'vec, I, R>> {
        let first = self.returned.front()?;
        if first.start > self.failing_index() || self.is_rest() {
            return None;
        }
        let remaining = first.remaining();
        let size = self.chunk_size(remaining.saturating_add(self.min_remaining));
        let mut chunk = self.returned.pop_front()?;
        if size < remaining {
            self.returned.push_front(chunk.split_off(size));
        }
        self.running += 1;
        self.divisible += usize::from(size.min(remaining) > 1);
        self.record(chunk.start, size.min(remaining));
        Some(chunk)
    }

    /// Puts the feed back after a pull. Returns what has been pulled: a chunk, which may be empty,
    /// and the failure after it.
    pub(crate) fn put_back(
        &mut self,
        feed: Box<Feed<'vec, I, R>>,
        pulled: Pulled<'vec, I, R>,
    ) -> (Chunk<'vec, I, R>, Option<Failure<B>>) {
        let Pulled { chunk, panic, has_ended, has_waited, min_remaining, nanos } = pulled;
        let count = chunk.remaining();
        self.feed = Some(feed);
        self.has_ended |= has_ended;
        self.has_waited = has_waited;
        self.min_remaining = min_remaining;
        self.next += count;
        self.pulls.add(count, nanos);
        self.divisible += usize::from(count > 1);
        self.record(chunk.start, count);
        (chunk, panic.map(|payload| Failure::panic(self.next, payload)))
    }

    /// Records that a thread begins to work on the chunk of `items` items that begins at `start`.
    fn record(&mut self, start: usize, items: usize) {
        if self.is_block() || self.judge.needs_chunks() {
            self.in_progress.push(InProgress { start, items, since: now() });
        }
    }

    /// Records that a thread no longer works on a chunk, and keeps its results. Items that have not
    /// run are given back.
    pub(crate) fn finish(&mut self, finished: Finished<'vec, I, R>, is_calling_thread: bool) {
        let Finished { mut chunk, is_divisible, run_nanos, pull_item_nanos } = finished;
        let is_trial = is_calling_thread && self.is_trial;
        self.running -= 1;
        self.divisible -= usize::from(is_divisible);
        self.in_progress.retain(|other| other.start != chunk.start);
        if chunk.remaining() > 0 {
            let rest = chunk.split_off(0);
            let place = self.returned.partition_point(|other| other.start < rest.start);
            self.returned.insert(place, rest);
        }
        let count = chunk.done();
        if count > 0 {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // An estimate.
            let pull_nanos = (pull_item_nanos * count as f64) as u64;
            self.grain.add(count, run_nanos);
            if is_calling_thread {
                self.judge.add_alone((run_nanos + pull_nanos) as f64 / count as f64);
            }
            if self.is_open() {
                let oldest = self.in_progress.iter().map(|other| other.since).min();
                let others = Others { items: self.in_progress.iter().map(|other| other.items).sum(), oldest };
                self.judge.add(Done { items: count, nanos: run_nanos + pull_nanos, is_trial }, others, now());
            }
            self.predict(count, pull_nanos, run_nanos);
            self.outcome.add_part(chunk.start, chunk.into_part());
        }
    }

    /// Compares the times of a finished chunk with those of the calling thread alone: whether
    /// sharing can win at all. Before worker threads are called, nothing else tells.
    fn predict(&mut self, items: usize, pull_nanos: u64, run_nanos: u64) {
        let is_expensive_pull = pull_nanos as f64 >= MIN_EXPENSIVE_PULL_NANOS;
        if pull_nanos + run_nanos < MIN_CONCLUSIVE_CHUNK_NANOS && !is_expensive_pull || self.has_waited {
            return;
        }
        let (pull, run) = (pull_nanos as f64 / items as f64, run_nanos as f64 / items as f64);
        let is_cheap = !promises_gain(pull, run, self.threads, self.judge.alone_nanos());
        self.cheap_chunks = if is_cheap { self.cheap_chunks + 1 } else { 0 };
        if self.cheap_chunks >= MIN_CONCLUSIVE_CHUNKS {
            self.judge.reject();
        }
    }

    /// Takes the results of the first items, up to the first item that has not finished.
    pub(crate) fn take_first(&mut self) -> Parts<'vec, R> {
        self.outcome.take_first()
    }

    /// Returns whether the last chunks were evidence against sharing, but too few for a conclusion.
    pub(crate) fn is_doubtful(&self) -> bool {
        self.cheap_chunks > 0 && self.is_open()
    }

    /// Returns the estimated time of the remaining work, in nanoseconds.
    pub(crate) fn remaining_nanos(&self) -> f64 {
        let in_input = if self.is_open() { self.min_remaining } else { 0 };
        let is_assigned = |chunk: &&Chunk<'vec, I, R>| chunk.start <= self.failing_index() && !self.is_rest();
        let returned: usize = self.returned.iter().filter(is_assigned).map(Chunk::remaining).sum();
        in_input.saturating_add(returned) as f64 * self.grain.item_nanos()
    }

    /// Returns whether to call worker threads: more items will be assigned.
    pub(crate) fn has_more(&self) -> bool {
        self.is_open() && self.next < self.target_len
    }

    /// Returns whether items may remain that several threads can share.
    pub(crate) fn is_open(&self) -> bool {
        let is_empty = self.has_ended || self.is_known && self.returned.is_empty();
        !is_empty && self.judge.phase() != Phase::Alone
    }

    /// Returns whether the next item takes long enough to pull and run for another thread to come.
    pub(crate) fn pays_to_read_ahead(&self) -> bool {
        let run_nanos = self.grain.known_item_nanos().unwrap_or(self.judge.alone_nanos());
        let is_known = run_nanos > 0.0;
        // Without a measurement, a block does not risk that its first result waits.
        let pays = if is_known { run_nanos >= MIN_RUN_TO_WAIT * self.pulls.item_nanos() } else { !self.is_block() };
        !self.has_waited || pays
    }

    /// Adds a failure, after which no items are pulled if it is one of the input or of an item.
    /// Returns the higher of two failures, to be dropped outside of the lock.
    pub(crate) fn add_failure(&mut self, failure: Failure<B>) -> Option<Failure<B>> {
        let higher = self.outcome.add_failure(failure);
        self.has_ended |= self.failing_index() < usize::MAX;
        higher
    }

    /// Records that a worker thread leaves because it has waited for long.
    pub(crate) fn note_left(&mut self) {
        self.left += usize::from(self.is_open() || self.divisible > 0);
    }

    /// Records that a worker thread has arrived.
    pub(crate) fn note_arrived(&mut self) {
        self.judge.note_worker();
        self.left = self.left.saturating_sub(1);
    }

    /// Returns whether to call back a worker that has left.
    pub(crate) fn calls_back(&self) -> bool {
        self.left > 0 && self.is_open() && self.pays_to_read_ahead()
    }

    /// Returns whether to call back a worker that has left: more items have been given back.
    pub(crate) fn calls_back_for_returned(&self) -> bool {
        self.left > 0 && !self.returned.is_empty()
    }

    /// Returns the index of the failure, or `usize::MAX` if there is none.
    pub(crate) fn failing_index(&self) -> usize {
        self.outcome.failing_index()
    }

    /// Returns the time per item, in nanoseconds, with which sharing was found not to win; 0 if it
    /// was not.
    pub(crate) fn rejected_nanos(&self) -> f64 {
        let is_rejected = self.judge.phase() == Phase::Alone;
        if is_rejected {
            self.alone_nanos().max(self.grain.item_nanos() + self.pulls.item_nanos()).max(1.0)
        } else {
            0.0
        }
    }

    /// Returns the time per item of the calling thread alone, in nanoseconds. If it is unknown,
    /// returns the mean time of all items on their threads.
    pub(crate) fn alone_nanos(&self) -> f64 {
        let alone_nanos = self.judge.alone_nanos();
        if alone_nanos > 0.0 { alone_nanos } else { self.grain.mean_nanos() + self.pulls.mean_nanos() }
    }

    /// Returns whether sharing has won, or `None` if that is not known.
    pub(crate) fn has_won(&self) -> Option<bool> {
        self.judge.has_won()
    }

    /// Returns the rest of the input, if the calling thread must go on alone, and the outcome of
    /// the items before it.
    pub(crate) fn into_rest(self) -> (Option<I>, Outcome<'vec, R, B>) {
        let has_rest = self.has_rest();
        (self.feed.filter(|_| has_rest).map(|feed| feed.into_input()), self.outcome)
    }

    /// Returns the rest of a known input, if the calling thread must go on alone, and the outcome
    /// of the items before it.
    pub(crate) fn into_known_rest(mut self) -> (Option<Chunk<'vec, I, R>>, Outcome<'vec, R, B>) {
        let has_rest = self.has_rest();
        (self.returned.pop_back().filter(|_| has_rest), self.outcome)
    }

    /// Returns whether only the rest of a known input is left, which the calling thread runs after
    /// the others have ended.
    fn is_rest(&self) -> bool {
        self.is_known && self.judge.phase() == Phase::Alone && self.returned.len() == 1
    }

    fn has_rest(&self) -> bool {
        self.judge.phase() == Phase::Alone && !self.has_ended
    }

    fn is_block(&self) -> bool {
        self.target_len < usize::MAX
    }

    /// Returns whether no more items are assigned to this block, now or at all.
    fn is_block_complete(&mut self) -> bool {
        if !self.is_block() {
            return false;
        }
        let is_late = self.begin.elapsed().as_nanos() > u128::from(MAX_BLOCK_NANOS);
        // While the input waits, nothing that is finished should wait with it.
        let would_wait = self.has_waited && (self.outcome.has_parts() || !self.pays_to_read_ahead());
        if self.next > 0 && (is_late || would_wait) {
            self.target_len = self.target_len.min(self.next);
        }
        self.next >= self.target_len && !self.has_long_chunk()
    }

    /// Returns whether another thread has been busy with its chunk for long.
    fn has_long_chunk(&self) -> bool {
        // The mean of all items, because the last chunk may have been a long one itself.
        let long = LONG_CHUNK_FACTOR * self.grain.mean_nanos().max(CHUNK_TARGET_NANOS);
        !self.has_waited && self.in_progress.iter().any(|other| now().saturating_sub(other.since) as f64 >= long)
    }

    /// Returns what a thread does for which there is no chunk.
    fn next_without_items(&self) -> Next<'vec, I, R> {
        // Either the other threads finish soon, or one proves to have a long chunk and further
        // items are assigned to the block.
        if self.is_open() && !self.in_progress.is_empty() && self.grain.mean_nanos() < MAX_AWAITED_ITEM_NANOS {
            Next::Hold
        } else if self.divisible > 0 {
            Next::Wait
        } else {
            Next::End
        }
    }

    /// Returns the number of items of the next chunk.
    fn chunk_size(&self, min_remaining: usize) -> usize {
        if self.has_waited { 1 } else { self.grain.chunk_size(min_remaining, self.threads, self.pulls.item_nanos()) }
    }
}
