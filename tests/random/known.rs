//! Inputs that are split by their type equal the serial loop: ranges, slices and vectors.

use crate::{Counted, Fate, POOLS, Plan, attempt, none_alive, outcome, plans, turn};
use parallelize::{CancelToken, Interrupted, parallelize};
use proptest::prelude::*;

/// The results have the layout of the items, so a call reuses the memory of a vector.
#[parallelize(over = index, try_collect)]
fn whole(index: usize, plan: &Plan) -> Result<Counted, Counted> {
    attempt(Counted::new(index), plan)
}

/// The results have another layout than the items.
#[parallelize(over = index)]
fn wider(index: u32, plan: &Plan) -> Option<Counted> {
    attempt(Counted::new(index as usize), plan).ok()
}

#[allow(clippy::trivially_copy_pass_by_ref)] // To pass references.
#[parallelize(over = index, try_collect)]
fn referred(index: &usize, plan: &Plan) -> Result<Counted, Counted> {
    attempt(Counted::new(*index), plan)
}

/// Takes the first number of each slice.
#[parallelize(over = indices, try_collect)]
fn grouped(indices: &[usize], plan: &Plan) -> Result<Counted, Counted> {
    attempt(Counted::new(indices[0]), plan)
}

/// Takes items of two inputs, and the index of the pair.
#[allow(clippy::trivially_copy_pass_by_ref)] // To pass references.
#[parallelize(over = zip(index, other), per_item(number = |index| index), try_collect)]
fn paired(index: &usize, other: u32, number: usize, plan: &Plan) -> Result<Counted, Counted> {
    assert!(*index == other as usize && *index == number, "items of different pairs");
    attempt(Counted::new(number), plan)
}

/// A call that may be stopped, whose results take over the memory of the items.
#[parallelize(over = index)]
fn stoppable(index: usize, plan: &Plan, token: &CancelToken, cancel_at: usize) -> Counted {
    if cancel_at == index {
        token.cancel();
    }
    match attempt(Counted::new(index), plan) {
        Ok(counted) | Err(counted) => counted,
    }
}

