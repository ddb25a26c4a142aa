//! The course of a call: the calling thread works alone until worker threads pay, then shares the
//! rest with them.

use crate::engine::clock::{self, MAX_TICKS_PER_NANO, ticks};
use crate::engine::estimate::{Estimate, MIN_MEASURED_NANOS, pays_from_the_start};
use crate::engine::known::{KnownCall, known_len};
use crate::engine::lent::is_vec;
use crate::engine::memory::Past;
use crate::engine::results::Results;
use crate::engine::retain::{Retain, conclude, end_call};
use crate::engine::seat::Seat;
use crate::engine::serial::{BatchEnd, batch, finish_loop, watched_batch};
use crate::engine::settings::Settings;
use crate::engine::share::{Role, Shared, Turn, Waiting};
use crate::engine::source::{MAX_BLOCK_NANOS, Source};
use crate::engine::step::Step;
use crate::engine::team::{self, Team};
use crate::engine::work::{BreakOf, OutputOf, QuietDrop, Work};
use crate::input::split::Input;
use crate::report::trace::Trace;
use crate::unwind::{Payload, discard};
use std::cell::Cell;
use std::marker::PhantomData;
use std::panic::resume_unwind;
use std::time::Instant;

/// Maximum duration, in nanoseconds, that earlier calls may predict for a tiny call. Only the first
/// item of a tiny call is timed. The plain serial loop runs the rest, because worker threads cannot
/// pay and each clock read is a noticeable cost.
const MAX_TINY_CALL_NANOS: f32 = 10_000.0;

/// Maximum duration, in nanoseconds, that the first item may predict for a tiny call. It is 8 times
/// the limit of the other prediction, because a single item is a rough sample. It is measured by
/// the cycle counter, whose unit is not known: if that is slow, the limit is some times as high.
const MAX_TINY_CALL_BY_FIRST_ITEM_NANOS: f32 = 8.0 * MAX_TINY_CALL_NANOS;

/// Number of tiny calls per thread of which one is timed to its end. Without these samples, a
/// function whose later items have become expensive would go unnoticed. Timing every call would add
/// a clock read to each. A divisor of 256, because `TINY_CALLS` wraps around.
const TINY_CALLS_PER_SAMPLE: u8 = 16;

/// Maximum number of items of a block that the calling thread runs between two clock reads, because
/// the next items may be far more expensive. The reader of the stream waits for the block.
const MAX_ITEMS_BETWEEN_CLOCK_READS: usize = 1024;

/// Maximum time of an item, in nanoseconds, that is not mistaken for an input that waits.
const MAX_SHORT_ITEM_NANOS: f64 = 50_000.0;

/// Runs `work` for every item, and appends the results to `output` in input order.
///
/// `output` must be empty.
///
/// # Errors
///
/// What the lowest item that ended the call returned. `output` and `retain` then have the finished
/// results that `retain` asks for. Others may be dropped.
///
/// # Panics
///
/// With the first panic in input order. `output` then has the same results as after an error.
pub(crate) fn collect<W, I>(
    settings: Settings,
    input: Input<I>,
    work: &W,
    output: &mut Vec<OutputOf<W, I::Item>>,
    retain: Retain<'_, OutputOf<W, I::Item>>,
) -> Result<(), BreakOf<W, I::Item>>
where
    I: Iterator<Item: Send> + Send,
    W: Work<I::Item> + Sync,
{
    run(settings, &Trace::begin(settings.memory.function(), input.items.size_hint()), input, work, output, retain)
}

/// Does the same as [`collect`] for a call that already has a trace, such as a block of a stream.
pub(crate) fn run<W, I>(
    settings: Settings,
    trace: &Trace,
    mut input: Input<I>,
    work: &W,
    output: &mut Vec<OutputOf<W, I::Item>>,
    retain: Retain<'_, OutputOf<W, I::Item>>,
) -> Result<(), BreakOf<W, I::Item>>
where
    I: Iterator<Item: Send> + Send,
    W: Work<I::Item> + Sync,
{
    let _entered = trace.enter();
    let mut late_panic = QuietDrop::new(None);
    let mut output = Results::new(output, trace);
    let Settings { memory, threads, .. } = settings;
    let (min_items, max_items) = input.items.size_hint();
    let past = memory.past();
    let mut state = QuietDrop::new(work.state());
    if max_items.is_some_and(|max| max <= 1) || team::is_alone(threads) {
        return run_alone(&mut output, input.items, work, state.get(), &retain);
    }
    #[allow(clippy::cast_precision_loss)] // An estimate.
    let items_bound = max_items.map_or(f32::INFINITY, |max| max as f32);
    let is_block = settings.enough < usize::MAX;
    if !is_block && past.is_some_and(|past| past.high * items_bound <= MAX_TINY_CALL_NANOS) {
        let sample_start = is_sample().then(Instant::now);
        let start = ticks();
        let Some(item) = input.items.next() else { return Ok(()) };
        W::Step::reserve(&mut output, min_items);
        output.push(W::Step::output(work.run(state.get(), item).step()?));
        #[allow(clippy::cast_precision_loss)] // An estimate.
        let predicted_ticks = ticks().wrapping_sub(start) as f32 * items_bound;
        if predicted_ticks <= MAX_TINY_CALL_BY_FIRST_ITEM_NANOS * MAX_TICKS_PER_NANO {
            finish_loop(&mut output, input.items, work, state.get())?;
            if let Some(start) = sample_start {
                memory.add(nanos_per_item(start.elapsed().as_nanos(), output.items()));
            }
            return Ok(());
        }
    }
    let estimate = Estimate::new(settings, W::HAS_STATE);
    if let Some(len) = known_len(&input).filter(|_| !is_block) {
        return KnownCall { work, trace, state, estimate, past }.run(input, len, &mut output, retain);
    }
    W::Step::reserve(&mut output, input.items.size_hint().0);
    let late = late_panic.get();
    let result = TimedCall { work, trace, state, output, retain, estimate, late_panic: late }.run(input.items, past);
    match late_panic.get().take() {
        Some(payload) if result.is_ok() => resume_unwind(payload),
        late_panic => discard(late_panic),
    }
    result
}

