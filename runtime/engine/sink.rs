//! The course of a call whose results go to a sink in input order: the calling thread runs the
//! serial loop, and shares the items with worker threads if these pay. The threads then go on while
//! the sink works.

use crate::engine::clock::{self, MIN_WAIT_TICKS, ticks};
use crate::engine::estimate::{Estimate, MIN_MEASURED_NANOS};
use crate::engine::grain::CHUNK_TARGET_NANOS;
use crate::engine::outcome::Cause;
use crate::engine::retain::{Retain, conclude};
use crate::engine::seat::Seat;
use crate::engine::settings::Settings;
use crate::engine::share::Shared;
use crate::engine::slots::{Counter, Part};
use crate::engine::source::Source;
use crate::engine::step::Step;
use crate::engine::team;
use crate::engine::tiny::{Begun, TinyCall};
use crate::engine::window::Window;
use crate::engine::work::{BreakOf, CarriedOf, OutputOf, QuietDrop, Work};
use crate::report::trace::Trace;
use crate::unwind::{Discarding, Payload, catch, discard};
use std::iter;
use std::mem;
use std::panic::resume_unwind;
use std::sync::Arc;

/// Maximum time of an item, in nanoseconds, of which several are timed together, because a clock
/// read is a noticeable part of it.
const MAX_GROUPED_ITEM_NANOS: f64 = 1_000.0;

/// Maximum number of such items that are timed together, because their results are held.
const MAX_GROUPED_ITEMS: usize = 4096;

/// Time of an item, in nanoseconds, from which on all items of a batch may be timed. Holding a
/// result and passing it on later takes some nanoseconds, so a smaller part of cheaper items is.
const FULLY_TIMED_ITEM_NANOS: f64 = 100.0;

/// Minimum time of an item that is shared, in nanoseconds. An item of another thread is written to
/// memory and read again, and so is its result, which takes that time.
const MIN_SHARED_ITEM_NANOS: f64 = 5.0;

/// Maximum time of a pull, in nanoseconds, that does not count as waiting.
const MAX_PULL_NANOS: u64 = 1_000_000;

/// Maximum number of their results that wait for an input that begins to wait.
const MAX_WAITING_RESULTS: usize = 8;

/// What ends a call with a sink before its input.
pub(crate) enum End<B, E> {
    /// An item ended the call.
    Item(B),
    /// The sink ended the call.
    Sink(E),
}

/// Runs `work` for every item, and passes the results to `sink` in input order.
///
/// Holds up to `in_flight` items and results.
///
/// # Errors
///
/// What the lowest item that ended the call returned, after `sink` has got all results below it; or
/// the error of the sink. No item is pulled after an error.
///
/// # Panics
///
/// With the first panic of an item, of the input or of the sink, after the same results.
pub(crate) fn for_each<W, I, E>(
    settings: Settings,
    in_flight: usize,
    input: I,
    work: &W,
    sink: impl FnMut(OutputOf<W, I::Item>) -> Result<(), E>,
) -> Result<(), End<BreakOf<W, I::Item>, E>>
where
    I: Iterator<Item: Send> + Send,
    W: Work<I::Item> + Sync,
{
    let trace = &Trace::begin(settings.memory.function(), input.size_hint());
    let _entered = trace.enter();
    let mut late_panic = QuietDrop::new(None);
    let past = settings.memory.past();
    let mut call = SinkCall {
        work,
        trace,
        state: QuietDrop::new(work.state()),
        sink,
        in_flight,
        has_waited: false,
        estimate: Estimate::new::<W, I::Item>(settings, past).share_from(MIN_SHARED_ITEM_NANOS),
        done: Done { items: 0, trace },
        late_panic: late_panic.get(),
    };
    let max_items = input.size_hint().1;
    let is_alone = max_items.is_some_and(|max| max <= 1) || team::is_alone(settings.threads);
    let result = if is_alone { call.finish(input) } else { call.run(input) };
    drop(call);
    match late_panic.get().take() {
        Some(payload) if result.is_ok() => resume_unwind(payload),
        late_panic => discard(late_panic),
    }
    result
}

