//! A random call: its function, its input, its options, and how its results are collected.

use crate::input::{Input, Source};
use crate::plan::Fate;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use std::time::Duration;

/// Number of items of an input that no call runs to its end.
const ENDLESS: usize = 50_000;

/// The deepest level of nested calls; the outermost calls have level 0.
const MAX_LEVEL: u8 = 2;

/// The function.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Shape {
    Plain,
    Maybe,
    /// With the option `skip_none`.
    Chosen,
    /// With the option `try_collect`.
    Attempt,
    /// With the option `catch_panics`.
    Guarded,
    Crowd,
    Stateful,
    Numbered,
    Zipped,
    Crossed,
}

impl Shape {
    /// Returns how items of the function end, apart from passing and panicking.
    pub(crate) fn other_fate(self) -> Option<Fate> {
        match self {
            Shape::Maybe | Shape::Chosen => Some(Fate::Nothing),
            Shape::Attempt => Some(Fate::Fail),
            _ => None,
        }
    }
}

/// How results are collected.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Form {
    /// By the eager function.
    Eager,
    Collect,
    TryCollect,
    CollectIntoVec,
    /// By `next`, until this number of results has been taken or the stream ends.
    Stream(usize),
    ForEach,
    /// By a closure that fails after this number of results.
    TryForEach(usize),
}

impl Form {
    /// Returns whether the call holds a bounded number of results.
    pub(crate) fn is_stream(self) -> bool {
        matches!(self, Form::Stream(_) | Form::ForEach | Form::TryForEach(_))
    }
}

/// When the token of a call is cancelled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Cancel {
    /// The call has a token, which is not cancelled.
    Never,
    Before,
    /// By the item with this index, if it runs.
    At(usize),
    /// By another thread.
    After(Duration),
}

/// What may stop a call.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Stop {
    pub(crate) timeout: Option<Duration>,
    pub(crate) cancel: Option<Cancel>,
}

impl Stop {
    pub(crate) fn cancel_at(self) -> Option<usize> {
        if let Some(Cancel::At(index)) = self.cancel { Some(index) } else { None }
    }

    pub(crate) fn may_stop(self) -> bool {
        self.timeout.is_some() || self.cancel.is_some()
    }
}

/// The costs of items.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Costs {
    Free,
    Cheap,
    Uneven,
    Expensive,
    Waiting,
}

/// How often items do not pass.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fates {
    Pass,
    Rare,
    Frequent,
}

/// A random call.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) seed: u64,
    /// The number of calls around this one.
    pub(crate) level: u8,
    pub(crate) shape: Shape,
    pub(crate) form: Form,
    pub(crate) input: Input,
    /// The second input of a zip, which does not panic.
    pub(crate) second: Input,
    /// The second length of a product.
    pub(crate) columns: usize,
    pub(crate) costs: Costs,
    pub(crate) fates: Fates,
    /// The percentage of items that make another call.
    pub(crate) nested: u32,
    /// The size of the pool in which the call is made, or `None` for the current one.
    pub(crate) pool: Option<usize>,
    pub(crate) threads: Option<usize>,
    pub(crate) in_flight: Option<usize>,
    pub(crate) skip_none: bool,
    pub(crate) catch_panics: bool,
    pub(crate) stop: Stop,
}

impl Case {
    /// Returns the random call of a seed.
    pub(crate) fn random(seed: u64, level: u8) -> Case {
        let rng = &mut StdRng::seed_from_u64(seed);
        let shape = shape(rng);
        let costs = costs(rng);
        let form = form(shape, rng);
        let is_lazy = form != Form::Eager;
        let stop = if is_lazy && rng.random_ratio(2, 5) { stop(rng) } else { Stop::default() };
        let columns = if shape == Shape::Crossed { rng.random_range(1..8) } else { 1 };
        let mut len = length(costs, level, rng) / columns;
        let mut source = source(shape, rng);
        let ends_early = matches!(form, Form::Stream(limit) | Form::TryForEach(limit) if limit < 10_000)
            || stop.timeout.is_some_and(|timeout| timeout < Duration::from_secs(1))
            || matches!(stop.cancel, Some(Cancel::Before | Cancel::After(_)));
        if ends_early && rng.random_ratio(1, 3) {
            len = ENDLESS / columns;
            source = if rng.random() { Source::Filter } else { Source::Slow };
        }
        let nested = if level < MAX_LEVEL && len <= 100 && rng.random_ratio(1, 3) { 6 } else { 0 };
        let catch_panics = is_lazy && form != Form::TryCollect && rng.random_ratio(1, 6);
        let skip_none = is_lazy && form != Form::TryCollect && rng.random();
        let input = Input {
            source,
            len,
            panic_at: rng.random_ratio(1, 12).then(|| rng.random_range(0..len.clamp(1, 1_000))),
            seed: rng.random(),
        };
        let second = Input {
            source: if rng.random() { Source::Range } else { Source::Filter },
            panic_at: None,
            ..input.clone()
        };
        Case {
            seed,
            level,
            shape,
            form,
            input,
            second,
            columns,
            costs,
            fates: *pick(rng, &[Fates::Pass, Fates::Pass, Fates::Rare, Fates::Frequent]),
            nested,
            pool: rng.random_ratio(if level == 0 { 6 } else { 1 }, 12).then(|| rng.random_range(1..=5)),
            threads: (is_lazy && rng.random_ratio(1, 3)).then(|| rng.random_range(1..=40)),
            in_flight: (form.is_stream() && rng.random()).then(|| rng.random_range(1..200)),
            skip_none: shape == Shape::Chosen || shape == Shape::Maybe && skip_none,
            catch_panics: shape == Shape::Guarded || catch_panics,
            stop,
        }
    }

