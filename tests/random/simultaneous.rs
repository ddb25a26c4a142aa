//! Calls that are made at the same time do not influence each other's results.

use crate::{
    Counted, POOLS, Plan, attempt, attempt_parallel, attempt_parallel_iter, items, none_alive, outcome, plans, turn,
};
use proptest::prelude::*;
use std::sync::Barrier;
use std::thread;

/// A call of one thread: its plan, its pool, and its number of threads if it is limited.
type Call = (Plan, Option<usize>, Option<usize>);

fn calls() -> impl Strategy<Value = Vec<Call>> {
    // Few pools, so that several calls meet in one.
    let call = (plans(), proptest::option::of(1..4_usize), proptest::option::of(1..12_usize));
    proptest::collection::vec(call, 2..=4)
}

fn make((plan, pool, threads): &Call, is_known: bool) -> Result<Vec<Counted>, Counted> {
    let call = || match threads {
        None => attempt_parallel(items(plan, is_known), plan),
        Some(threads) => attempt_parallel_iter(items(plan, is_known), plan).threads(*threads).try_collect(),
    };
    pool.map_or_else(call, |pool| POOLS[pool].install(call))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn simultaneous_calls_equal_the_serial_loop(calls in calls(), is_known: bool) {
        let _turn = turn();
        let barrier = Barrier::new(calls.len());
        let parallel = thread::scope(|scope| {
            let start = |call| {
                let barrier = &barrier;
                scope.spawn(move || {
                    barrier.wait();
                    outcome(|| make(call, is_known))
                })
            };
            let threads: Vec<_> = calls.iter().map(start).collect();
            threads.into_iter().map(|thread| thread.join().expect("the panic is caught")).collect::<Vec<_>>()
        });
        for ((plan, ..), parallel) in calls.iter().zip(parallel) {
            let serial = outcome(|| items(plan, true).map(|item| attempt(item, plan)).collect::<Result<Vec<_>, _>>());
            prop_assert_eq!(parallel, serial);
        }
        none_alive()?;
    }
}