/// A call with a sink.
struct SinkCall<'call, W: Work<T>, T, S> {
    work: &'call W,
    trace: &'call Trace,
    /// The state of the calling thread.
    state: QuietDrop<W::State<'call>>,
    sink: S,
    in_flight: usize,
    /// Whether the input has waited for the last item that was timed. Its results are then passed
    /// on one by one, because the next item may wait as well.
    has_waited: bool,
    estimate: Estimate,
    done: Done<'call>,
    /// The panic from dropping the state of a worker thread, if items remained for the calling
    /// thread. It comes after all items.
    late_panic: &'call mut Option<Payload>,
}

/// The number of first items that have run and whose results the sink has got. Reports it to the
/// trace when the call ends, however it ends.
struct Done<'call> {
    items: usize,
    trace: &'call Trace,
}

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.trace.finished(self.items);
    }
}

type Ended<W, T, E> = Result<(), End<BreakOf<W, T>, E>>;

// Estimates.
#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
impl<W, T, S, E> SinkCall<'_, W, T, S>
where
    W: Work<T> + Sync,
    T: Send,
    S: FnMut(OutputOf<W, T>) -> Result<(), E>,
{
    /// Runs the serial loop over all items of `input`.
    ///
    /// The input is passed by value and iterates internally, so that it is as fast as possible.
    fn finish(&mut self, mut input: impl Iterator<Item = T>) -> Ended<W, T, E> {
        let (work, state, sink) = (self.work, self.state.get(), &mut self.sink);
        let mut done = Counter::new(&mut self.done.items);
        input.try_for_each(|item| {
            let result = W::Step::output(work.run(state, item).step().map_err(End::Item)?);
            done.now += 1;
            result.map_or(Ok(()), |result| sink(result).map_err(End::Sink))
        })
    }

    /// Runs batches of growing size on the calling thread, until the call ends or worker threads
    /// pay.
    ///
    /// Only the first items of each batch are timed, apart from the sink. Each result goes to the
    /// sink before the next item is pulled, except results of cheap items that are timed together.
    fn run<I>(&mut self, mut input: I) -> Ended<W, T, E>
    where
        I: Iterator<Item = T> + Send,
    {
        if let Some(tiny) = TinyCall::predict(self.estimate.past(), input.size_hint().1) {
            // A sample takes the course of other calls, which measures items.
            if !TinyCall::is_sample() {
                match tiny
                    .begin(|| input.next().map_or(Ok(false), |item| self.finish(iter::once(item)).map(|()| true)))?
                {
                    Begun::Ended => return Ok(()),
                    Begun::Confirmed => return self.finish(input),
                    Begun::Refuted => {}
                }
            }
        }
        let mut seat = Seat::take();
        let mut start = clock::now();
        if self.estimate.recall(false, input.size_hint(), start) {
            match self.share(input, seat, true)? {
                Some(rest) => input = rest,
                None => return Ok(()),
            }
            (seat, start) = (Seat::take(), clock::now());
        }
        let mut batch_size = 1;
        loop {
            let (min_items, max_items) = input.size_hint();
            let is_exact = max_items == Some(min_items);
            if is_exact && min_items < batch_size || self.is_measured() && self.estimate.never_pays_to_pull(max_items) {
                self.finish(input)?;
                break;
            }
            let (begin, before) = (clock::now(), self.done.items);
            let ended = self.time_items(&mut input, batch_size)?;
            let rest = batch_size.saturating_sub(self.done.items - before);
            let timed = clock::now();
            if ended || !self.run_batch(&mut input, rest)? {
                break;
            }
            let now = clock::now();
            // The plain loop with the sink may be faster than cheap items whose results are held.
            if now - timed >= MIN_MEASURED_NANOS && self.estimate.nanos_of(rest) > now - timed {
                self.estimate.grain.add(rest, now - timed);
            }
            let remaining = input.size_hint().0.max(if is_exact { 0 } else { self.done.items });
            if self.is_measured() && self.estimate.pays(remaining, start, now) {
                match self.share(input, seat, false)? {
                    Some(rest) => input = rest,
                    None => return Ok(()),
                }
                (seat, start) = (Seat::take(), clock::now());
            }
            // The time of the sink counts, because the next items may be far more expensive.
            let item_nanos = (now - begin) as f64 / (self.done.items - before).max(1) as f64;
            let max_batch_size =
                self.estimate.grain.batch_size().min((CHUNK_TARGET_NANOS / item_nanos.max(0.1)) as usize);
            batch_size = (4 * batch_size).min(max_batch_size).max(1);
        }
        // An awake worker thread could have taken over half of the items.
        let now = clock::now();
        self.estimate.finish(0, now, now - self.estimate.nanos_of(self.done.items).min(now - start));
        Ok(())
    }

    /// Returns whether enough items have been timed. A few cheap ones say little, because the clock
    /// takes a part of their time.
    fn is_measured(&self) -> bool {
        let grain = &self.estimate.grain;
        let is_expensive = grain.known_item_nanos().is_some_and(|nanos| nanos >= MAX_GROUPED_ITEM_NANOS);
        is_expensive || grain.measured_nanos() >= MIN_MEASURED_NANOS as f64
    }

    /// Runs `count` items. Returns whether the input goes on.
    fn run_batch(&mut self, input: &mut impl Iterator<Item = T>, count: usize) -> Result<bool, End<BreakOf<W, T>, E>> {
        let before = self.done.items;
        self.finish(input.take(count))?;
        Ok(self.done.items - before == count)
    }

    /// Runs up to `max` items and times them. Returns whether the input has ended.
    fn time_items<I>(&mut self, input: &mut I, max: usize) -> Result<bool, End<BreakOf<W, T>, E>>
    where
        I: Iterator<Item = T>,
    {
        let item_nanos = self.estimate.grain.known_item_nanos();
        let may_group = max > 1 && !self.has_waited;
        if let Some(nanos) = item_nanos.filter(|nanos| *nanos < MAX_GROUPED_ITEM_NANOS && may_group) {
            let affordable = max as f64 * nanos / FULLY_TIMED_ITEM_NANOS;
            let items = (MIN_MEASURED_NANOS as f64 / nanos.max(1.0)).min(affordable) as usize;
            return self.time_group(input, items.clamp(MAX_WAITING_RESULTS, MAX_GROUPED_ITEMS).min(self.in_flight));
        }
        let before = clock::now();
        let Some(item) = input.next() else { return Ok(true) };
        let pulled = clock::now();
        let result = self.work.run(self.state.get(), item).step().map_err(End::Item)?;
        // The serial loop pulls as well, unless it waits.
        self.has_waited = pulled - before >= MAX_PULL_NANOS;
        let start = if self.has_waited { pulled } else { before };
        self.estimate.grain.add(1, clock::now() - start);
        self.done.items += 1;
        W::Step::output(result).map_or(Ok(()), |result| (self.sink)(result).map_err(End::Sink))?;
        Ok(false)
    }

    /// Runs up to `max` items and times them together, and then passes their results to the sink:
    /// those of fewer items if the input waits.
    fn time_group<I>(&mut self, input: &mut I, max: usize) -> Result<bool, End<BreakOf<W, T>, E>>
    where
        I: Iterator<Item = T>,
    {
        let (mut results, mut items) = (Vec::with_capacity(max), 0);
        let (mut has_ended, mut has_waited) = (false, false);
        let (work, state) = (self.work, self.state.get());
        let start = clock::now();
        // After a panic of an item, the sink first gets the results before it.
        let end = catch(|| {
            let mut last_read = ticks();
            while items < max && !has_ended {
                let target = (items + MAX_WAITING_RESULTS).min(max);
                for item in input.by_ref().take(target - items) {
                    results.extend(W::Step::output(work.run(state, item).step()?));
                    items += 1;
                }
                has_ended = items < target;
                let before = mem::replace(&mut last_read, ticks());
                has_waited = last_read.wrapping_sub(before) >= MIN_WAIT_TICKS;
                if has_waited {
                    break;
                }
            }
            Ok(())
        });
        self.has_waited = has_waited;
        if !has_waited {
            self.estimate.grain.add(items, clock::now() - start);
        }
        self.done.items += items;
        let passed = catch(|| Discarding(results.into_iter()).try_for_each(&mut self.sink));
        if let Err(cause) = passed.map_err(Cause::Panic).and_then(|passed| passed.map_err(Cause::Break)) {
            discard(end);
            return Err(end_of_sink(cause));
        }
        match end {
            Ok(end) => end.map(|()| has_ended).map_err(End::Item),
            Err(payload) => resume_unwind(payload),
        }
    }

    /// Shares the input with worker threads: each thread takes chunks, and the calling thread
    /// passes their results to the sink between its own.
    ///
    /// Returns the rest of the input if sharing does not win. With `wake_at_once`, worker threads
    /// are woken before the first item has run.
    fn share<I>(&mut self, input: I, seat: Seat, wake_at_once: bool) -> Result<Option<I>, End<BreakOf<W, T>, E>>
    where
        I: Iterator<Item = T> + Send,
    {
        let team = self.estimate.team(input.size_hint().1);
        let prospect = self.estimate.prospect(&team);
        let window = Arc::new(Window::new(self.in_flight, self.done.items));
        let source = Source::with_sink(input, self.done.items, prospect, Arc::clone(&window));
        let shared = Shared::new(source, self.work, team, self.trace);
        let mut sink_end = Ok(());
        let mut passing = Passing { sink: &mut self.sink, done: &mut self.done.items, window: &window };
        let mut deliver = |part| {
            sink_end = passing.pass::<W, T, E>(part);
            sink_end.is_ok()
        };
        if !wake_at_once {
            shared.measure_pulls(self.state.get(), Some(&mut deliver));
        }
        if wake_at_once || shared.lock().has_more() {
            self.estimate.has_called = true;
            shared.open(seat, self.state.get(), Some(&mut deliver));
        }
        let source = shared.into_source();
        self.estimate.end_sharing(&source.ledger, false);
        let (rest, mut outcome) = source.into_rest();
        if let Err(cause) = sink_end {
            discard(outcome);
            return Err(end_of_sink(cause));
        }
        if rest.is_none() {
            self.estimate.remember();
        } else if let Some(payload) = outcome.take_panic() {
            // No item has failed, because items remain.
            discard(self.late_panic.replace(payload));
        }
        let (parts, cause) = conclude(outcome, &mut Retain::<()>::Completed, self.trace, |_| None);
        for (_, part) in parts {
            if let Err(sink_cause) = passing.pass::<W, T, E>(part) {
                discard(cause);
                return Err(end_of_sink(sink_cause));
            }
        }
        match cause {
            None => Ok(rest),
            Some(Cause::Break(value)) => Err(End::Item(value)),
            Some(Cause::Panic(payload)) => resume_unwind(payload),
        }
    }
}

