//! The source of a shared call: it assigns chunks of items and the slots for their results, under
//! one lock and in input order.

use crate::engine::chunk::Chunk;
use crate::engine::costs::{ChunkCosts, Done};
use crate::engine::feed::{Feed, Pulled};
use crate::engine::ledger::{Idle, Ledger, Prospect};
use crate::engine::outcome::{Failure, Outcome};
use crate::engine::slots::{Part, Slots};
use crate::engine::window::Window;
use std::mem;
use std::sync::Arc;

/// The rest of the input of a call, and the outcome of its items so far.
pub(crate) struct Source<'vec, I: Iterator, R, B> {
    /// The input; `None` while a thread pulls from it, which it does outside of the lock, and if
    /// the input is known.
    feed: Option<Box<Feed<'vec, I, R>>>,
    /// Whether the input is known: `returned` has all of its items from the beginning.
    is_known: bool,
    /// Items that threads have given back before they ran them, in input order. They are few.
    returned: Vec<Chunk<'vec, I, R>>,
    outcome: Outcome<'vec, R, B>,
    /// Whether no more results are wanted: the sink has failed.
    is_abandoned: bool,
    pub(crate) ledger: Ledger,
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
    /// It delivers results of the next items in input order.
    Deliver(Part<'vec, R>),
    /// It has nothing to do.
    Idle(Idle),
}

/// A chunk that a thread no longer works on.
pub(crate) struct Finished<'vec, I: Iterator, R> {
    /// The chunk, with the results of the items that have run and the items that have not.
    pub(crate) chunk: Chunk<'vec, I, R>,
    pub(crate) costs: ChunkCosts,
}

impl<'vec, I: Iterator, R, B> Source<'vec, I, R, B> {
    /// Creates the source of a call whose first `next` items have already run.
    ///
    /// `target_len` is the length of the block, including those items.
    pub(crate) fn new(input: I, next: usize, target_len: usize, prospect: Prospect, slots: Slots<'vec, R>) -> Self {
        let ledger = Ledger::new(next, target_len, input.size_hint().0, prospect);
        let feed = Some(Box::new(Feed::new(input, slots, target_len < usize::MAX, prospect.input_may_wait)));
        Source { feed, is_known: false, returned: Vec::new(), outcome: Outcome::new(next), is_abandoned: false, ledger }
    }

    /// Creates the source of a call whose results go to a sink, and whose first `next` items have
    /// already run.
    pub(crate) fn with_sink(input: I, next: usize, prospect: Prospect, window: Arc<Window>) -> Self {
        let mut source = Source::new(input, next, usize::MAX, prospect, Slots::none(false));
        source.ledger.set_window(window);
        source
    }

    /// Creates the source of a call whose input is known: `rest` has all items that have not run.
    pub(crate) fn known(rest: Chunk<'vec, I, R>, prospect: Prospect) -> Self {
        let ledger = Ledger::new(0, usize::MAX, 0, prospect);
        let outcome = Outcome::new(rest.start);
        Source { feed: None, is_known: true, returned: vec![rest], outcome, is_abandoned: false, ledger }
    }

