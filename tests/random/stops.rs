//! A stopped call returns results of the serial loop, and loses none that was finished.

use crate::{Counted, POOLS, Plan, attempt, items, none_alive, outcome, plans, turn};
use parallelize::{CancelToken, Interrupted, StopReason, parallelize};
use proptest::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Cancels the token at one item, and counts the values that are returned.
#[parallelize(over = item)]
fn cancelling(
    item: Counted,
    plan: &Plan,
    cancel_at: Option<usize>,
    token: &CancelToken,
    finished: &AtomicUsize,
) -> Result<Counted, Counted> {
    if Some(item.0) == cancel_at {
        token.cancel();
    }
    let result = attempt(item, plan);
    finished.fetch_add(usize::from(result.is_ok()), Ordering::Relaxed);
    result
}

/// What stops a call.
#[derive(Clone, Copy, Debug)]
enum Stop {
    Item(usize),
    Thread(Duration),
    Timeout(Duration),
}

fn stops() -> impl Strategy<Value = Stop> {
    let moments = || (0..2_000_u64).prop_map(Duration::from_micros);
    prop_oneof![
        2 => (0..300_usize).prop_map(Stop::Item),
        1 => moments().prop_map(Stop::Thread),
        1 => moments().prop_map(Stop::Timeout),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_stopped_call_returns_a_part_of_the_serial_loop(
        plan in plans(),
        stop in stops(),
        threads in proptest::option::of(1..12_usize),
        is_known: bool,
        pool in 0..5_usize,
    ) {
        let _turn = turn();
        let (token, finished) = (CancelToken::new(), AtomicUsize::new(0));
        let cancel_at = if let Stop::Item(index) = stop { Some(index) } else { None };
        let timeout = if let Stop::Timeout(time) = stop { time } else { Duration::MAX };
        let calls = cancelling_parallel_iter(items(&plan, is_known), &plan, cancel_at, &token, &finished);
        let calls = calls.timeout(timeout).cancel_with(&token);
        let calls = if let Some(threads) = threads { calls.threads(threads) } else { calls };
        let start = Instant::now();
        let parallel = thread::scope(|scope| {
            if let Stop::Thread(time) = stop {
                let token = &token;
                scope.spawn(move || {
                    thread::sleep(time);
                    token.cancel();
                });
            }
            outcome(|| POOLS[pool].install(|| calls.try_collect::<Vec<_>>()))
        });
        let serial = outcome(|| items(&plan, true).map(|item| attempt(item, &plan)).collect::<Result<Vec<_>, _>>());
        match parallel {
            Ok(Ok(whole)) => prop_assert_eq!(Ok(whole), serial),
            Err(panic) => prop_assert_eq!(Err(panic), serial),
            Ok(Err(Interrupted { completed, out_of_order, reason, .. })) => {
                let is_right = match reason {
                    StopReason::Cancelled => token.is_cancelled(),
                    _ => start.elapsed() >= timeout,
                };
                prop_assert!(is_right, "{:?} is not the reason", reason);
                prop_assert_eq!(completed.len() + out_of_order.len(), finished.into_inner());
                prop_assert!(completed.iter().enumerate().all(|(index, result)| result.0 == index));
                prop_assert!(out_of_order.iter().all(|(index, result)| result.0 == *index));
                // The item in the gap has no result.
                let order = [completed.len()].into_iter().chain(out_of_order.iter().map(|(index, _)| *index));
                prop_assert!(order.is_sorted_by(|a, b| a < b));
                // The results before an error or a panic at the most.
                let first = match &serial {
                    Ok(Ok(all)) => all.len(),
                    Ok(Err(error)) => error.0,
                    Err(panic) => *panic,
                };
                prop_assert!(completed.len() <= first);
                drop(serial);
            }
        }
        none_alive()?;
    }
}
