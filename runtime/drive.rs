//! Decides how a call goes: by the caller alone as long as that is best, then by all who help.

use crate::grain::{CHEAP, Grain, WORTH_ASLEEP, WORTH_AWAKE};
use crate::memory::{Memory, Past};
use crate::outcome::{Cause, InOrder};
use crate::pool::{self, Seat};
use crate::share::Shared;
use crate::slots::{self, Part};
use crate::source::Source;
use crate::step::Step;
use crate::team::{self, Team};
use crate::trace::Trace;
use crate::work::{BreakOf, OutputOf, Tidy, Work};
use std::panic::resume_unwind;
use std::time::Instant;

/// A call that takes less than this in all, in nanoseconds, is run without looking at the clock but for its first item.
const TINY: f32 = 10_000.0;

/// In a block the clock is looked at after so many items at the latest: the next may be heavier by far.
const LOOK: usize = 1024;

/// A block ends before it has enough when it has taken so long, in nanoseconds.
pub(crate) const LONGEST_BLOCK: u64 = 20_000_000;

/// What the first items took has to come to this before it says anything about the others, in nanoseconds.
const SEEN: u64 = 4_000;

/// What is known of a call besides its input.
#[derive(Clone, Copy)]
pub(crate) struct Settings {
    pub(crate) memory: &'static Memory,
    /// At most so many threads, the caller counted.
    pub(crate) threads: Option<usize>,
    /// The call may end when it has so many results, or somewhat more where all threads are better kept at work; where it does not end before the
    /// input, all are run.
    pub(crate) enough: usize,
}

impl Settings {
    /// Of a call of the function that `memory` is of, with all its input.
    #[inline]
    pub(crate) fn new(memory: &'static Memory) -> Self {
        Settings { memory, threads: None, enough: usize::MAX }
    }

    /// With at most so many threads.
    #[track_caller]
    pub(crate) fn threads(self, threads: usize) -> Self {
        assert!(threads > 0, "`threads` is 0, and the caller alone is 1");
        Settings { threads: Some(threads), ..self }
    }
}

/// The results of items above the one that ended a call, each with its index.
pub(crate) type OutOfOrder<R> = Vec<(usize, R)>;

/// What is kept of a call that ends before its input does.
pub(crate) enum Keep<'call, R> {
    Nothing,
    /// What was finished before the end, in order.
    Finished,
    /// And what was finished above it, unless it ended by a panic.
    All(&'call mut OutOfOrder<R>),
}

/// Runs `work` for every item, and puts the results in `output`, which is empty, in the order of the input, or returns what ended the call. What was
/// finished by then is kept as `keep` says, in order in `output`; the rest may be dropped.
///
/// # Panics
///
/// With the first panic in the order of the input; `output` has then what it has at any other end.
pub(crate) fn collect<W, I>(
    settings: Settings,
    input: I,
    work: &W,
    output: &mut Vec<OutputOf<W, I::Item>>,
    keep: Keep<'_, OutputOf<W, I::Item>>,
) -> Result<(), BreakOf<W, I::Item>>
where
    I: Iterator<Item: Send> + Send,
    W: Work<I::Item> + Sync,
{
    run(settings, &Trace::begin(settings.memory, input.size_hint()), input, work, output, keep)
}

/// The same as a part of a call that has a trace.
pub(crate) fn run<W, I>(
    settings: Settings,
    trace: &Trace,
    mut input: I,
    work: &W,
    output: &mut Vec<OutputOf<W, I::Item>>,
    keep: Keep<'_, OutputOf<W, I::Item>>,
) -> Result<(), BreakOf<W, I::Item>>
where
    I: Iterator<Item: Send> + Send,
    W: Work<I::Item> + Sync,
{
    let _entered = trace.enter();
    let counted = Counted { trace, output };
    let output = &mut *counted.output;
    let Settings { memory, threads, .. } = settings;
    let (least, most) = input.size_hint();
    let past = memory.past();
    let mut kept = Tidy::new(work.kept());
    // A length that there is no room for is not the truth; and if it is, the loop fails as well.
    let _ = output.try_reserve(least);

    if most.is_some_and(|most| most <= 1) || team::is_alone(threads) {
        // Nobody can help with one item, or may.
        return finish_loop(output, input, work, kept.get());
    }
    #[allow(clippy::cast_precision_loss)] // An estimate.
    let most_items = most.map_or(f32::INFINITY, |most| most as f32);
    let is_block = settings.enough < usize::MAX;
    if !is_block && past.is_some_and(|past| past.high * most_items <= TINY) {
        let start = Instant::now();
        let Some(item) = input.next() else { return Ok(()) };
        output.push(work.run(kept.get(), item).step()?);
        #[allow(clippy::cast_precision_loss)] // An estimate.
        let whole = start.elapsed().as_nanos() as f32 * most_items;
        // As it was, or nearly: the loop as it is.
        if whole <= 8.0 * TINY {
            finish_loop(output, input, work, kept.get())?;
            if pool::is_sample() {
                // The rest may no longer be like the first.
                memory.add(per_item(start.elapsed().as_nanos(), output.len()));
            }
            return Ok(());
        }
    }
    let course = Course { settings, grain: Grain::default(), keeps_states: W::KEEPS, is_cheap: false };
    Clocked { work, trace, kept, output, keep, course }.run(input, past)
}

