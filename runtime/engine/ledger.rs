//! The ledger of a shared call: what is recorded of its chunks and of its input, and what follows
//! for the next chunk. Not generic, so that it is compiled only once.

use crate::engine::clock::now;
use crate::engine::costs::{ChunkCosts, Done, PullCosts};
use crate::engine::grain::{CHUNK_TARGET_NANOS, Grain, MIN_EXPENSIVE_PULL_NANOS, promises_gain};
use crate::engine::judge::{self, Judge, Others, Phase};
use crate::engine::presence::Presence;
use crate::engine::window::Window;
use std::sync::Arc;
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

/// What is recorded of the chunks of a call and of its input.
#[allow(clippy::struct_excessive_bools)] // They are independent.
pub(crate) struct Ledger {
    /// When the thread that pulls from the input began to.
    pulling_since: Instant,
    /// The index of the next item of the input.
    next: usize,
    /// The number of items after which a block is complete; `usize::MAX` if the call is no block.
    /// Further items are assigned only while another thread is busy with a long chunk.
    target_len: usize,
    /// When sharing began.
    begin: Instant,
    /// The chunks that threads are working on. Recorded for blocks, and if sharing is judged.
    in_progress: Vec<InProgress>,
    /// The number of chunks that threads are working on.
    running: usize,
    /// The number of those that have several items, which their threads may give back.
    divisible: usize,
    /// Whether the input has returned `None` or the call has failed. `next()` is not called again.
    pub(crate) has_ended: bool,
    /// Whether the call has failed.
    pub(crate) has_failed: bool,
    /// Whether the input has waited for its last item.
    has_waited: bool,
    /// Whether it has waited for any item.
    has_ever_waited: bool,
    /// The number of threads that share the rest of the input.
    threads: usize,
    /// Whether items are meant to wait, maybe for each other.
    items_may_wait: bool,
    /// The minimum number of remaining items, according to the size hint of the input.
    min_remaining: usize,
    /// The number of consecutive chunks that were evidence against sharing.
    cheap_chunks: u32,
    judge: Judge,
    /// Whether the time on the calling thread alone had been measured in this call before it was
    /// shared.
    is_measured: bool,
    /// Whether the calling thread runs the chunk of a trial.
    is_trial: bool,
    /// When a thread first waited in the current trial, in nanoseconds of [`now`]; `None` if there
    /// is no trial.
    trial_since: Option<u64>,
    /// The time that pulling takes per item.
    pulls: Grain,
    pub(crate) presence: Presence,
    /// The number of threads that sleep until something changes.
    pub(crate) sleeping: usize,
    pub(crate) grain: Grain,
    /// What limits the items ahead of the sink, if the call has one.
    window: Option<Arc<Window>>,
}

/// What is known about a call when sharing begins.
#[derive(Clone, Copy)]
pub(crate) struct Prospect {
    /// The number of threads, including the calling thread.
    pub(crate) threads: usize,
    /// Whether items are meant to wait, maybe for each other.
    pub(crate) items_may_wait: bool,
    /// Whether the input may wait. If not, a pull that takes long has been preempted.
    pub(crate) input_may_wait: bool,
    pub(crate) grain: Grain,
    /// The time per item of the calling thread alone, in nanoseconds; 0 if it is unknown.
    pub(crate) alone_nanos: f64,
    /// Whether that was measured in this call, before it was shared for the first time.
    pub(crate) is_measured: bool,
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

/// What a thread does for which there is no chunk.
#[derive(Clone, Copy)]
pub(crate) enum Idle {
    /// It waits for the input, from which another thread has been pulling for this time.
    Busy(Duration),
    /// It waits for other threads, which may give back items.
    Wait,
    /// It waits for other threads, which need it soon.
    Hold,
    /// It waits for the sink, which is too far behind.
    Full,
    /// It stops.
    End,
}

#[allow(clippy::cast_precision_loss)] // Estimates.
impl Ledger {
    /// Creates the ledger of a call whose first `next` items have already run.
    ///
    /// `target_len` is the length of the block, including those items.
    pub(crate) fn new(next: usize, target_len: usize, min_remaining: usize, prospect: Prospect) -> Self {
        let Prospect { threads, items_may_wait, grain, alone_nanos, is_measured, .. } = prospect;
        let mut judge = Judge::new(alone_nanos);
        if items_may_wait {
            judge.spare_waiting_items();
        }
        let begin = Instant::now();
        Ledger {
            pulling_since: begin,
            next,
            target_len,
            begin,
            in_progress: Vec::new(),
            running: 0,
            divisible: 0,
            has_ended: false,
            has_failed: false,
            has_waited: false,
            has_ever_waited: false,
            threads,
            items_may_wait,
            min_remaining,
            cheap_chunks: 0,
            judge,
            is_measured,
            is_trial: false,
            trial_since: None,
            pulls: Grain::default(),
            presence: Presence::new(threads - 1, items_may_wait),
            sleeping: 0,
            grain,
            window: None,
        }
    }

