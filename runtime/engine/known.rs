//! The course of a call whose input is known by its type: all of its items are one chunk, which is
//! run in batches, and split if worker threads pay. Nothing is pulled, and no code of the user runs
//! for the input.

use crate::engine::chunk::{Chunk, is_loaded};
use crate::engine::clock::{self, ticks};
use crate::engine::estimate::{Estimate, MIN_MEASURED_NANOS};
use crate::engine::lent::{Lender, into_vec_iter, is_plain_vec, is_vec, may_be_plain_vec};
use crate::engine::outcome::{Cause, Failure, Outcome};
use crate::engine::results::Results;
use crate::engine::retain::{Retain, conclude, end_call};
use crate::engine::seat::Seat;
use crate::engine::share::{Shared, append_to};
use crate::engine::slots::Parts;
use crate::engine::source::Source;
use crate::engine::step::Step;
use crate::engine::work::{BreakOf, CarriedOf, OutputOf, QuietDrop, Work};
use crate::input::split::{Input, may_have_splitter};
use crate::report::trace::Trace;
use crate::unwind::{catch, discard};
use std::marker::PhantomData;
use std::mem;

/// Returns whether [`known_len`] may return a number. Can be a constant.
pub(crate) const fn may_be_known<I: Iterator>() -> bool {
    may_have_splitter::<I>() || may_be_plain_vec::<I>()
}

/// Returns whether an input may wait for its items: its type is not known.
pub(crate) fn may_wait<I: Iterator>(input: &Input<I>) -> bool {
    input.splitter.is_none() && !is_vec::<I>()
}

/// Returns the number of items of an input that can be split without pulling its items.
pub(crate) fn known_len<I: Iterator>(input: &Input<I>) -> Option<usize> {
    if input.splitter.is_none() && !is_plain_vec::<I>() {
        return None;
    }
    let (min_items, max_items) = input.items.size_hint();
    max_items.filter(|max| *max == min_items)
}

/// A call whose input is known.
pub(crate) struct KnownCall<'call, W: Work<T>, T> {
    pub(crate) work: &'call W,
    pub(crate) trace: &'call Trace,
    /// The state of the calling thread.
    pub(crate) state: QuietDrop<W::State<'call>>,
    pub(crate) estimate: Estimate,
}