    /// Returns the number of different items.
    pub(crate) fn jobs(&self) -> usize {
        (self.input.len * self.columns).clamp(1, 5_000)
    }

    /// Returns the maximum number of values that the call may hold, if that is limited.
    pub(crate) fn limit(&self) -> Option<usize> {
        // A vector and channels hold all items, and zips and products hold several values per item.
        let is_lazy = matches!(self.input.source, Source::Range | Source::Filter | Source::Slow | Source::Hinted(..));
        let is_one = !matches!(self.shape, Shape::Zipped | Shape::Crossed);
        if is_lazy && is_one { self.in_flight } else { None }
    }
}

fn pick<'a, T>(rng: &mut StdRng, all: &'a [T]) -> &'a T {
    &all[rng.random_range(0..all.len())]
}

fn shape(rng: &mut StdRng) -> Shape {
    use Shape::{Attempt, Chosen, Crossed, Crowd, Guarded, Maybe, Numbered, Plain, Stateful, Zipped};
    *pick(
        rng,
        &[Plain, Plain, Maybe, Chosen, Attempt, Attempt, Guarded, Crowd, Stateful, Stateful, Numbered, Zipped, Crossed],
    )
}

fn costs(rng: &mut StdRng) -> Costs {
    use Costs::{Cheap, Expensive, Free, Uneven, Waiting};
    *pick(rng, &[Free, Free, Cheap, Cheap, Uneven, Uneven, Expensive, Expensive, Waiting])
}

fn form(shape: Shape, rng: &mut StdRng) -> Form {
    let limit = |rng: &mut StdRng| *pick(rng, &[0, 1, 3, 20, 300, 2_000, usize::MAX]);
    match rng.random_range(0..10) {
        0..3 => Form::Eager,
        3 if matches!(shape, Shape::Attempt | Shape::Maybe) => Form::TryCollect,
        3 | 4 => Form::Collect,
        5 => Form::CollectIntoVec,
        6 | 7 => Form::Stream(limit(rng)),
        8 => Form::ForEach,
        _ => Form::TryForEach(limit(rng)),
    }
}

fn stop(rng: &mut StdRng) -> Stop {
    let moment = |rng: &mut StdRng| Duration::from_micros(rng.random_range(0..3_000));
    let timeout = match rng.random_range(0..6) {
        0 | 1 => Some(moment(rng)),
        2 => Some(Duration::MAX),
        _ => None,
    };
    let cancel = match rng.random_range(0..8) {
        0 => Some(Cancel::Never),
        1 => Some(Cancel::Before),
        2 | 3 => Some(Cancel::After(moment(rng))),
        4..7 => Some(Cancel::At(rng.random_range(0..500))),
        _ => None,
    };
    Stop { timeout, cancel }
}

fn length(costs: Costs, level: u8, rng: &mut StdRng) -> usize {
    let max = match (costs, level) {
        (Costs::Waiting, _) => 60,
        (Costs::Expensive, 0) => 400,
        (_, 0) => 4_000,
        (_, 1) => 150,
        _ => 30,
    };
    let class = *pick(rng, &[4, 40, 100, 600, 4_000]);
    rng.random_range(0..=max.min(class))
}

fn source(shape: Shape, rng: &mut StdRng) -> Source {
    let hint = |rng: &mut StdRng| match rng.random_range(0..4) {
        0 => Source::Hinted(0, None),
        1 => Source::Hinted(usize::MAX, Some(usize::MAX)),
        2 => Source::Hinted(rng.random_range(0..100), None),
        _ => Source::Hinted(rng.random_range(0..4_000), Some(rng.random_range(0..4_000))),
    };
    match rng.random_range(0..12) {
        0..3 => Source::Range,
        3 | 4 => Source::Vector,
        5 | 6 => Source::Filter,
        7 => Source::Channel,
        8 => Source::Fed,
        9 => Source::Slow,
        // Lengths that are known to differ are an error of a zip, and too many combinations one of
        // a product.
        _ if matches!(shape, Shape::Zipped | Shape::Crossed) => Source::Filter,
        _ => hint(rng),
    }
}
