//! Decides how a call goes: by the caller alone as long as that is best, then by all who help.

use crate::gate::{self, Gate};
use crate::grain::{Grain, WORTH_ASLEEP, WORTH_AWAKE};
use crate::memory::{Memory, Past};
use crate::outcome::{Cause, Failure, catch};
use crate::pool::{self, Seat};
use crate::slots;
use crate::source::{Chunk, Source};
use crate::step::Step;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// A call that takes less than this in all, in nanoseconds, is run without looking at the clock but for its first item.
const TINY: f32 = 10_000.0;

/// What the first items took has to come to this before it says anything about the others, in nanoseconds.
const SEEN: u64 = 4_000;

/// Runs `f` for every item, and returns the results in the order of the input, or what ended the call.
pub(crate) fn collect<S, I, F>(memory: &Memory, mut input: I, f: &F) -> Result<Vec<S::Output>, S::Break>
where
    S: Step,
    I: Iterator<Item: Send> + Send,
    F: Fn(I::Item) -> S + Sync,
{
    let (least, most) = input.size_hint();
    let past = memory.past();
    let mut output = Vec::new();
    // A length that there is no room for is not the truth; and if it is, the loop fails as well.
    let _ = output.try_reserve(least);

    if most.is_some_and(|most| most <= 1) {
        // Nobody can help with one item.
        S::extend(&mut output, input.map(f))?;
        return Ok(output);
    }
    #[allow(clippy::cast_precision_loss)] // An estimate.
    let most_items = most.map_or(f32::INFINITY, |most| most as f32);
    if past.is_some_and(|past| past.high * most_items <= TINY) {
        let start = Instant::now();
        let Some(item) = input.next() else { return Ok(output) };
        output.push(f(item).step()?);
        #[allow(clippy::cast_precision_loss)] // An estimate.
        let whole = start.elapsed().as_nanos() as f32 * most_items;
        // As it was, or nearly: the loop as it is.
        if whole <= 8.0 * TINY {
            S::extend(&mut output, input.map(f))?;
            if pool::is_sample() {
                // The rest may no longer be like the first.
                memory.add(per_item(start.elapsed().as_nanos(), output.len()));
            }
            return Ok(output);
        }
    }
    Clocked { memory, f, output, grain: Grain::default() }.run(input, past)
}

/// Nanoseconds an item.
#[allow(clippy::cast_precision_loss)] // An estimate.
fn per_item(nanos: u128, items: usize) -> f32 {
    nanos as f32 / items.max(1) as f32
}

/// A call that looks at the clock.
struct Clocked<'call, F, R> {
    memory: &'call Memory,
    f: &'call F,
    output: Vec<R>,
    grain: Grain,
}

#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)] // Estimates.
impl<F, R: Send> Clocked<'_, F, R> {
    /// The caller works alone, in batches that double, until it is worth calling helpers.
    fn run<S, I>(mut self, mut input: I, past: Option<Past>) -> Result<Vec<R>, S::Break>
    where
        S: Step<Output = R>,
        I: Iterator<Item: Send> + Send,
        F: Fn(I::Item) -> S + Sync,
    {
        let seat = Seat::take();
        let start = pool::now();
        if is_surely_worth(past, input.size_hint(), start) && pool::free(pool::threads()) > 0 {
            return self.share(input, seat, true);
        }
        let mut before = start;
        let mut size = 1;
        loop {
            let (least, most) = input.size_hint();
            let is_last = least <= size && most == Some(least);
            let done = self.output.len();
            let ended = if is_last {
                // By value: the loop as it is.
                S::extend(&mut self.output, input.map(self.f))?;
                self.finish(done, before, start);
                return Ok(self.output);
            } else {
                let mut left = size;
                let f = self.f;
                let output = &mut self.output;
                let mut end = Ok(());
                let batch = input.by_ref().try_for_each(|item| {
                    match f(item).step() {
                        Ok(result) => output.push(result),
                        Err(value) => {
                            end = Err(value);
                            return Err(());
                        }
                    }
                    left -= 1;
                    if left == 0 { Err(()) } else { Ok(()) }
                });
                end?;
                batch.is_ok()
            };
            if ended {
                self.finish(done, before, start);
                return Ok(self.output);
            }
            let now = pool::now();
            self.grain.add(self.output.len() - done, now - before);
            before = now;
            if now - start >= SEEN {
                // Of a length that is not known, as much again is a guess.
                let left = input.size_hint().0.max(if most == Some(least) { 0 } else { self.output.len() });
                let worth = if pool::is_awake(now) { WORTH_AWAKE } else { WORTH_ASLEEP };
                if left as f64 * self.grain.item() >= worth && pool::free(pool::threads()) > 0 {
                    return self.share(input, seat, false);
                }
            }
            size = (4 * size).min(self.grain.batch());
        }
    }

    /// A call has ended without helpers.
    fn finish(&mut self, done: usize, before: u64, start: u64) {
        let now = pool::now();
        self.grain.add(self.output.len() - done, now - before);
        self.memory.add(self.grain.mean() as f32);
        if (now - start) as f64 > WORTH_AWAKE {
            pool::note_regret((now - start) / 2, now);
        }
    }

    /// The caller and those who help take chunks until none is left.
    fn share<S, I>(self, input: I, seat: Seat, at_once: bool) -> Result<Vec<R>, S::Break>
    where
        S: Step<Output = R>,
        I: Iterator<Item: Send> + Send,
        F: Fn(I::Item) -> S + Sync,
    {
        let Clocked { memory, f, mut output, grain } = self;
        let threads = pool::threads();
        let done = output.len();
        let _ = output.try_reserve(input.size_hint().0);
        let mut rest = None;
        slots::append(&mut output, |slots| {
            let shared = Shared { source: Mutex::new(Source::new(input, done, threads, grain, slots)), f, threads };
            // Before anybody is woken, the caller sees what pulling costs.
            while !at_once && shared.turn().is_some() && shared.lock().is_doubtful() {}
            if at_once || shared.lock().is_open() {
                let help = |gate: &Arc<Gate>| shared.help(gate);
                gate::open(threads - 1, &help, |gate| {
                    // One more than are free: a thread that is woken alone often starts on the caller's own core, and waits for it.
                    pool::note_wake();
                    call(gate, pool::free(threads).min(2) + 1);
                    gate.all_called();
                    shared.work(gate);
                    // While the caller waits, its core is free.
                    drop(seat);
                });
            }
            let source = shared.source.into_inner().unwrap_or_else(PoisonError::into_inner);
            let mean = source.grain.mean() as f32;
            let (input, outcome) = source.into_rest();
            if let Some(input) = input {
                rest = Some(input);
            } else {
                memory.add(mean);
            }
            outcome.into_parts()
        })?;
        if let Some(input) = rest {
            let start = Instant::now();
            let done = output.len();
            S::extend(&mut output, input.map(f))?;
            memory.add(per_item(start.elapsed().as_nanos(), output.len() - done).min(SOLO));
        }
        Ok(output)
    }
}