/// Tells the trace how many items are finished, at any end.
struct Counted<'call, R> {
    trace: &'call Trace,
    output: &'call mut Vec<R>,
}

impl<R> Drop for Counted<'_, R> {
    #[inline]
    fn drop(&mut self) {
        self.trace.finished(self.output.len());
    }
}

/// Runs what is left of the input, and nothing else.
///
/// `work` is an argument of its own, not a field: of an argument the compiler knows that writing to the output does not change it, so what the function
/// has captured stays in registers, and several items may be run at a time. (Measured: a loop over 10^7 `u32` took half as long again without.)
#[inline]
fn finish_loop<W, I>(
    output: &mut Vec<OutputOf<W, I::Item>>,
    input: I,
    work: &W,
    kept: &mut W::Kept<'_>,
) -> Result<(), BreakOf<W, I::Item>>
where
    I: Iterator,
    W: Work<I::Item>,
{
    W::Step::extend(output, input.map(|item| work.run(kept, item)))
}

/// Runs so many items, and returns whether the input has ended; not one more is pulled than is run.
#[inline]
fn batch<W, I>(
    output: &mut Vec<OutputOf<W, I::Item>>,
    input: &mut I,
    size: usize,
    work: &W,
    kept: &mut W::Kept<'_>,
) -> Result<bool, BreakOf<W, I::Item>>
where
    I: Iterator,
    W: Work<I::Item>,
{
    let before = output.len();
    // `take` stops without asking for one more.
    finish_loop(output, input.take(size), work, kept)?;
    Ok(output.len() - before < size)
}

/// Keeps the results of chunks with their indices.
fn keep_out_of_order<R>(kept: &mut OutOfOrder<R>, parts: Vec<(usize, Part<R>)>) {
    for (start, mut part) in parts {
        for (index, result) in part.take_results().into_iter().enumerate() {
            kept.push((start + index, result));
        }
    }
}

/// How many items have their results in these.
fn items_of<'part, R: 'part>(parts: impl IntoIterator<Item = &'part Part<'part, R>>) -> usize {
    parts.into_iter().map(Part::len).sum()
}

/// Nanoseconds an item.
#[allow(clippy::cast_precision_loss)] // An estimate.
fn per_item(nanos: u128, items: usize) -> f32 {
    nanos as f32 / items.max(1) as f32
}

/// A call that looks at the clock.
struct Clocked<'call, W: Work<T>, T> {
    work: &'call W,
    trace: &'call Trace,
    /// The caller's.
    kept: Tidy<W::Kept<'call>>,
    output: &'call mut Vec<OutputOf<W, T>>,
    keep: Keep<'call, OutputOf<W, T>>,
    course: Course,
}

/// What is known of the call by now; the part of it that is the same for all functions.
struct Course {
    settings: Settings,
    grain: Grain,
    /// Whether each thread makes something that it is to make once.
    keeps_states: bool,
    /// It has been tried, and items this cheap are not worth sharing.
    is_cheap: bool,
}

#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)] // Estimates.
impl Course {
    /// Whether helpers would shorten what is left, and there are any.
    fn pays(&self, left: usize, now: u64) -> bool {
        let worth = if pool::is_awake(now) { WORTH_AWAKE } else { WORTH_ASLEEP };
        let item = self.grain.item();
        left as f64 * item >= worth
            && (!self.is_cheap || item >= f64::from(CHEAP) && !self.keeps_states)
            && Team::of(self.settings.threads).free() > 0
    }

    /// Whether both this call so far and those before say that helpers would not shorten what is left: there is too little, or items were found too
    /// cheap.
    fn never_pays(&self, past: Option<Past>, left: Option<usize>) -> bool {
        let (Some(past), Some(item)) = (past, self.grain.known()) else { return false };
        let item = item.max(f64::from(past.high));
        self.is_cheap && item <= f64::from(CHEAP) || left.is_some_and(|left| item * left as f64 <= WORTH_AWAKE)
    }

    /// A call has ended without helpers.
    fn finish(&mut self, items: usize, before: u64, start: u64) {
        let now = pool::now();
        self.grain.add(items, now - before);
        self.settings.memory.add(self.grain.mean() as f32);
        if (now - start) as f64 > WORTH_AWAKE {
            pool::note_regret((now - start) / 2, now);
        }
    }
}

