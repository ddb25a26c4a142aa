//! The course of a call whose items are pulled from the input: the calling thread runs batches of
//! them, and shares the rest with worker threads if these pay.

use crate::engine::clock::{self, ticks};
use crate::engine::estimate::{Estimate, MIN_MEASURED_NANOS};
use crate::engine::ledger::MAX_BLOCK_NANOS;
use crate::engine::results::Results;
use crate::engine::retain::{Retain, conclude, end_call};
use crate::engine::seat::Seat;
use crate::engine::serial::{BatchEnd, batch, finish_loop, watched_batch};
use crate::engine::share::{Shared, append_to};
use crate::engine::source::Source;
use crate::engine::step::Step;
use crate::engine::work::{BreakOf, OutputOf, QuietDrop, Work};
use crate::report::trace::Trace;
use crate::unwind::{Payload, discard};
use std::marker::PhantomData;

/// Maximum number of items of a block that the calling thread runs between two clock reads, because
/// the next items may be far more expensive. The reader of the stream waits for the block.
const MAX_ITEMS_BETWEEN_CLOCK_READS: usize = 1024;

/// Maximum time of an item, in nanoseconds, that is not mistaken for an input that waits.
const MAX_SHORT_ITEM_NANOS: f64 = 50_000.0;

/// A call whose items are pulled from its input.
pub(crate) struct PulledCall<'call, W: Work<T>, T> {
    pub(crate) work: &'call W,
    pub(crate) trace: &'call Trace,
    /// The state of the calling thread.
    pub(crate) state: QuietDrop<W::State<'call>>,
    pub(crate) output: Results<'call, OutputOf<W, T>>,
    pub(crate) retain: Retain<'call, OutputOf<W, T>>,
    pub(crate) estimate: Estimate,
    /// The panic from dropping the state of a worker thread, if items remained for the calling
    /// thread. It comes after all items.
    pub(crate) late_panic: &'call mut Option<Payload>,
}

#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)] // Estimates.
impl<W: Work<T> + Sync, T: Send> PulledCall<'_, W, T> {
    /// Runs batches of growing size on the calling thread, until the call ends or worker threads
    /// pay.
    ///
    /// Takes `self` by value. (Measured: by reference, a `flat_map` of 10^7 cheap items took 18 %
    /// longer.)
    pub(crate) fn run<I>(mut self, mut input: I) -> Result<(), BreakOf<W, T>>
    where
        I: Iterator<Item = T> + Send,
    {
        let mut seat = Seat::take();
        let mut start = clock::now();
        if self.estimate.recall(false, input.size_hint(), start) {
            match self.share(input, seat, true)? {
                Some(rest) => input = rest,
                None => return Ok(()),
            }
            (seat, start) = (Seat::take(), clock::now());
        }
        let begin = start;
        let is_block = self.estimate.settings.enough < usize::MAX;
        let (mut last_read, mut start_ticks) = (start, ticks());
        // The number of items at `last_read`.
        let mut measured = self.output.items();
        let mut batch_size = 1;
        loop {
            let (min_items, max_items) = input.size_hint();
            let is_exact = max_items == Some(min_items);
            let done = self.output.items();
            let is_late = is_block && done > 0 && last_read - begin > MAX_BLOCK_NANOS;
            if done >= self.estimate.settings.enough || is_late {
                break;
            }
            batch_size = batch_size.min(self.estimate.settings.enough - done);
            if is_exact && min_items <= batch_size || !is_block && self.estimate.never_pays_to_pull(max_items) {
                // The input is passed by value, so that this compiles to the plain serial loop.
                finish_loop(&mut self.output, input, self.work, self.state.get())?;
                break;
            }
            let ended = if is_block && self.estimate.settings.may_wait {
                let is_short = self.estimate.grain.known_item_nanos().is_some_and(|nanos| nanos < MAX_SHORT_ITEM_NANOS);
                let end =
                    watched_batch(&mut self.output, &mut input, batch_size, is_short, self.work, self.state.get())?;
                if end == BatchEnd::Waited {
                    // What is finished is yielded before the input waits again.
                    return Ok(());
                }
                end == BatchEnd::InputEnded
            } else {
                batch(&mut self.output, &mut input, batch_size, self.work, self.state.get())?
            };
            if ended {
                break;
            }
            if done == 0 {
                // As `collect` does, so that memory grows in the same steps as in the serial loop.
                W::Step::reserve(&mut self.output, input.size_hint().0);
            }
            if is_block || ticks().wrapping_sub(start_ticks) >= MIN_MEASURED_NANOS {
                let (now, items) = (clock::now(), self.output.items());
                self.estimate.grain.add(items - measured, now - last_read);
                (last_read, measured) = (now, items);
                // If the length is unknown, guess that as many items remain as have been run.
                let remaining = input.size_hint().0.max(if is_exact { 0 } else { items });
                if now - start >= MIN_MEASURED_NANOS && self.estimate.pays(remaining, start, now) {
                    match self.share(input, seat, false)? {
                        Some(rest) => input = rest,
                        None => return Ok(()),
                    }
                    (seat, start) = (Seat::take(), clock::now());
                    (last_read, start_ticks, measured) = (start, ticks(), self.output.items());
                }
            }
            let max_batch_size = if is_block { MAX_ITEMS_BETWEEN_CLOCK_READS } else { usize::MAX };
            batch_size = (4 * batch_size).min(self.estimate.grain.batch_size()).min(max_batch_size);
        }
        self.estimate.finish(self.output.items() - measured, last_read, start);
        Ok(())
    }

    /// Shares the input with worker threads: each thread takes chunks until the call ends.
    ///
    /// Returns the rest of the input if its items are found too cheap to share. With
    /// `wake_at_once`, worker threads are woken before the first item has run.
    fn share<I>(&mut self, input: I, seat: Seat, wake_at_once: bool) -> Result<Option<I>, BreakOf<W, T>>
    where
        I: Iterator<Item = T> + Send,
    {
        let team = self.estimate.team(input.size_hint().1);
        let (done, target_len) = (self.output.items(), self.estimate.settings.enough);
        W::Step::reserve(&mut self.output, input.size_hint().0);
        let keeps_indices = matches!(self.retain, Retain::All(_));
        // Results behind the slots must be moved at the end, which takes longer than moving them
        // while they are in the cache.
        let has_slots = input.size_hint().0 > 0;
        let prospect = self.estimate.prospect(&team);
        let mut rest = None;
        let mut late = None;
        let mut end = None;
        W::Step::append(&mut self.output, has_slots, keeps_indices, &mut PhantomData::<T>, |slots, output, _| {
            let source = Source::new(input, done, target_len, prospect, slots);
            let shared = Shared::new(source, self.work, team, self.trace);
            if !wake_at_once {
                shared.measure_pulls(self.state.get(), None);
            }
            if wake_at_once || shared.lock().has_more() {
                self.estimate.has_called = true;
                let mut deliver = output.map(append_to::<W, T>);
                shared.open(seat, self.state.get(), deliver.as_mut().map(|deliver| deliver as _));
            }
            let source = shared.into_source();
            self.estimate.end_sharing(&source.ledger, false);
            let (input, mut outcome) = source.into_rest();
            rest = input;
            if rest.is_some() {
                // No item has failed, because items remain.
                late = outcome.take_panic();
            }
            let parts;
            (parts, end) = conclude(outcome, &mut self.retain, self.trace, W::Step::output);
            parts
        });
        if let Some(payload) = late {
            discard(self.late_panic.replace(payload));
        }
        if rest.is_none() {
            self.estimate.remember();
        }
        end_call(end).map(|()| rest)
    }
}