impl<W: Work<T> + Sync, T: Send> KnownCall<'_, W, T> {
    /// Runs all `len` items of `input`, as [`drive::run`](crate::engine::drive::run) does.
    pub(crate) fn run<I>(
        mut self,
        input: Input<I>,
        len: usize,
        output: &mut Results<'_, OutputOf<W, T>>,
        mut retain: Retain<'_, OutputOf<W, T>>,
    ) -> Result<(), BreakOf<W, T>>
    where
        I: Iterator<Item = T> + Send,
    {
        let start = output.items();
        let keeps_indices = matches!(retain, Retain::All(_));
        let mut end = None;
        let Input { items, splitter } = input;
        // The constants tell which of these cases are compiled.
        if const { may_have_splitter::<I>() } {
            let Some(splitter) = splitter else { unreachable!("the length is known") };
            W::Step::reserve(output, len);
            W::Step::append(output, true, keeps_indices, &mut PhantomData::<T>, |mut slots, output, _| {
                let part = slots.take(len);
                self.run_all(Chunk::split(start, items, len, splitter, part), output, &mut retain, &mut end)
            });
        } else if const { is_loaded::<I, W::Step>() } && output.list.capacity() == 0 {
            W::Step::append_in_place(output, into_vec_iter(items).collect(), |items| {
                self.run_all(Chunk::<I, _>::loaded(start, items), None, &mut retain, &mut end)
            });
        } else if const { may_be_plain_vec::<I>() } {
            W::Step::reserve(output, len);
            let lender = &mut Lender::new(into_vec_iter(items));
            W::Step::append(output, true, keeps_indices, lender, |mut slots, output, lender| {
                let part = slots.take(lender.len());
                self.run_all(Chunk::<I, _>::lent(start, lender.lend(), part), output, &mut retain, &mut end)
            });
        } else {
            unreachable!("the length is known");
        }
        end_call(end)
    }

    /// Runs all items of a chunk. Returns what is not yet in the output, and writes what ended the
    /// call to `end`.
    fn run_all<'vec, I>(
        &mut self,
        chunk: Chunk<'vec, I, CarriedOf<W, T>>,
        output: Option<&mut Results<'_, OutputOf<W, T>>>,
        retain: &mut Retain<'_, OutputOf<W, T>>,
        end: &mut Option<Cause<BreakOf<W, T>>>,
    ) -> Parts<'vec, CarriedOf<W, T>>
    where
        I: Iterator<Item = T> + Send,
    {
        let parts;
        (parts, *end) = conclude(self.run_chunk(chunk, output), retain, self.trace, W::Step::output);
        parts
    }

    /// Runs batches of growing size on the calling thread, until the call ends or worker threads
    /// pay. If there is an output, the results of each batch are appended to it.
    fn run_chunk<'vec, I>(
        &mut self,
        mut chunk: Chunk<'vec, I, CarriedOf<W, T>>,
        mut output: Option<&mut Results<'_, OutputOf<W, T>>>,
    ) -> Outcome<'vec, CarriedOf<W, T>, BreakOf<W, T>>
    where
        I: Iterator<Item = T> + Send,
    {
        let mut outcome = Outcome::new(chunk.start);
        let mut seat = Seat::take();
        let mut start = clock::now();
        let (mut last_read, mut start_ticks) = (start, ticks());
        // The index of the first item that has run since `last_read`.
        let mut measured = chunk.start;
        let mut batch_size = 1;
        let len = chunk.remaining();
        let mut pays = self.estimate.recall(true, (len, Some(len)), start);
        loop {
            if pays {
                match self.share(chunk, seat, output.as_deref_mut(), &mut outcome) {
                    Some(rest) => chunk = rest,
                    None => return outcome,
                }
                (seat, start) = (Seat::take(), clock::now());
                (last_read, start_ticks) = (start, ticks());
                measured = chunk.start + chunk.done();
            }
            let remaining = chunk.remaining();
            // Batches of a known input are as fast as the plain loop.
            let never_pays =
                output.is_none() && !self.estimate.is_recalled() && self.estimate.never_pays(Some(remaining));
            let is_last = remaining <= batch_size || never_pays;
            let size = if is_last { usize::MAX } else { batch_size };
            let end = run_batch(&mut chunk, size, self.work, self.state.get());
            let done = chunk.start + chunk.done();
            if let Err(cause) = end {
                discard(outcome.add_failure(Failure::new(done, cause)));
            } else if is_last {
                self.estimate.finish(done - measured, last_read, start);
            } else {
                pays = false;
                if ticks().wrapping_sub(start_ticks) >= MIN_MEASURED_NANOS {
                    let now = clock::now();
                    self.estimate.grain.add(done - measured, now - last_read);
                    (last_read, measured) = (now, done);
                    pays = now - start >= MIN_MEASURED_NANOS && self.estimate.pays(chunk.remaining(), start, now);
                }
                batch_size = (4 * batch_size).min(self.estimate.grain.batch_size());
                if output.is_some() {
                    let rest = chunk.split_off(0);
                    outcome.add_part(chunk.start, mem::replace(&mut chunk, rest).into_part());
                    append_first::<W, T>(output.as_deref_mut(), &mut outcome);
                }
                continue;
            }
            outcome.add_part(chunk.start, chunk.into_part());
            return outcome;
        }
    }

    /// Shares the rest of `chunk` with worker threads. Returns the rest if sharing does not win.
    fn share<'vec, I>(
        &mut self,
        mut chunk: Chunk<'vec, I, CarriedOf<W, T>>,
        seat: Seat,
        mut output: Option<&mut Results<'_, OutputOf<W, T>>>,
        outcome: &mut Outcome<'vec, CarriedOf<W, T>, BreakOf<W, T>>,
    ) -> Option<Chunk<'vec, I, CarriedOf<W, T>>>
    where
        I: Iterator<Item = T> + Send,
    {
        let rest = chunk.split_off(0);
        outcome.add_part(chunk.start, chunk.into_part());
        append_first::<W, T>(output.as_deref_mut(), outcome);
        let team = self.estimate.team(Some(rest.remaining()));
        let source = Source::known(rest, self.estimate.prospect(&team));
        self.estimate.has_called = true;
        let shared = Shared::new(source, self.work, team, self.trace);
        {
            let mut deliver = output.as_deref_mut().map(append_to::<W, T>);
            shared.open(seat, self.state.get(), deliver.as_mut().map(|deliver| deliver as _));
        }
        let source = shared.into_source();
        self.estimate.end_sharing(&source.ledger, true);
        let (rest, shared_outcome) = source.into_known_rest();
        discard(outcome.append(shared_outcome));
        append_first::<W, T>(output, outcome);
        if rest.is_none() {
            self.estimate.remember();
        }
        rest
    }
}

/// Appends the results of the first items to the output, if there is one.
fn append_first<W: Work<T>, T>(
    output: Option<&mut Results<'_, OutputOf<W, T>>>,
    outcome: &mut Outcome<'_, CarriedOf<W, T>, BreakOf<W, T>>,
) {
    if let Some(output) = output {
        output.append_all(outcome.take_first(), W::Step::output);
    }
}

/// Runs up to `size` items of a chunk. `work` is a parameter so that the loop can be vectorized, as
/// in `serial`.
#[inline]
fn run_batch<'work, W: Work<I::Item>, I: Iterator>(
    chunk: &mut Chunk<'_, I, CarriedOf<W, I::Item>>,
    size: usize,
    work: &'work W,
    state: &mut W::State<'work>,
) -> Result<(), Cause<BreakOf<W, I::Item>>> {
    let run = || {
        let end = chunk.done() + size.min(chunk.remaining());
        // Fewer items run at the end of the slots, if their number is wrong.
        while chunk.done() < end {
            chunk.run_group(end - chunk.done(), work, state)?;
        }
        Ok(())
    };
    match catch(run) {
        Ok(result) => result.map_err(Cause::Break),
        Err(payload) => Err(Cause::Panic(payload)),
    }
}