    /// Limits the items ahead of the sink.
    pub(crate) fn set_window(&mut self, window: Arc<Window>) {
        self.window = Some(window);
    }

    /// Returns whether the results go to a sink.
    pub(crate) fn has_sink(&self) -> bool {
        self.window.is_some()
    }

    /// Returns the time, in nanoseconds of a clock that stands still while the sink works.
    fn time(&self) -> u64 {
        self.window.as_ref().map_or_else(now, |window| window.time())
    }

    /// Begins to judge whether sharing pays: the worker threads are called now.
    pub(crate) fn begin_sharing(&mut self) {
        self.judge.begin(self.time());
    }

    /// Ends to judge: the calling thread has nothing more to do.
    pub(crate) fn end_sharing(&mut self) {
        self.judge.end(self.time());
    }

    /// Returns whether a thread takes no chunk now, because the calling thread is on trial alone or
    /// goes on alone. A trial that is not worth it is cancelled.
    pub(crate) fn waits_for_others(&mut self, is_calling_thread: bool, is_worth_a_trial: bool) -> bool {
        if matches!(self.judge.phase(), Phase::Trial { .. }) {
            // The others wait while the sink works as well.
            let nanos = now().saturating_sub(*self.trial_since.get_or_insert_with(now)) as f64;
            if is_worth_a_trial {
                self.judge.limit_trial(nanos, self.time());
            } else {
                self.judge.cancel_trial(self.time());
            }
        } else {
            self.trial_since = None;
        }
        let waits = match self.judge.phase() {
            Phase::Sharing => false,
            Phase::Trial { .. } => !is_calling_thread || self.running > 0,
            Phase::Alone => is_calling_thread && self.running > 0,
        };
        if is_calling_thread && !waits {
            self.is_trial = matches!(self.judge.phase(), Phase::Trial { .. });
        }
        waits
    }

    /// Returns whether the calling thread runs the chunk of a trial.
    pub(crate) fn is_trial(&self) -> bool {
        self.is_trial
    }

    /// Returns what a thread does while another one pulls.
    pub(crate) fn busy(&self) -> Idle {
        Idle::Busy(self.pulling_since.elapsed())
    }

    /// Returns what a thread does for which there is no chunk. `is_open` tells whether items may
    /// remain.
    pub(crate) fn idle(&self, is_open: bool) -> Idle {
        // Either the other threads finish soon, or one proves to have a long chunk and further
        // items are assigned to the block.
        if is_open && !self.in_progress.is_empty() && self.grain.mean_nanos() < MAX_AWAITED_ITEM_NANOS {
            Idle::Hold
        } else if self.divisible > 0 {
            Idle::Wait
        } else {
            Idle::End
        }
    }

    /// Records that a thread begins to pull. Returns the index of the first item and the number of
    /// items that it pulls at most.
    pub(crate) fn begin_pull(&mut self) -> (usize, usize) {
        self.pulling_since = Instant::now();
        self.running += 1;
        // The time per item may be that of pulling it. Then it is not known yet that items are
        // pulled one by one.
        let may_be_expensive = self.grain.item_nanos() >= MIN_EXPENSIVE_PULL_NANOS;
        let is_tried = may_be_expensive && self.pulls.known_item_nanos().is_none();
        (self.next, if is_tried { 1 } else { self.chunk_size(0).min(self.max_pulled()) })
    }

