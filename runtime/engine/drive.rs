//! Decides how a call goes: by the caller alone as long as that is best, then by all who help.

use crate::engine::grain::{Grain, MAX_CHEAP_ITEM_NANOS, MIN_WORK_IF_AWAKE_NANOS, MIN_WORK_TO_WAKE_NANOS};
use crate::engine::memory::Past;
use crate::engine::outcome::{Cause, InOrder};
use crate::engine::retain::{self, Retain};
use crate::engine::seat::Seat;
use crate::engine::serial::{batch, finish_loop};
use crate::engine::settings::Settings;
use crate::engine::share::Shared;
use crate::engine::slots::{self, Part};
use crate::engine::source::{MAX_BLOCK_NANOS, Source};
use crate::engine::step::Step;
use crate::engine::team::{self, Team};
use crate::engine::wake;
use crate::engine::work::{BreakOf, OutputOf, QuietDrop, Work};
use crate::report::trace::Trace;
use std::cell::Cell;
use std::panic::resume_unwind;
use std::time::Instant;

/// A call that takes less than this in all, in nanoseconds, is run without looking at the clock but for its first item.
const MAX_TINY_CALL_NANOS: f32 = 10_000.0;

/// In a block the clock is looked at after so many items at the latest: the next may be heavier by far.
const MAX_ITEMS_BETWEEN_CLOCK_READS: usize = 1024;

/// What the first items took has to come to this before it says anything about the others, in nanoseconds.
const MIN_MEASURED_NANOS: u64 = 4_000;

/// Runs `work` for every item, and puts the results in `output`, which is empty, in the order of the input, or returns what ended the call. What was
/// finished by then is kept as `retain` says, in order in `output`; the rest may be dropped.
///
/// # Panics
///
/// With the first panic in the order of the input; `output` has then what it has at any other end.
pub(crate) fn collect<W, I>(
    settings: Settings,
    input: I,
    work: &W,
    output: &mut Vec<OutputOf<W, I::Item>>,
    retain: Retain<'_, OutputOf<W, I::Item>>,
) -> Result<(), BreakOf<W, I::Item>>
where
    I: Iterator<Item: Send> + Send,
    W: Work<I::Item> + Sync,
{
    run(settings, &Trace::begin(settings.memory.function(), input.size_hint()), input, work, output, retain)
}