    /// Returns what a thread does next. `delivers` tells that it delivers results.
    pub(crate) fn next(&mut self, is_calling_thread: bool, delivers: bool) -> Next<'vec, I, R> {
        // Before it pulls, because the input may wait for these results.
        if delivers && !self.is_abandoned {
            if let Some(part) = self.outcome.take_next() {
                return Next::Deliver(part);
            }
        }
        let next = self.assign(is_calling_thread);
        if is_calling_thread && matches!(next, Next::Idle(Idle::End)) {
            self.ledger.end_sharing();
        }
        next
    }

    fn assign(&mut self, is_calling_thread: bool) -> Next<'vec, I, R> {
        if self.is_abandoned {
            return Next::Idle(Idle::End);
        }
        // Given-back items and the end of the input are not worth a trial, and others may wait for
        // these items.
        let is_worth_a_trial = self.is_open() && (self.returned.is_empty() || self.is_known);
        if self.ledger.waits_for_others(is_calling_thread, is_worth_a_trial) {
            return Next::Idle(match self.feed {
                None if is_calling_thread && !self.is_known => self.ledger.busy(),
                _ => Idle::Hold,
            });
        }
        if let Some(chunk) = self.next_returned() {
            return Next::Run(chunk);
        }
        if !self.is_open() || self.ledger.is_block_complete(self.outcome.has_results()) {
            return Next::Idle(match self.ledger.idle(self.is_open()) {
                // The calling thread passes on what the other threads finish.
                Idle::End if is_calling_thread && self.ledger.has_sink() && self.ledger.is_running() => Idle::Hold,
                idle => idle,
            });
        }
        if self.ledger.is_full() {
            return Next::Idle(Idle::Full);
        }
        if self.feed.is_some() && is_calling_thread && self.ledger.must_await_running() {
            return Next::Idle(Idle::Hold);
        }
        match self.feed.take() {
            Some(feed) => {
                let (start, size) = self.ledger.begin_pull();
                Next::Pull { feed, start, size }
            }
            None => Next::Idle(self.ledger.busy()),
        }
    }

    /// Takes items that have been given back, unless they are above the failure.
    fn next_returned(&mut self) -> Option<Chunk<'vec, I, R>> {
        let first = self.returned.first()?;
        if first.start > self.failing_index() || self.is_rest() {
            return None;
        }
        let remaining = first.remaining();
        let size = self.ledger.chunk_size(remaining);
        let chunk = match self.returned.first_mut()? {
            first if size < remaining => {
                let rest = first.split_off(size);
                mem::replace(first, rest)
            }
            _ => self.returned.remove(0),
        };
        self.ledger.begin_chunk(chunk.start, size.min(remaining));
        Some(chunk)
    }

    /// Puts the feed back after a pull. Returns what has been pulled: a chunk, which may be empty,
    /// and the failure after it.
    pub(crate) fn put_back(
        &mut self,
        feed: Box<Feed<'vec, I, R>>,
        pulled: Pulled<'vec, I, R>,
    ) -> (Chunk<'vec, I, R>, Option<Failure<B>>) {
        self.feed = Some(feed);
        let end = self.ledger.end_pull(pulled.chunk.start, pulled.chunk.remaining(), pulled.costs);
        (pulled.chunk, pulled.panic.map(|payload| Failure::panic(end, payload)))
    }

    /// Records that a thread no longer works on a chunk, and keeps its results. Items that have not
    /// run are given back.
    pub(crate) fn finish(&mut self, finished: Finished<'vec, I, R>, is_calling_thread: bool) {
        let Finished { mut chunk, costs } = finished;
        let has_stopped = chunk.remaining() > 0;
        if has_stopped {
            let rest = chunk.split_off(0);
            let place = self.returned.partition_point(|other| other.start < rest.start);
            self.returned.insert(place, rest);
        }
        let (start, items) = (chunk.start, chunk.done());
        self.ledger.end_chunk(Done { start, items, has_stopped }, costs, self.is_open(), is_calling_thread);
        if items > 0 {
            self.outcome.add_part(start, chunk.into_part());
        }
    }

    /// Ends the call before its input: no more results are wanted. Returns what must be dropped
    /// outside of the lock.
    pub(crate) fn abandon(&mut self) -> impl Sized + use<'vec, I, R, B> {
        self.is_abandoned = true;
        self.ledger.has_ended = true;
        mem::take(&mut self.returned)
    }

    /// Returns whether the last chunks were evidence against sharing, but too few for a conclusion.
    pub(crate) fn is_doubtful(&self) -> bool {
        self.ledger.is_doubtful() && self.is_open()
    }

    /// Returns the estimated time of the remaining work, in nanoseconds.
    pub(crate) fn remaining_nanos(&self) -> f64 {
        let is_assigned = |chunk: &&Chunk<'vec, I, R>| chunk.start <= self.failing_index() && !self.is_rest();
        let returned = self.returned.iter().filter(is_assigned).map(Chunk::remaining).sum();
        self.ledger.remaining_nanos(returned, self.is_open())
    }

    /// Returns whether to call worker threads: more items will be assigned.
    pub(crate) fn has_more(&self) -> bool {
        self.is_open() && !self.ledger.has_reached_target()
    }

    /// Returns whether items may remain that several threads can share.
    fn is_open(&self) -> bool {
        let is_empty = self.ledger.has_ended || self.is_known && self.returned.is_empty();
        !is_empty && !self.ledger.is_alone()
    }

    /// Adds a failure, after which no items are pulled if it is one of the input or of an item.
    /// Returns the higher of two failures, to be dropped outside of the lock.
    pub(crate) fn add_failure(&mut self, failure: Failure<B>) -> Option<Failure<B>> {
        let higher = self.outcome.add_failure(failure);
        self.ledger.has_failed = true;
        self.ledger.has_ended |= self.failing_index() < usize::MAX;
        higher
    }

    /// Records that a worker thread leaves because it has waited for long.
    pub(crate) fn note_left(&mut self) {
        self.ledger.note_left(self.is_open());
    }

    /// Returns whether to call back a worker that has left, if the thread `can_call` one: the input
    /// goes on. The worker then counts as called.
    pub(crate) fn calls_back(&mut self, can_call: impl FnOnce() -> bool) -> bool {
        let has_work = || self.is_open() && self.ledger.pays_to_read_ahead() && self.ledger.has_much_room();
        let calls = self.ledger.presence.has_left() && has_work() && can_call();
        if calls {
            self.ledger.presence.call_back();
        }
        calls
    }

    /// Does the same if the reason is that more items have been given back.
    pub(crate) fn calls_back_for_returned(&mut self, can_call: impl FnOnce() -> bool) -> bool {
        let calls = self.ledger.presence.has_left() && !self.returned.is_empty() && can_call();
        if calls {
            self.ledger.presence.call_back();
        }
        calls
    }

    /// Returns the index of the failure, or `usize::MAX` if there is none.
    pub(crate) fn failing_index(&self) -> usize {
        self.outcome.failing_index()
    }

    /// Returns the rest of the input, if the calling thread must go on alone, and the outcome of
    /// the items before it.
    pub(crate) fn into_rest(self) -> (Option<I>, Outcome<'vec, R, B>) {
        let has_rest = self.ledger.has_rest();
        (self.feed.filter(|_| has_rest).map(|feed| feed.into_input()), self.outcome)
    }

    /// Returns the rest of a known input, if the calling thread must go on alone, and the outcome
    /// of the items before it.
    pub(crate) fn into_known_rest(mut self) -> (Option<Chunk<'vec, I, R>>, Outcome<'vec, R, B>) {
        let has_rest = self.ledger.has_rest();
        (self.returned.pop().filter(|_| has_rest), self.outcome)
    }

    /// Returns whether only the rest of a known input is left, which the calling thread runs after
    /// the others have ended.
    fn is_rest(&self) -> bool {
        self.is_known && self.ledger.is_alone() && self.returned.len() == 1
    }
}
