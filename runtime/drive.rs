//! Decides how a call goes: by the caller alone as long as that is best, then by all who help.

use crate::grain::{Grain, WORTH_ASLEEP, WORTH_AWAKE};
use crate::memory::{Memory, Past};
use crate::pool::{self, Seat};
use crate::share::Shared;
use crate::slots;
use crate::source::Source;
use crate::step::Step;
use crate::team::Team;
use std::time::Instant;

/// A call that takes less than this in all, in nanoseconds, is run without looking at the clock but for its first item.
const TINY: f32 = 10_000.0;

/// What the first items took has to come to this before it says anything about the others, in nanoseconds.
const SEEN: u64 = 4_000;

/// What is known of a call besides its input.
#[derive(Clone, Copy)]
pub(crate) struct Settings<'call> {
    pub(crate) memory: &'call Memory,
    /// At most so many threads, the caller counted.
    pub(crate) threads: Option<usize>,
}

/// Runs `f` for every item, and returns the results in the order of the input, or what ended the call.
pub(crate) fn collect<S, I, F>(settings: Settings, mut input: I, f: &F) -> Result<Vec<S::Output>, S::Break>
where
    S: Step,
    I: Iterator<Item: Send> + Send,
    F: Fn(I::Item) -> S + Sync,
{
    let Settings { memory, threads } = settings;
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
    Clocked { memory, threads, f, output, grain: Grain::default() }.run(input, past)
}

/// Nanoseconds an item.
#[allow(clippy::cast_precision_loss)] // An estimate.
fn per_item(nanos: u128, items: usize) -> f32 {
    nanos as f32 / items.max(1) as f32
}

/// A call that looks at the clock.
struct Clocked<'call, F, R> {
    memory: &'call Memory,
    threads: Option<usize>,
    f: &'call F,
    output: Vec<R>,
    grain: Grain,
}

#[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)] // Estimates.
impl<F, R: Send> Clocked<'_, F, R> {
    /// The caller works alone, in batches that grow, until it is worth calling helpers.
    fn run<S, I>(mut self, mut input: I, past: Option<Past>) -> Result<Vec<R>, S::Break>
    where
        S: Step<Output = R>,
        I: Iterator<Item: Send> + Send,
        F: Fn(I::Item) -> S + Sync,
    {
        let seat = Seat::take();
        let start = pool::now();
        if is_surely_worth(past, input.size_hint(), start) && Team::of(self.threads).free() > 0 {
            return self.share(input, seat, true);
        }
        let mut before = start;
        let mut size = 1;
        loop {
            let (least, most) = input.size_hint();
            let done = self.output.len();
            if least <= size && most == Some(least) {
                // All that is left, and by value: the loop as it is.
                S::extend(&mut self.output, input.map(self.f))?;
                self.finish(done, before, start);
                return Ok(self.output);
            }
            if self.batch(&mut input, size)? {
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
                if left as f64 * self.grain.item() >= worth && Team::of(self.threads).free() > 0 {
                    return self.share(input, seat, false);
                }
            }
            size = (4 * size).min(self.grain.batch());
        }
    }

    /// Runs so many items, and returns whether the input has ended.
    fn batch<S, I>(&mut self, input: &mut I, size: usize) -> Result<bool, S::Break>
    where
        S: Step<Output = R>,
        I: Iterator,
        F: Fn(I::Item) -> S,
    {
        let mut end = Ok(());
        let mut left = size;
        let stopped = input.try_for_each(|item| {
            match (self.f)(item).step() {
                Ok(result) => self.output.push(result),
                Err(value) => {
                    end = Err(value);
                    return Err(());
                }
            }
            left -= 1;
            // Not one more is pulled than is run.
            if left == 0 { Err(()) } else { Ok(()) }
        });
        end.map(|()| stopped.is_ok())
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
        let Clocked { memory, threads, f, mut output, grain } = self;
        let team = Team::of(threads);
        let done = output.len();
        let _ = output.try_reserve(input.size_hint().0);
        let mut rest = None;
        slots::append(&mut output, |slots| {
            let shared = Shared::new(Source::new(input, done, team.threads(), grain, slots), f, team);
            // Before anybody is woken, the caller sees what pulling costs.
            while !at_once && shared.turn().is_some() && shared.lock().is_doubtful() {}
            if at_once || shared.lock().is_open() {
                shared.open(seat);
            }
            let source = shared.into_source();
            let mean = source.grain.mean() as f32;
            let (input, outcome) = source.into_rest();
            if let Some(input) = input {
                rest = Some(input);
            } else if mean > 0.0 {
                // Something was measured: the call did not fail in its first chunk.
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