#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)] // Estimates.
impl<W: Work<T> + Sync, T: Send> Clocked<'_, W, T> {
    /// The caller works alone, in batches that grow, until it is worth calling helpers.
    fn run<I>(mut self, mut input: I, past: Option<Past>) -> Result<(), BreakOf<W, T>>
    where
        I: Iterator<Item = T> + Send,
    {
        let mut seat = Seat::take();
        let mut start = pool::now();
        if is_surely_worth(past, input.size_hint(), start) && Team::of(self.course.settings.threads).free() > 0 {
            match self.share(input, seat, true)? {
                Some(rest) => input = rest,
                None => return Ok(()),
            }
            (seat, start) = (Seat::take(), pool::now());
        }
        let begun = start;
        let is_block = self.course.settings.enough < usize::MAX;
        let mut before = start;
        let mut size = 1;
        let done = loop {
            let (least, most) = input.size_hint();
            let is_exact = most == Some(least);
            let done = self.output.len();
            if done >= self.course.settings.enough || is_block && done > 0 && before - begun > LONGEST_BLOCK {
                break done;
            }
            size = size.min(self.course.settings.enough - done);
            if is_exact && least <= size || !is_block && self.course.never_pays(past, most) {
                // The rest at once, and by value: the loop as it is.
                finish_loop(self.output, input, self.work, self.kept.get())?;
                break done;
            }
            if batch(self.output, &mut input, size, self.work, self.kept.get())? {
                break done;
            }
            let now = pool::now();
            self.course.grain.add(self.output.len() - done, now - before);
            before = now;
            // Of a length that is not known, as much again is a guess.
            let left = input.size_hint().0.max(if is_exact { 0 } else { self.output.len() });
            if now - start >= SEEN && self.course.pays(left, now) {
                match self.share(input, seat, false)? {
                    Some(rest) => input = rest,
                    None => return Ok(()),
                }
                (seat, start) = (Seat::take(), pool::now());
                before = start;
            }
            size = (4 * size).min(self.course.grain.batch()).min(if is_block { LOOK } else { usize::MAX });
        };
        self.course.finish(self.output.len() - done, before, start);
        Ok(())
    }

    /// The caller and those who help take chunks until none is left, or until items are found too cheap for it: then the rest is returned.
    fn share<I>(&mut self, input: I, seat: Seat, at_once: bool) -> Result<Option<I>, BreakOf<W, T>>
    where
        I: Iterator<Item = T> + Send,
    {
        let team = Team::of(self.course.settings.threads);
        let (done, enough) = (self.output.len(), self.course.settings.enough);
        let _ = self.output.try_reserve(input.size_hint().0);
        let mut rest = None;
        let mut end = None;
        slots::append(self.output, |slots| {
            let source = Source::new(input, done, enough, team.threads(), self.course.grain, slots);
            let shared = Shared::new(source, self.work, team, self.trace);
            // Before anybody is woken, the caller sees what pulling costs.
            while !at_once && shared.turn(self.kept.get()).is_some() && shared.lock().is_doubtful() {}
            if at_once || shared.lock().is_open() {
                shared.open(seat, self.kept.get());
            }
            let source = shared.into_source();
            self.course.grain = source.grain;
            let (input, outcome) = source.into_rest();
            rest = input;
            let InOrder { finished, out_of_order, cause } = outcome.in_order();
            end = cause;
            self.trace.finished(items_of(out_of_order.iter().map(|(_, part)| part)));
            match (&mut self.keep, &end) {
                (Keep::All(kept), Some(Cause::Break(_))) => keep_out_of_order(kept, out_of_order),
                // The loop would not have made them.
                _ => drop(out_of_order),
            }
            if matches!(self.keep, Keep::Nothing) && end.is_some() {
                self.trace.finished(items_of(&finished));
                drop(finished);
                return Vec::new();
            }
            finished
        });
        if rest.is_none() && self.course.grain.known().is_some() {
            // Something was measured: the call did not fail in its first chunk.
            self.course.settings.memory.add(self.course.grain.mean() as f32);
        }
        self.course.is_cheap = rest.is_some();
        match end {
            None => Ok(rest),
            Some(Cause::Break(value)) => Err(value),
            Some(Cause::Panic(payload)) => resume_unwind(payload),
        }
    }
}

/// Whether helpers are called before the first item: the function is known to be heavy, or is not known at all.
#[allow(clippy::cast_precision_loss)] // An estimate.
fn is_surely_worth(past: Option<Past>, (least, most): (usize, Option<usize>), now: u64) -> bool {
    let several = least.max(if most.is_none_or(|most| most >= 2) { 2 } else { 0 });
    if several < 2 {
        return false;
    }
    past.is_none_or(|past| {
        let work = f64::from(past.low) * several as f64;
        past.low >= CHEAP && (work >= WORTH_ASLEEP || work >= WORTH_AWAKE && pool::is_awake(now))
    })
}
