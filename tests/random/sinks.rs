//! A sink gets the results of the serial loop: in order, or each at most once as completed.

use crate::{Counted, Fate, POOLS, Plan, attempt, items, none_alive, outcome, plans, turn};
use parallelize::parallelize;
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::panic::resume_unwind;
use std::time::{Duration, Instant};

#[parallelize(over = item)]
fn result(item: Counted, plan: &Plan) -> Result<Counted, Counted> {
    attempt(item, plan)
}

/// What the sink does with one of its results.
#[derive(Clone, Copy, Debug)]
struct Sink {
    micros: u64,
    /// The result at which it fails, and whether by a panic.
    fails: Option<(usize, bool)>,
}

impl Sink {
    /// Takes the result of the item `index`.
    fn take(self, index: usize) -> Result<(), usize> {
        let start = Instant::now();
        while start.elapsed() < Duration::from_micros(self.micros) {
            std::hint::spin_loop();
        }
        match self.fails {
            Some((at, false)) if at == index => Err(index),
            Some((at, true)) if at == index => resume_unwind(Box::new(2_000_000 + index)),
            _ => Ok(()),
        }
    }
}

fn sinks() -> impl Strategy<Value = Sink> {
    let micros = prop_oneof![4 => Just(0), 2 => 0..5_u64, 1 => 10..40_u64];
    let fails = proptest::option::weighted(0.3, (0..300_usize, any::<bool>()));
    (micros, fails).prop_map(|(micros, fails)| Sink { micros, fails })
}

fn index_of(result: &Result<Counted, Counted>) -> usize {
    match result {
        Ok(item) | Err(item) => item.0,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_sink_gets_the_results_of_the_serial_loop(
        plan in plans(),
        sink in sinks(),
        in_flight in prop_oneof![1..20_usize, Just(16_384)],
        threads in proptest::option::of(1..12_usize),
        is_known: bool,
        pool in 0..5_usize,
    ) {
        let _turn = turn();
        let mut seen = Vec::new();
        let calls = result_parallel_iter(items(&plan, is_known), &plan).in_flight(in_flight);
        let calls = if let Some(threads) = threads { calls.threads(threads) } else { calls };
        let parallel = outcome(|| {
            let seen = &mut seen;
            let take = |result: Result<Counted, Counted>| {
                seen.push(index_of(&result));
                sink.take(index_of(&result))
            };
            POOLS[pool].install(|| calls.try_for_each(take))
        });
        let mut expected = Vec::new();
        let serial = outcome(|| {
            items(&plan, true).try_for_each(|item| {
                let result = attempt(item, &plan);
                expected.push(index_of(&result));
                sink.take(index_of(&result))
            })
        });
        prop_assert_eq!(parallel, serial);
        prop_assert_eq!(seen, expected);
        none_alive()?;
    }

    #[test]
    fn an_unordered_sink_gets_each_result_at_most_once(
        plan in plans(),
        sink in sinks(),
        in_flight in prop_oneof![1..20_usize, Just(16_384)],
        threads in proptest::option::of(1..12_usize),
        is_known: bool,
        pool in 0..5_usize,
    ) {
        let _turn = turn();
        let (mut seen, mut is_unique) = (BTreeSet::new(), true);
        let calls = result_parallel_iter(items(&plan, is_known), &plan).in_flight(in_flight);
        let calls = if let Some(threads) = threads { calls.threads(threads) } else { calls };
        let parallel = outcome(|| {
            let take = |index, result: Result<Counted, Counted>| {
                is_unique &= index == index_of(&result) && seen.insert(index);
                sink.take(index)
            };
            POOLS[pool].install(|| calls.try_for_each_unordered(take))
        });
        prop_assert!(is_unique);
        let first_panic = plan.iter().position(|(_, fate)| *fate == Fate::Panic);
        let failed = sink.fails.filter(|(at, _)| seen.contains(at));
        match (parallel, failed) {
            (Ok(Ok(())), failed) => {
                prop_assert!(failed.is_none() && first_panic.is_none());
                prop_assert!(seen.into_iter().eq(0..plan.len()));
            }
            (Ok(Err(index)), failed) => prop_assert_eq!(failed, Some((index, false))),
            (Err(payload), Some((at, panics))) if payload >= 2_000_000 => {
                prop_assert!(panics && payload == 2_000_000 + at);
            }
            (Err(payload), failed) => {
                // The first panic, unless the sink has ended the call before.
                prop_assert!(failed.is_some() || Some(payload) == first_panic);
                prop_assert!(failed.is_some() || (0..payload).all(|index| seen.contains(&index)));
            }
        }
        none_alive()?;
    }
}
