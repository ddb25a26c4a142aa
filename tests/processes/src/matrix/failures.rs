//! Errors, panics, and inputs that panic: the first in input order ends the call.

use crate::matrix::{Case, Run, panic_of, same, steps};
use parallelize::{ItemPanic, parallelize};
use serde::{Deserialize, Serialize};
use std::panic::resume_unwind;

pub(super) const CASES: &[Case] = &[
    ("errors", errors),
    ("missing values", missing_values),
    ("panics", panics),
    ("caught panics", caught_panics),
    ("caught panics and missing values", caught_and_skipped),
    ("input that panics", panicking_input),
    ("input that panics behind an item that does", panicking_input_behind_item),
    ("results that cannot be sent", unsendable),
];

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Mistake {
    Odd { n: u64, why: String },
    Large,
}

#[parallelize(over = n, try_collect, distributed)]
fn check(n: u64, first: u64, every: u64) -> Result<u64, Mistake> {
    // Later items are faster, so that their errors are known earlier.
    let value = steps(n, 30_000 / (n + 1));
    match n {
        _ if n >= first && (n - first) % every == 0 => Err(Mistake::Odd { n, why: format!("{n} of {every}") }),
        1_000_000.. => Err(Mistake::Large),
        _ => Ok(value),
    }
}

fn errors(_: Run) {
    for (first, every) in [(0, 1), (1, 1), (37, 3), (499, 1), (500, 1), (123, 50)] {
        let serial: Result<Vec<u64>, Mistake> = (0..500).map(|n| check(n, first, every)).collect();
        same("eager", check_parallel(0..500, first, every), serial.clone());
        let calls = check_parallel_iter(0..500, first, every);
        same("lazy", calls.try_collect::<Vec<u64>>(), serial);
    }
}

#[parallelize(over = n, try_collect, distributed)]
fn positive(n: i32) -> Option<i32> {
    (n > 0).then_some(n)
}

fn missing_values(_: Run) {
    same("none", positive_parallel((1..400).chain([0, 1])), None);
    same("some", positive_parallel(1..400), Some((1..400).collect()));
}

#[parallelize(over = n, distributed)]
fn burst(n: u64, at: u64, how: &str) -> u64 {
    let value = steps(n, 20_000 / (n + 1));
    if n >= at && n % 3 == at % 3 {
        match how {
            "literal" => panic!("a literal"),
            "number" => resume_unwind(Box::new(n)),
            "index" => return [1, 2, 3][n as usize % 3 + 3],
            how => panic!("{how} at {n}"),
        }
    }
    value
}

fn panics(_: Run) {
    let loop_of = |at, how: &'static str| move || (0..600).map(|n| burst(n, at, how)).collect::<Vec<_>>();
    for at in [0, 1, 59, 597] {
        for how in ["literal", "formatted", "index"] {
            let serial = panic_of(loop_of(at, how));
            same("eager", panic_of(|| burst_parallel(0..600, at, how)), serial.clone());
            same("lazy", panic_of(|| burst_parallel_iter(0..600, at, how).collect::<Vec<_>>()), serial);
        }
        // A payload that is not text does not travel.
        let _ = panic_of(|| burst_parallel(0..600, at, "number"));
    }
    same("none", burst_parallel(0..600, 600, "formatted"), loop_of(600, "")());
}

#[parallelize(over = n, catch_panics, distributed)]
fn risky(n: u64, every: u64) -> u64 {
    assert!(n % every != 1, "{n} is one too many");
    steps(n, 40)
}

/// Formats results as text.
fn told<T: ToString>(results: impl IntoIterator<Item = Result<T, ItemPanic>>) -> Vec<String> {
    results.into_iter().map(|result| result.map_or_else(|panic| panic.to_string(), |value| value.to_string())).collect()
}

fn caught_panics(_: Run) {
    let results = risky_parallel(0..500, 7);
    let places: Vec<usize> = results.iter().filter_map(|result| Some(result.as_ref().err()?.index())).collect();
    same("places", places, (1..500).step_by(7).collect());
    let serial: Vec<String> = (0..500)
        .map(|n| if n % 7 == 1 { format!("item {n} panicked: {n} is one too many") } else { steps(n, 40).to_string() })
        .collect();
    same("eager", told(results), serial.clone());
    same("lazy", told(risky_parallel_iter(0..500, 7).collect::<Vec<_>>()), serial);
}

#[parallelize(over = n, catch_panics, skip_none, distributed)]
fn risky_and_rare(n: u32) -> Option<u32> {
    assert!(n % 10 != 3, "three");
    (n % 2 == 0).then_some(n)
}

fn caught_and_skipped(_: Run) {
    let serial: Vec<String> = (0..300)
        .filter(|n| n % 10 == 3 || n % 2 == 0)
        .map(|n| if n % 10 == 3 { format!("item {n} panicked: three") } else { n.to_string() })
        .collect();
    same("both", told(risky_and_rare_parallel(0..300)), serial);
}

/// Numbers up to `end`, and then a panic.
fn breaking(end: u64) -> impl Iterator<Item = u64> + Send {
    (0..).inspect(move |n| assert!(*n < end, "the input ends at {end}"))
}

fn panicking_input(_: Run) {
    for end in [0, 1, 40, 700] {
        same("input", panic_of(|| burst_parallel(breaking(end), 10_000, "")), format!("the input ends at {end}"));
    }
}

fn panicking_input_behind_item(_: Run) {
    same("item", panic_of(|| burst_parallel(breaking(50), 20, "early")), "early at 20".to_owned());
    same("input", panic_of(|| burst_parallel(breaking(50), 50, "early")), "the input ends at 50".to_owned());
}

/// A number that only small values of which can be serialized.
#[derive(Debug, PartialEq)]
struct Fussy(u64);

impl Serialize for Fussy {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0 == 77 {
            return Err(serde::ser::Error::custom("77 is secret"));
        }
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Fussy {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        u64::deserialize(deserializer).map(Fussy)
    }
}

#[parallelize(over = n, distributed)]
fn fussy(n: u64) -> Fussy {
    Fussy(n)
}

/// An item whose result cannot be sent panics, unless it runs in the first process.
fn unsendable(run: Run) {
    same("sendable", fussy_parallel(0..77), (0..77).map(Fussy).collect());
    if run.others > 0 && !run.computes_here {
        let message = panic_of(|| fussy_parallel(0..200));
        assert!(message.contains("cannot be sent"), "{message}");
    }
}