/// Items that are not worth sharing are remembered as at most so long, in nanoseconds: then the next call looks first.
const SOLO: f32 = 1.0;

/// Whether helpers are called before the first item: the function is known to be heavy, or is not known at all.
#[allow(clippy::cast_precision_loss)] // An estimate.
fn is_surely_worth(past: Option<Past>, (least, most): (usize, Option<usize>), now: u64) -> bool {
    let several = least.max(if most.is_none_or(|most| most >= 2) { 2 } else { 0 });
    if several < 2 {
        return false;
    }
    past.is_none_or(|past| {
        let work = f64::from(past.low) * several as f64;
        work >= WORTH_ASLEEP || work >= WORTH_AWAKE && pool::is_awake(now)
    })
}

/// Calls helpers.
fn call(gate: &Arc<Gate>, count: usize) {
    for _ in 0..count {
        gate.expect();
        let gate = Arc::clone(gate);
        rayon::spawn(move || gate.enter());
    }
}

/// What the threads of a call share.
struct Shared<'vec, 'call, I, F, R, B> {
    source: Mutex<Source<'vec, I, R, B>>,
    f: &'call F,
    threads: usize,
}

impl<'vec, I, F, R, B, S> Shared<'vec, '_, I, F, R, B>
where
    I: Iterator,
    S: Step<Output = R, Break = B>,
    F: Fn(I::Item) -> S,
{
    /// What a helper does.
    fn help(&self, gate: &Arc<Gate>) {
        let Some(_seat) = Seat::take_free(self.threads) else { return };
        self.work(gate);
        pool::note_left();
    }

    /// Takes chunks until none is left, and calls further helpers while that is worth it.
    fn work(&self, gate: &Arc<Gate>) {
        while let Some(work_left) = self.turn() {
            if work_left >= WORTH_ASLEEP && gate.expected() == 0 {
                // Each that comes calls two more.
                call(gate, pool::free(self.threads).min(2));
            }
        }
    }

    /// Takes one chunk, and returns what is left, in nanoseconds; nothing at the end.
    fn turn(&self) -> Option<f64> {
        let mut source = self.lock();
        let start = Instant::now();
        let Chunk { start: index, items, mut part, failure } = source.pull()?;
        drop(source);
        let pulled = Instant::now();
        let count = items.len();
        let outcome = catch(|| part.fill(items, |item| (self.f)(item).step()));
        let run = pulled.elapsed();
        // What an item fails with is below what the input does: the loop pulls the next item when this one is done.
        let at = index + part.len();
        let failure = match outcome {
            Ok(Ok(())) => failure,
            Ok(Err(value)) => Some(Failure::new(at, Cause::Break(value))),
            Err(payload) => Some(Failure::panic(at, payload)),
        };
        let mut source = self.lock();
        if let Some(failure) = failure {
            source.end();
            source.outcome.failed(failure);
        } else {
            source.measured(count, nanos(pulled - start), nanos(run));
        }
        source.outcome.finished(index, part);
        Some(source.work_left())
    }

    /// Nothing of the user's runs uncaught under this lock, so it is never poisoned half way.
    fn lock(&self) -> MutexGuard<'_, Source<'vec, I, R, B>> {
        self.source.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn nanos(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