    /// Returns the maximum number of items of the next pull: those for which the window has room.
    fn max_pulled(&self) -> usize {
        let (room, size) = self.room();
        if size < usize::MAX { room.min(Window::max_chunk_size(size, self.threads)) } else { room }
    }

    /// Returns the number of items that may be pulled now, and the size of the window.
    fn room(&self) -> (usize, usize) {
        let Some(window) = &self.window else { return (usize::MAX, usize::MAX) };
        let size = window.size(self.grain.mean_nanos(), self.threads);
        (size.saturating_sub(self.next - window.delivered()), size)
    }

    /// Returns whether the window has no room for another item.
    pub(crate) fn is_full(&self) -> bool {
        self.room().0 == 0
    }

    /// Returns whether another worker thread would find enough room for its work.
    pub(crate) fn has_much_room(&self) -> bool {
        let (room, size) = self.room();
        room >= size / 2
    }

    /// Returns whether the calling thread must not pull, because the input may wait, and the
    /// results of running items would wait with it.
    pub(crate) fn must_await_running(&self) -> bool {
        self.has_sink() && self.has_waited && self.running > 0 && !self.pays_to_read_ahead()
    }

    /// Returns whether threads work on chunks.
    pub(crate) fn is_running(&self) -> bool {
        self.running > 0
    }

    /// Records that a thread has pulled a chunk of `items` items, and begins to work on it. Returns
    /// the index of the item after it.
    pub(crate) fn end_pull(&mut self, start: usize, items: usize, costs: PullCosts) -> usize {
        self.has_ended |= costs.has_ended;
        self.has_waited = costs.has_waited;
        self.has_ever_waited |= costs.has_waited;
        self.min_remaining = costs.min_remaining;
        self.next += items;
        self.pulls.add(items, costs.nanos);
        self.record(start, items);
        self.next
    }

    /// Records that a thread begins to work on a chunk that had been given back.
    pub(crate) fn begin_chunk(&mut self, start: usize, items: usize) {
        self.running += 1;
        self.record(start, items);
    }

    fn record(&mut self, start: usize, items: usize) {
        self.divisible += usize::from(items > 1);
        if self.is_block() || self.judge.needs_chunks() {
            self.in_progress.push(InProgress { start, items, since: self.time() });
        }
    }

