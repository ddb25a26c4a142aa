//! Calls that are stopped: what they have finished are the first results of the serial loop.

use crate::matrix::{Case, Run, panic_of, same, steps};
use parallelize::{CancelToken, StopReason, parallelize};
use serde::de::Deserializer;
use serde::ser::{Error, Serializer};
use serde::{Deserialize, Serialize};
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant, UNIX_EPOCH};

pub(super) const CASES: &[Case] = &[
    ("timeouts", timeouts),
    ("ends that come before the stop", ends_before_stops),
    ("tokens", tokens),
    ("streams with a timeout", stream),
    ("item tokens", item_tokens),
    ("endless items that cannot be sent", endless),
    ("slow inputs", slow_inputs),
    ("inputs that wait for results", feedback),
];

#[parallelize(over = n, distributed)]
fn slow(n: u64) -> u64 {
    thread::sleep(Duration::from_millis(2));
    steps(n, 100)
}

fn timeouts(_: Run) {
    let start = Instant::now();
    let interrupted = slow_parallel_iter(0..).timeout(Duration::from_millis(150)).collect::<Vec<_>>().unwrap_err();
    assert!(start.elapsed() < Duration::from_secs(3), "it took {:?}", start.elapsed());
    assert_eq!(interrupted.reason, StopReason::TimedOut);
    assert!(!interrupted.completed.is_empty(), "no item was finished");
    let length = interrupted.completed.len() as u64;
    same("completed", interrupted.completed, (0..length).map(|n| steps(n, 100)).collect());
    for (index, result) in interrupted.out_of_order {
        same("out of order", result, steps(index as u64, 100));
    }
    let calls = slow_parallel_iter(0..40).timeout(Duration::from_secs(60));
    same("in time", calls.collect::<Vec<_>>(), Ok((0..40).map(|n| steps(n, 100)).collect()));
}

#[parallelize(over = n, distributed)]
fn slow_at_first(n: u64) -> Result<u64, String> {
    thread::sleep(Duration::from_millis(if n == 0 { 150 } else { 1 }));
    if n == 0 { Err("the first".to_owned()) } else { Ok(n) }
}

/// The item that ends the call runs when it is stopped, and is finished.
fn ends_before_stops(_: Run) {
    let calls = || slow_at_first_parallel_iter(0..400).timeout(Duration::from_millis(50));
    same("the error", calls().try_collect::<Vec<_>>(), Ok(Err("the first".to_owned())));
    same("the match", calls().find(Result::is_err), Ok(Some(Err("the first".to_owned()))));
    same("of the sink", calls().try_for_each(|result| result.map(|_| ())), Ok(Err("the first".to_owned())));
}

fn tokens(_: Run) {
    let token = CancelToken::new();
    let interrupted = thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(Duration::from_millis(80));
            token.cancel();
        });
        slow_parallel_iter(0..).cancel_with(&token).collect::<Vec<_>>().unwrap_err()
    });
    assert_eq!(interrupted.reason, StopReason::Cancelled);
    let length = interrupted.completed.len() as u64;
    same("completed", interrupted.completed, (0..length).map(|n| steps(n, 100)).collect());
}

fn stream(_: Run) {
    let mut results = slow_parallel_iter(0..).timeout(Duration::from_millis(60)).into_iter();
    let completed: Vec<u64> = results.by_ref().collect();
    assert_eq!(results.stopped().map(|stopped| stopped.reason), Some(StopReason::TimedOut));
    let length = completed.len() as u64;
    same("completed", completed, (0..length).map(|n| steps(n, 100)).collect());
}

#[parallelize(over = n, cancel = token, distributed)]
fn patient(n: u64, token: &parallelize::ItemToken) -> u64 {
    if token.is_cancelled() { 0 } else { steps(n, 30) }
}

fn item_tokens(_: Run) {
    same("all needed", patient_parallel(0..300), (0..300).map(|n| steps(n, 30)).collect());
}

/// An item that has no bytes.
struct Unsendable;

impl Serialize for Unsendable {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(S::Error::custom("no bytes"))
    }
}

impl<'de> Deserialize<'de> for Unsendable {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Ok(Unsendable)
    }
}

#[parallelize(over = item, distributed)]
fn check(item: Unsendable) -> Result<(), String> {
    let Unsendable = item;
    Err("the function".to_owned())
}

/// Their panics count, although none of them runs.
fn endless(run: Run) {
    let call = || check_parallel_iter(std::iter::repeat_with(|| Unsendable)).try_collect::<Vec<_>>();
    if run.others == 0 {
        same("the error", call(), Err("the function".to_owned()));
    } else {
        let message = panic_of(call);
        assert!(message.starts_with("item 0 cannot be sent to another process"), "{message}");
    }
}

#[parallelize(over = n, distributed)]
fn span(n: u64) -> (Duration, Duration) {
    let now = || UNIX_EPOCH.elapsed().expect("a time after 1970");
    let begun = now();
    thread::sleep(Duration::from_millis(40 + n));
    (begun, now())
}

/// Items run at the same time although the input makes a stream wait for each of them.
fn slow_inputs(run: Run) {
    let mut spans = Vec::new();
    let input = (0..10).inspect(|_| thread::sleep(Duration::from_millis(3)));
    span_parallel_iter(input).for_each(|span| spans.push(span));
    let overlap = spans.windows(2).filter(|pair| pair[1].0 < pair[0].1).count();
    assert!(run.others == 0 || overlap >= 4, "{overlap} of 10 items began while the one before them ran");
}

/// Each item is there only after the result of the one before.
fn feedback(_: Run) {
    // One thread, and so one item at a time.
    let (sender, receiver) = channel();
    sender.send(0).expect("a receiver");
    let (mut sender, mut results) = (Some(sender), 0);
    span_parallel_iter(receiver).threads(1).for_each(|_| {
        results += 1;
        match &sender {
            Some(open) if results < 4 => open.send(results).expect("a receiver"),
            _ => sender = None,
        }
    });
    assert_eq!(results, 4);

    // A stream of one item at a time, which is stopped while an item runs.
    let (sender, receiver) = channel();
    sender.send(0).expect("a receiver");
    let mut results = span_parallel_iter(receiver).in_flight(1).timeout(Duration::from_millis(60)).into_iter();
    let mut count = 0;
    while results.next().is_some() {
        count += 1;
        sender.send(count).expect("a receiver");
    }
    assert_eq!(results.stopped().map(|stopped| stopped.reason), Some(StopReason::TimedOut));
    assert!((1..=2).contains(&count), "{count} results");
}
