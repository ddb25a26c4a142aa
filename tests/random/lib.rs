//! Random calls, compared with the serial loop.
//!
//! The number of items, their cost, errors, panics, size hints (also wrong ones), the number of
//! threads and the moment of a stop are random. Calls are made one by one, at the same time and
//! inside each other.
#![cfg(test)]

mod asynchronous;
mod known;
mod nested;
mod simultaneous;
mod sinks;
mod stops;
mod threads;

use parallelize::parallelize;
use proptest::prelude::*;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicIsize, Ordering};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The outcome of an item.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Fate {
    Pass,
    Fail,
    Panic,
}

/// The duration of each item, in microseconds, and its outcome.
pub(crate) type Plan = Vec<(u8, Fate)>;

/// The number of items and results that are alive.
static ALIVE: AtomicIsize = AtomicIsize::new(0);

/// Held by one case at a time.
static TURN: Mutex<()> = Mutex::new(());

/// An item or result, counted in `ALIVE`.
#[derive(Debug, PartialEq)]
pub(crate) struct Counted(pub(crate) usize);

impl Counted {
    pub(crate) fn new(index: usize) -> Self {
        ALIVE.fetch_add(1, Ordering::Relaxed);
        Counted(index)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        ALIVE.fetch_sub(1, Ordering::Relaxed);
    }
}

#[parallelize(over = item, try_collect)]
pub(crate) fn attempt(item: Counted, plan: &Plan) -> Result<Counted, Counted> {
    let (micros, fate) = plan[item.0];
    let start = Instant::now();
    while start.elapsed() < Duration::from_micros(micros.into()) {
        std::hint::spin_loop();
    }
    match fate {
        Fate::Pass => Ok(item),
        Fate::Fail => Err(item),
        Fate::Panic => resume_unwind(Box::new(item.0)),
    }
}

#[parallelize(over = item)]
pub(crate) fn plain(item: Counted, plan: &Plan) -> Option<Counted> {
    attempt(item, plan).ok()
}

/// Keeps one of four items.
#[parallelize(over = item, skip_none)]
pub(crate) fn chosen(item: Counted, plan: &Plan) -> Option<Counted> {
    attempt(item, plan).ok().filter(|item| item.0 % 4 == 0)
}

/// An input with an arbitrary size hint, which may panic instead of yielding an item.
struct Input {
    next: usize,
    end: usize,
    panic_at: Option<usize>,
    hint: (usize, Option<usize>),
    ended: Cell<bool>,
}

impl Iterator for Input {
    type Item = Counted;

    fn next(&mut self) -> Option<Counted> {
        assert!(!self.ended.get(), "`next` is called after the end");
        if self.panic_at == Some(self.next) {
            self.ended.set(true);
            resume_unwind(Box::new(1_000_000 + self.next));
        }
        if self.next == self.end {
            self.ended.set(true);
            return None;
        }
        self.next += 1;
        Some(Counted::new(self.next - 1))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.hint
    }
}

/// Returns the value of `call`, or the payload of its panic.
pub(crate) fn outcome<R>(call: impl FnOnce() -> R) -> Result<R, usize> {
    catch_unwind(AssertUnwindSafe(call))
        .map_err(|payload| *payload.downcast().expect("the payload of an item or of the input"))
}

fn fates() -> impl Strategy<Value = Fate> {
    prop_oneof![200 => Just(Fate::Pass), 1 => Just(Fate::Fail), 1 => Just(Fate::Panic)]
}

pub(crate) fn plans() -> impl Strategy<Value = Plan> {
    let costs = prop_oneof![8 => Just(0), 3 => 0..5_u8, 1 => 20..80_u8];
    prop_oneof![
        proptest::collection::vec((costs.clone(), fates()), 0..40),
        proptest::collection::vec((costs.clone(), fates()), 0..600),
        proptest::collection::vec((costs, Just(Fate::Pass)), 0..3000),
    ]
}