/// The same as a part of a call that has a trace.
pub(crate) fn run<W, I>(
    settings: Settings,
    trace: &Trace,
    mut input: I,
    work: &W,
    output: &mut Vec<OutputOf<W, I::Item>>,
    retain: Retain<'_, OutputOf<W, I::Item>>,
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
    let mut state = QuietDrop::new(work.state());
    // A length that there is no room for is not the truth; and if it is, the loop fails as well.
    let _ = output.try_reserve(least);

    if most.is_some_and(|most| most <= 1) || team::is_alone(threads) {
        // Nobody can help with one item, or may.
        return finish_loop(output, input, work, state.get());
    }
    #[allow(clippy::cast_precision_loss)] // An estimate.
    let most_items = most.map_or(f32::INFINITY, |most| most as f32);
    let is_block = settings.enough < usize::MAX;
    if !is_block && past.is_some_and(|past| past.high * most_items <= MAX_TINY_CALL_NANOS) {
        let start = Instant::now();
        let Some(item) = input.next() else { return Ok(()) };
        output.push(work.run(state.get(), item).step()?);
        #[allow(clippy::cast_precision_loss)] // An estimate.
        let whole = start.elapsed().as_nanos() as f32 * most_items;
        // As it was, or nearly: the loop as it is.
        if whole <= 8.0 * MAX_TINY_CALL_NANOS {
            finish_loop(output, input, work, state.get())?;
            if is_sample() {
                // The rest may no longer be like the first.
                memory.add(per_item(start.elapsed().as_nanos(), output.len()));
            }
            return Ok(());
        }
    }
    let estimate = Estimate { settings, grain: Grain::default(), has_state: W::HAS_STATE, is_cheap: false };
    Clocked { work, trace, state, output, retain, estimate }.run(input, past)
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

/// How many items have their results in these.
fn items_of<'part, R: 'part>(parts: impl IntoIterator<Item = &'part Part<'part, R>>) -> usize {
    parts.into_iter().map(Part::len).sum()
}

thread_local! {
    /// How many tiny calls this thread has made.
    static TINY_CALLS: Cell<u8> = const { Cell::new(0) };
}

/// Whether this tiny call is one of the few that are measured to the end.
fn is_sample() -> bool {
    let count = TINY_CALLS.get().wrapping_add(1);
    TINY_CALLS.set(count);
    count % 16 == 0
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
    state: QuietDrop<W::State<'call>>,
    output: &'call mut Vec<OutputOf<W, T>>,
    retain: Retain<'call, OutputOf<W, T>>,
    estimate: Estimate,
}

/// What is known of the call by now; the part of it that is the same for all functions.
struct Estimate {
    settings: Settings,
    grain: Grain,
    /// Whether each thread makes something that it is to make once.
    has_state: bool,
    /// It has been tried, and items this cheap are not worth sharing.
    is_cheap: bool,
}

#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)] // Estimates.
impl Estimate {
    /// Whether helpers would shorten what is left, and there are any.
    fn pays(&self, left: usize, now: u64) -> bool {
        let worth = if wake::is_awake(now) { MIN_WORK_IF_AWAKE_NANOS } else { MIN_WORK_TO_WAKE_NANOS };
        let item = self.grain.item();
        left as f64 * item >= worth
            && (!self.is_cheap || item >= f64::from(MAX_CHEAP_ITEM_NANOS) && !self.has_state)
            && Team::of(self.settings.threads).free() > 0
    }

    /// Whether both this call so far and those before say that helpers would not shorten what is left: there is too little, or items were found too
    /// cheap.
    fn never_pays(&self, past: Option<Past>, left: Option<usize>) -> bool {
        let (Some(past), Some(item)) = (past, self.grain.known()) else { return false };
        let item = item.max(f64::from(past.high));
        self.is_cheap && item <= f64::from(MAX_CHEAP_ITEM_NANOS)
            || left.is_some_and(|left| item * left as f64 <= MIN_WORK_IF_AWAKE_NANOS)
    }

    /// A call has ended without helpers.
    fn finish(&mut self, items: usize, before: u64, start: u64) {
        let now = wake::now();
        self.grain.add(items, now - before);
        self.settings.memory.add(self.grain.mean() as f32);
        if (now - start) as f64 > MIN_WORK_IF_AWAKE_NANOS {
            wake::note_regret((now - start) / 2, now);
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
        let mut start = wake::now();
        if is_surely_worth(past, input.size_hint(), start) && Team::of(self.estimate.settings.threads).free() > 0 {
            match self.share(input, seat, true)? {
                Some(rest) => input = rest,
                None => return Ok(()),
            }
            (seat, start) = (Seat::take(), wake::now());
        }
        let begun = start;
        let is_block = self.estimate.settings.enough < usize::MAX;
        let mut before = start;
        let mut size = 1;
        let done = loop {
            let (least, most) = input.size_hint();
            let is_exact = most == Some(least);
            let done = self.output.len();
            if done >= self.estimate.settings.enough || is_block && done > 0 && before - begun > MAX_BLOCK_NANOS {
                break done;
            }
            size = size.min(self.estimate.settings.enough - done);
            if is_exact && least <= size || !is_block && self.estimate.never_pays(past, most) {
                // The rest at once, and by value: the loop as it is.
                finish_loop(self.output, input, self.work, self.state.get())?;
                break done;
            }
            if batch(self.output, &mut input, size, self.work, self.state.get())? {
                break done;
            }
            let now = wake::now();
            self.estimate.grain.add(self.output.len() - done, now - before);
            before = now;
            // Of a length that is not known, as much again is a guess.
            let left = input.size_hint().0.max(if is_exact { 0 } else { self.output.len() });
            if now - start >= MIN_MEASURED_NANOS && self.estimate.pays(left, now) {
                match self.share(input, seat, false)? {
                    Some(rest) => input = rest,
                    None => return Ok(()),
                }
                (seat, start) = (Seat::take(), wake::now());
                before = start;
            }
            size = (4 * size).min(self.estimate.grain.batch()).min(if is_block {
                MAX_ITEMS_BETWEEN_CLOCK_READS
            } else {
                usize::MAX
            });
        };
        self.estimate.finish(self.output.len() - done, before, start);
        Ok(())
    }

    /// The caller and those who help take chunks until none is left, or until items are found too cheap for it: then the rest is returned.
    fn share<I>(&mut self, input: I, seat: Seat, at_once: bool) -> Result<Option<I>, BreakOf<W, T>>
    where
        I: Iterator<Item = T> + Send,
    {
        let team = Team::of(self.estimate.settings.threads);
        let (done, enough) = (self.output.len(), self.estimate.settings.enough);
        let _ = self.output.try_reserve(input.size_hint().0);
        let mut rest = None;
        let mut end = None;
        slots::append(self.output, |slots| {
            let source = Source::new(input, done, enough, team.threads(), self.estimate.grain, slots);
            let shared = Shared::new(source, self.work, team, self.trace);
            // Before anybody is woken, the caller sees what pulling costs.
            while !at_once && shared.turn(self.state.get()).is_some() && shared.lock().is_doubtful() {}
            if at_once || shared.lock().is_open() {
                shared.open(seat, self.state.get());
            }
            let source = shared.into_source();
            self.estimate.grain = source.grain;
            let (input, outcome) = source.into_rest();
            rest = input;
            let InOrder { finished, out_of_order, cause } = outcome.in_order();
            end = cause;
            self.trace.finished(items_of(out_of_order.iter().map(|(_, part)| part)));
            match (&mut self.retain, &end) {
                (Retain::All(state), Some(Cause::Break(_))) => retain::push(state, out_of_order),
                // The loop would not have made them.
                _ => drop(out_of_order),
            }
            if matches!(self.retain, Retain::Nothing) && end.is_some() {
                self.trace.finished(items_of(&finished));
                drop(finished);
                return Vec::new();
            }
            finished
        });
        if rest.is_none() && self.estimate.grain.known().is_some() {
            // Something was measured: the call did not fail in its first chunk.
            self.estimate.settings.memory.add(self.estimate.grain.mean() as f32);
        }
        self.estimate.is_cheap = rest.is_some();
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
        past.low >= MAX_CHEAP_ITEM_NANOS
            && (work >= MIN_WORK_TO_WAKE_NANOS || work >= MIN_WORK_IF_AWAKE_NANOS && wake::is_awake(now))
    })
}