/// Runs all items on the calling thread.
fn run_alone<W, I>(
    output: &mut Results<'_, OutputOf<W, I::Item>>,
    input: I,
    work: &W,
    state: &mut W::State<'_>,
    retain: &Retain<'_, OutputOf<W, I::Item>>,
) -> Result<(), BreakOf<W, I::Item>>
where
    I: Iterator,
    W: Work<I::Item>,
{
    if is_vec::<I>() && output.list.capacity() == 0 && matches!(retain, Retain::Nothing) {
        // The standard library reuses the memory of the items for the results.
        return W::Step::collect(output, input.map(|item| work.run(state, item)));
    }
    W::Step::reserve(output, input.size_hint().0);
    finish_loop(output, input, work, state)
}

thread_local! {
    /// Number of tiny calls that this thread has run. It wraps around.
    static TINY_CALLS: Cell<u8> = const { Cell::new(0) };
}

/// Counts a tiny call, and returns whether it is timed to its end.
fn is_sample() -> bool {
    let count = TINY_CALLS.get().wrapping_add(1);
    TINY_CALLS.set(count);
    count % TINY_CALLS_PER_SAMPLE == 0
}

#[allow(clippy::cast_precision_loss)] // An estimate.
fn nanos_per_item(nanos: u128, items: usize) -> f32 {
    nanos as f32 / items.max(1) as f32
}

/// A call that reads the clock between batches, to find out whether worker threads pay.
struct TimedCall<'call, W: Work<T>, T> {
    work: &'call W,
    trace: &'call Trace,
    /// The state of the calling thread.
    state: QuietDrop<W::State<'call>>,
    output: Results<'call, OutputOf<W, T>>,
    retain: Retain<'call, OutputOf<W, T>>,
    estimate: Estimate,
    /// The panic from dropping the state of a worker thread, if items remained for the calling
    /// thread. It comes after all items.
    late_panic: &'call mut Option<Payload>,
}

#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)] // Estimates.
impl<W: Work<T> + Sync, T: Send> TimedCall<'_, W, T> {
    /// Runs batches of growing size on the calling thread, until the call ends or worker threads
    /// pay.
    ///
    /// Takes `self` by value. (Measured: by reference, a `flat_map` of 10^7 cheap items took 18 %
    /// longer.)
    fn run<I>(mut self, mut input: I, past: Option<Past>) -> Result<(), BreakOf<W, T>>
    where
        I: Iterator<Item = T> + Send,
    {
        let mut seat = Seat::take();
        let mut start = clock::now();
        self.estimate.recall(false);
        if self.estimate.rejected_nanos == 0.0
            && pays_from_the_start(past, input.size_hint(), start)
            && Team::of(self.estimate.settings.threads).available_workers() > 0
        {
            match self.share(input, seat, true, past)? {
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
            if is_exact && min_items <= batch_size || !is_block && self.estimate.never_pays(past, max_items) {
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
                    match self.share(input, seat, false, past)? {
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
    fn share<I>(
        &mut self,
        input: I,
        seat: Seat,
        wake_at_once: bool,
        past: Option<Past>,
    ) -> Result<Option<I>, BreakOf<W, T>>
    where
        I: Iterator<Item = T> + Send,
    {
        let team = Team::of(self.estimate.settings.threads).for_items(input.size_hint().1);
        let (done, target_len) = (self.output.items(), self.estimate.settings.enough);
        W::Step::reserve(&mut self.output, input.size_hint().0);
        let keeps_indices = matches!(self.retain, Retain::All(_));
        // Results behind the slots must be moved at the end, which takes longer than moving them
        // while they are in the cache.
        let has_slots = input.size_hint().0 > 0;
        let alone_nanos = self.estimate.alone_nanos(past);
        self.estimate.grain.expect(past.map_or(0.0, |past| f64::from(past.low)));
        let mut rest = None;
        let mut late = None;
        let mut end = None;
        W::Step::append(&mut self.output, has_slots, keeps_indices, &mut PhantomData::<T>, |slots, output, _| {
            let mut source =
                Source::new(input, done, target_len, team.threads(), self.estimate.grain, alone_nanos, slots);
            if team.is_crew() {
                source.spare_waiting_items();
            }
            let shared = Shared::new(source, self.work, team, self.trace);
            // Before it wakes a worker thread, the calling thread measures what pulling costs.
            let mut turn_alone = || {
                matches!(shared.turn(None, self.state.get(), Role::Calling, &mut Waiting::default()), Turn::Done { .. })
            };
            while !wake_at_once && turn_alone() && shared.lock().is_doubtful() {}
            if wake_at_once || shared.lock().has_more() {
                self.estimate.has_called = true;
                shared.open(seat, self.state.get(), output);
            }
            let source = shared.into_source();
            self.estimate.end_sharing(&source, false);
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