/// Returns what a call returns whose sink has failed, or resumes the panic of the sink.
fn end_of_sink<B, E>(cause: Cause<E>) -> End<B, E> {
    match cause {
        Cause::Break(error) => End::Sink(error),
        Cause::Panic(payload) => resume_unwind(payload),
    }
}

/// Passes the results of a shared call to the sink.
struct Passing<'call, S> {
    sink: &'call mut S,
    /// The number of first items whose results the sink has got.
    done: &'call mut usize,
    window: &'call Window,
}

impl<S> Passing<'_, S> {
    /// Passes the results of the next items to the sink, until it fails.
    fn pass<W, T, E>(&mut self, mut part: Part<'_, CarriedOf<W, T>>) -> Result<(), Cause<E>>
    where
        W: Work<T>,
        S: FnMut(OutputOf<W, T>) -> Result<(), E>,
    {
        let end = *self.done + part.len();
        self.window.begin_sink(part.len());
        let mut results = Discarding(part.take_results().into_iter());
        let passed = catch(|| {
            results.try_for_each(|carried| {
                *self.done += 1;
                self.window.set_delivered(*self.done);
                W::Step::output(carried).map_or(Ok(()), &mut self.sink)
            })
        });
        self.window.end_sink();
        drop(results);
        match passed {
            Ok(Ok(())) => {
                // Items without a result count as well.
                *self.done = end;
                self.window.set_delivered(end);
                Ok(())
            }
            Ok(Err(error)) => Err(Cause::Break(error)),
            Err(payload) => Err(Cause::Panic(payload)),
        }
    }
}