/// Makes the same call with an input of each known type.
macro_rules! for_each_input {
    ($count:expr, $number:ty, |$input:ident| $call:expr) => {{
        let count = <$number>::try_from($count).expect("a short plan");
        let numbers: Vec<$number> = (0..count).collect();
        let mut padded = vec![count; 3];
        padded.extend(0..count);
        let reversed: Vec<$number> = (0..count).rev().collect();
        let mut all = Vec::new();
        {
            let $input = 0..count;
            all.push(("a range", $call));
        }
        {
            let $input = numbers.iter().copied();
            all.push(("a copied slice", $call));
        }
        {
            let $input = reversed.iter().copied().rev();
            all.push(("a reversed slice", $call));
        }
        {
            let mut $input = padded.into_iter();
            $input.nth(2);
            all.push(("the rest of a vector", $call));
        }
        {
            let $input = numbers;
            all.push(("a vector", $call));
        }
        all
    }};
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_call_with_a_known_input_equals_the_serial_loop(
        plan in plans(),
        pool in 0..5_usize,
        threads in proptest::option::of(1..6_usize),
        in_flight in prop_oneof![1..50_usize, Just(16_384_usize)],
    ) {
        let _turn = turn();
        let count = plan.len();
        let serial = outcome(|| (0..count).map(|index| whole(index, &plan)).collect::<Result<Vec<_>, _>>());
        let eager = for_each_input!(count, usize, |input| outcome(|| POOLS[pool].install(|| whole_parallel(input, &plan))));
        for (input, parallel) in &eager {
            prop_assert_eq!(parallel, &serial, "{}", input);
        }
        let lazy = for_each_input!(count, usize, |input| outcome(|| {
            let calls = whole_parallel_iter(input, &plan);
            let calls = if let Some(threads) = threads { calls.threads(threads) } else { calls };
            calls.try_collect::<Vec<_>>()
        }));
        for (input, parallel) in &lazy {
            prop_assert_eq!(parallel, &serial, "{}, with threads", input);
        }
        drop((serial, eager, lazy));

        let serial = outcome(|| (0..).take(count).map(|index| wider(index, &plan)).collect::<Vec<_>>());
        let eager = for_each_input!(count, u32, |input| outcome(|| POOLS[pool].install(|| wider_parallel(input, &plan))));
        for (input, parallel) in &eager {
            prop_assert_eq!(parallel, &serial, "{}, of another layout", input);
        }
        // The results below a panic are kept.
        let below = plan.iter().position(|(_, fate)| *fate == Fate::Panic).unwrap_or(count);
        let kept = for_each_input!(count, u32, |input| {
            let mut results = Vec::new();
            let end = outcome(|| {
                POOLS[pool].install(|| wider_parallel_iter(input, &plan).collect_into_vec(&mut results));
            });
            (results, end)
        });
        for (input, (results, end)) in &kept {
            prop_assert_eq!(results.len(), below, "{}", input);
            prop_assert_eq!(end.is_err(), below < count, "{}", input);
            prop_assert!(results.iter().enumerate().all(|(index, result)| result.as_ref().is_none_or(|result| result.0 == index)));
        }
        let streamed = for_each_input!(count, u32, |input| outcome(|| {
            POOLS[pool].install(|| wider_parallel_iter(input, &plan).in_flight(in_flight).into_iter().collect::<Vec<_>>())
        }));
        for (input, parallel) in &streamed {
            prop_assert_eq!(parallel, &serial, "{}, as a stream", input);
        }
        drop((serial, eager, kept, streamed));
        none_alive()?;
    }

    #[test]
    fn a_call_with_references_equals_the_serial_loop(
        plan in plans(),
        pool in 0..5_usize,
        size in 1..5_usize,
    ) {
        let _turn = turn();
        let numbers: Vec<usize> = (0..plan.len()).collect();
        let reversed: Vec<usize> = (0..plan.len()).rev().collect();
        let serial = outcome(|| numbers.iter().map(|index| referred(index, &plan)).collect::<Result<Vec<_>, _>>());
        prop_assert_eq!(&outcome(|| POOLS[pool].install(|| referred_parallel(&numbers, &plan))), &serial);
        prop_assert_eq!(&outcome(|| POOLS[pool].install(|| referred_parallel(reversed.iter().rev(), &plan))), &serial);
        let calls = referred_parallel_iter(&numbers, &plan).threads(3);
        prop_assert_eq!(&outcome(|| calls.try_collect::<Vec<_>>()), &serial);
        drop(serial);

        let pairs = numbers.iter().zip(0..);
        let serial = outcome(|| pairs.map(|(index, other)| paired(index, other, *index, &plan)).collect::<Result<Vec<_>, _>>());
        let others: Vec<u32> = (0..).take(plan.len()).collect();
        let paired = outcome(|| POOLS[pool].install(|| paired_parallel(&numbers, others.iter().copied(), &plan)));
        prop_assert_eq!(&paired, &serial);
        drop(paired);
        let paired = outcome(|| POOLS[pool].install(|| paired_parallel(&numbers, others, &plan)));
        prop_assert_eq!(&paired, &serial, "a side is not split");
        drop((paired, serial));

        let chunks = || numbers.chunks(size);
        let serial = outcome(|| chunks().map(|indices| grouped(indices, &plan)).collect::<Result<Vec<_>, _>>());
        prop_assert_eq!(&outcome(|| POOLS[pool].install(|| grouped_parallel(chunks(), &plan))), &serial);
        drop(serial);

        let windows = || numbers.windows(size);
        let serial = outcome(|| windows().map(|indices| grouped(indices, &plan)).collect::<Result<Vec<_>, _>>());
        prop_assert_eq!(&outcome(|| POOLS[pool].install(|| grouped_parallel(windows(), &plan))), &serial);
        drop(serial);
        none_alive()?;
    }

    #[test]
    fn a_stopped_call_with_a_known_input_loses_nothing(
        costs in proptest::collection::vec(prop_oneof![4 => Just(0_u8), 1 => 1..20_u8], 0..2000),
        cancel_at in 0..2000_usize,
        threads in 1..6_usize,
    ) {
        let _turn = turn();
        let plan: Plan = costs.into_iter().map(|cost| (cost, Fate::Pass)).collect();
        let stopped = for_each_input!(plan.len(), usize, |input| {
            let token = CancelToken::new();
            let calls = stoppable_parallel_iter(input, &plan, &token, cancel_at).threads(threads).cancel_with(&token);
            calls.collect::<Vec<_>>()
        });
        for (input, result) in &stopped {
            match result {
                Ok(all) => {
                    prop_assert_eq!(all.len(), plan.len(), "{}", input);
                    prop_assert!(all.iter().enumerate().all(|(index, result)| result.0 == index), "{}", input);
                }
                Err(Interrupted { completed, out_of_order, .. }) => {
                    prop_assert!(completed.iter().enumerate().all(|(index, result)| result.0 == index), "{}", input);
                    prop_assert!(out_of_order.iter().all(|(index, result)| result.0 == *index), "{}", input);
                    let order = [completed.len()].into_iter().chain(out_of_order.iter().map(|(index, _)| *index));
                    prop_assert!(order.is_sorted_by(|a, b| a < b), "{}", input);
                    // The item that cancels has run.
                    let has_run = completed.len() > cancel_at || out_of_order.iter().any(|(index, _)| *index == cancel_at);
                    prop_assert!(has_run, "{}", input);
                }
            }
        }
        drop(stopped);
        none_alive()?;
    }
}
