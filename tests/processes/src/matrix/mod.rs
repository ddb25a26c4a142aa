//! Functions of every form, whose calls in several processes equal the serial loop bit for bit.
//!
//! One source for all circumstances: the children of this program, the ranks of an MPI run, and one
//! process alone.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::format_collect,
    clippy::needless_pass_by_value,
    clippy::trivially_copy_pass_by_ref,
    clippy::type_complexity,
    reason = "signatures are those of users, and numbers are arbitrary"
)]

mod arguments;
mod failures;
mod kept;
mod lazy;
mod places;
mod shapes;
mod stops;

use std::any::Any;
use std::fmt::Debug;
use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::process;
use std::time::Instant;

/// The processes that the matrix runs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    /// The number of processes that run items besides the first one.
    pub(crate) others: usize,
    /// Whether the first process runs items as well.
    pub(crate) computes_here: bool,
}

type Case = (&'static str, fn(Run));

/// Keeps panics of items out of the output. Call it before the guard, in all processes.
pub(crate) fn expect_panics() {
    panic::set_hook(Box::new(|_| {}));
}

/// Runs all cases, each several times: the first calls of a function measure its items.
pub(crate) fn run(run: Run) {
    let start = Instant::now();
    let all: Vec<Case> =
        [arguments::CASES, shapes::CASES, failures::CASES, lazy::CASES, stops::CASES, places::CASES, kept::CASES]
            .concat();
    let mut failed = 0;
    for (name, case) in &all {
        let before = Instant::now();
        for round in 0..3 {
            let result = catch_unwind(AssertUnwindSafe(|| case(run)));
            if let Err(payload) = result {
                failed += 1;
                println!("{name}, round {round}: {}", message(&*payload));
                break;
            }
        }
        if before.elapsed().as_secs() > 10 {
            println!("{name} takes {:.1} s", before.elapsed().as_secs_f64());
        }
    }
    if failed > 0 {
        println!("{failed} cases have failed in {run:?}");
        process::exit(1);
    }
    println!("{} cases in {run:?}: all equal the serial loop, {:.1} s", all.len(), start.elapsed().as_secs_f64());
}

/// Compares what a call has returned with the serial loop.
#[track_caller]
fn same<T: Debug + PartialEq>(what: &str, distributed: T, serial: T) {
    if distributed != serial {
        let text = |value: &T| {
            let text = format!("{value:?}");
            if text.len() > 300 { format!("{}..", text.chars().take(300).collect::<String>()) } else { text }
        };
        panic!("{what}: {} is not {}", text(&distributed), text(&serial));
    }
}

/// The bits of numbers: `NaN` differs from itself, and `0.0` does not differ from `-0.0`.
fn bits(numbers: impl IntoIterator<Item = f64>) -> Vec<u64> {
    numbers.into_iter().map(f64::to_bits).collect()
}

/// Runs a call that panics, and returns the message.
#[track_caller]
fn panic_of<R: Debug>(call: impl FnOnce() -> R) -> String {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(result) => panic!("no panic, but {result:?}"),
        Err(payload) => message(&*payload),
    }
}

fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".to_owned())
}

/// Work of some microseconds per hundred steps, which the compiler cannot remove.
fn steps(seed: u64, count: u64) -> u64 {
    let mut x = seed;
    for _ in 0..std::hint::black_box(count) {
        x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407) ^ x >> 29;
    }
    x
}