/// Returns an input whose length is known, or not.
pub(crate) fn items(plan: &Plan, is_known: bool) -> impl Iterator<Item = Counted> + Send + use<> {
    let end = plan.len();
    let hint = if is_known { (end, Some(end)) } else { (0, None) };
    Input { next: 0, end, panic_at: None, hint, ended: Cell::new(false) }
}

/// Checks that every item and result has been dropped exactly once.
pub(crate) fn none_alive() -> Result<(), TestCaseError> {
    prop_assert_eq!(ALIVE.load(Ordering::SeqCst), 0, "every item and result is dropped exactly once");
    Ok(())
}

/// Waits for the turn of a case.
///
/// One case at a time, because `ALIVE` counts the values of the whole process.
pub(crate) fn turn() -> MutexGuard<'static, ()> {
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn hints() -> impl Strategy<Value = Option<(usize, Option<usize>)>> {
    prop_oneof![
        4 => Just(None),
        1 => Just(Some((0, None))),
        1 => Just(Some((usize::MAX, Some(usize::MAX)))),
        2 => (0..4000_usize, proptest::option::of(0..4000_usize)).prop_map(Some),
    ]
}

pub(crate) static POOLS: LazyLock<Vec<rayon::ThreadPool>> = LazyLock::new(|| {
    let pool = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a small pool");
    (1..=5).map(pool).collect()
});

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_call_equals_the_serial_loop(
        plan in plans(),
        hint in hints(),
        panic_at in proptest::option::weighted(0.1, 0..600_usize),
        threads in 0..5_usize,
        in_flight in prop_oneof![1..50_usize, Just(16_384_usize)],
    ) {
        let input = || {
            let hint = hint.unwrap_or((plan.len(), Some(plan.len())));
            Input { next: 0, end: plan.len(), panic_at, hint, ended: Cell::new(false) }
        };
        // The serial loop trusts the size hint, so it gets a correct one.
        let honest = || Input { hint: (0, Some(plan.len())), ..input() };
        let pool = &POOLS[threads];

        let _turn = turn();
        let serial = outcome(|| honest().map(|item| attempt(item, &plan)).collect::<Result<Vec<_>, _>>());
        let parallel = outcome(|| pool.install(|| attempt_parallel(input(), &plan)));
        prop_assert_eq!(&parallel, &serial);

        drop(serial);
        let serial = outcome(|| honest().map(|item| plain(item, &plan)).collect::<Vec<_>>());
        let parallel_plain = outcome(|| pool.install(|| plain_parallel(input(), &plan)));
        prop_assert_eq!(&parallel_plain, &serial);

        let serial_chosen = outcome(|| honest().filter_map(|item| chosen(item, &plan)).collect::<Vec<_>>());
        let parallel_chosen = outcome(|| pool.install(|| chosen_parallel(input(), &plan)));
        prop_assert_eq!(&parallel_chosen, &serial_chosen);
        drop((parallel_chosen, serial_chosen));

        // A stream yields the results before a panic, and then panics.
        let drain = |results: &mut dyn Iterator<Item = Option<Counted>>| {
            let mut all = Vec::new();
            let end = outcome(|| results.for_each(|result| all.push(result)));
            (all, end)
        };
        let looped = drain(&mut honest().map(|item| plain(item, &plan)));
        let streamed = pool.install(|| {
            drain(&mut plain_parallel_iter(input(), &plan).in_flight(in_flight).into_iter())
        });
        prop_assert_eq!(&streamed, &looped);

        drop((looped, streamed));
        drop((parallel, parallel_plain, serial));
        none_alive()?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn repeated_calls_of_one_function_equal_the_serial_loop(sizes in proptest::collection::vec((0..200_usize, 0..30_u8), 1..20)) {
        // Cheap and expensive calls alternate. What the function remembers of earlier calls may
        // change how a call runs, but never its results.
        let _turn = turn();
        for (size, cost) in sizes {
            let plan: Plan = vec![(cost, Fate::Pass); size];
            let results = plain_parallel((0..size).map(Counted::new), &plan);
            prop_assert!(results.iter().enumerate().all(|(index, result)| result.as_ref().is_some_and(|result| result.0 == index)));
            prop_assert_eq!(results.len(), size);
        }
    }
}