    /// Records that a thread no longer works on a chunk.
    pub(crate) fn end_chunk(&mut self, done: Done, costs: ChunkCosts, is_open: bool, is_calling_thread: bool) {
        let Done { start, items, has_stopped } = done;
        let ChunkCosts { is_divisible, run_nanos, pull_item_nanos } = costs;
        let is_trial = is_calling_thread && self.is_trial;
        self.running -= 1;
        self.divisible -= usize::from(is_divisible);
        self.in_progress.retain(|other| other.start != start);
        if items == 0 {
            return;
        }
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // An estimate.
        let pull_nanos = (pull_item_nanos * items as f64) as u64;
        let nanos = run_nanos + pull_nanos;
        if has_stopped {
            self.grain.add_stopped(items, run_nanos);
        } else {
            self.grain.add(items, run_nanos);
        }
        self.judge.count(items);
        if is_calling_thread {
            self.judge.add_alone(nanos as f64 / items as f64);
        }
        if is_open {
            let oldest = self.in_progress.iter().map(|other| other.since).min();
            let others = Others { items: self.in_progress.iter().map(|other| other.items).sum(), oldest };
            self.judge.add(judge::Done { items, nanos, is_trial }, others, self.time());
        }
        self.predict(items, pull_nanos, run_nanos);
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

    /// Returns whether the last chunks were evidence against sharing, but too few for a conclusion.
    pub(crate) fn is_doubtful(&self) -> bool {
        self.cheap_chunks > 0
    }

    /// Returns the estimated time of the remaining work, in nanoseconds: of `returned` items and,
    /// if it `is_open`, of the input.
    ///
    /// Work for which the window has no room does not count.
    pub(crate) fn remaining_nanos(&self, returned: usize, is_open: bool) -> f64 {
        let (room, size) = self.room();
        let in_input = if is_open && room >= size / 2 { self.min_remaining.min(room) } else { 0 };
        in_input.saturating_add(returned) as f64 * self.grain.item_nanos()
    }

    /// Returns whether a block has all of its items.
    pub(crate) fn has_reached_target(&self) -> bool {
        self.next >= self.target_len
    }

    /// Returns whether the next item takes long enough to pull and run for another thread to come.
    pub(crate) fn pays_to_read_ahead(&self) -> bool {
        // Without a measurement, the reader of a block and a sink do not risk that they wait.
        let may_read_ahead = !self.is_block() && !self.has_sink();
        // Items that may wait can take longer than in earlier calls.
        let expected_nanos = if self.items_may_wait && may_read_ahead { 0.0 } else { self.judge.alone_nanos() };
        let run_nanos = self.grain.known_item_nanos().unwrap_or(expected_nanos);
        let is_known = run_nanos > 0.0;
        let pays = if is_known { run_nanos >= MIN_RUN_TO_WAIT * self.pulls.item_nanos() } else { may_read_ahead };
        !self.has_waited || pays
    }

    /// Records that a worker thread leaves because it has waited for long.
    pub(crate) fn note_left(&mut self, is_open: bool) {
        if is_open || self.divisible > 0 { self.presence.leave() } else { self.presence.end() }
    }

    /// Lets a worker thread in that has arrived. Returns false if there are enough.
    pub(crate) fn admit(&mut self) -> bool {
        let is_admitted = self.presence.admit();
        if is_admitted {
            self.judge.note_worker(self.time());
        }
        is_admitted
    }

    /// Returns whether the calling thread goes on alone.
    pub(crate) fn is_alone(&self) -> bool {
        self.judge.phase() == Phase::Alone
    }

    /// Returns whether items remain, with which the calling thread goes on alone.
    pub(crate) fn has_rest(&self) -> bool {
        self.is_alone() && !self.has_ended
    }

    /// Returns the time per item, in nanoseconds, with which sharing was found not to win; 0 if it
    /// was not.
    pub(crate) fn rejected_nanos(&self) -> f64 {
        if self.is_alone() {
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

    /// Judges a call as a whole that has ended, if it was too short to be judged before. Returns
    /// whether the calling thread alone would have been as fast, and the time per item that this
    /// follows from; `None` if that is not known.
    pub(crate) fn verdict_on_whole(&self) -> Option<(bool, f64)> {
        let is_complete = !self.has_failed && !self.has_ever_waited;
        let mean_nanos = self.grain.mean_nanos();
        self.judge.verdict_on_whole(self.is_measured, mean_nanos, self.threads, self.time()).filter(|_| is_complete)
    }

    /// Returns whether sharing has won, or `None` if that is not known.
    pub(crate) fn has_won(&self) -> Option<bool> {
        self.judge.has_won()
    }

    fn is_block(&self) -> bool {
        self.target_len < usize::MAX
    }

    /// Returns whether no more items are assigned to this block, now or at all. `has_results` tells
    /// whether finished results wait for it.
    pub(crate) fn is_block_complete(&mut self, has_results: bool) -> bool {
        if !self.is_block() {
            return false;
        }
        let is_late = self.begin.elapsed().as_nanos() > u128::from(MAX_BLOCK_NANOS);
        // While the input waits, nothing that is finished should wait with it.
        let would_wait = self.has_waited && (has_results || !self.pays_to_read_ahead());
        if self.next > 0 && (is_late || would_wait) {
            self.target_len = self.target_len.min(self.next);
        }
        self.next >= self.target_len && !self.has_long_chunk()
    }

    /// Returns whether another thread has been busy with its chunk for long.
    fn has_long_chunk(&self) -> bool {
        // The mean of all items, because the last chunk may have been a long one itself.
        let long = LONG_CHUNK_FACTOR * self.grain.mean_nanos().max(CHUNK_TARGET_NANOS);
        !self.has_waited && self.in_progress.iter().any(|other| self.time().saturating_sub(other.since) as f64 >= long)
    }

    /// Returns the number of items of the next chunk, if `returned` items have been given back
    /// besides those in the input.
    pub(crate) fn chunk_size(&self, returned: usize) -> usize {
        let remaining = returned.saturating_add(self.min_remaining);
        if self.has_waited { 1 } else { self.grain.chunk_size(remaining, self.threads, self.pulls.item_nanos()) }
    }
}
