//! Calls with any number of threads, also more than their pool has, and with a value per thread.

use crate::{Counted, POOLS, Plan, items, none_alive, outcome, plain, plans, turn};
use parallelize::parallelize;
use proptest::prelude::*;
use std::mem;

#[parallelize(over = item, per_thread(scratch = Vec::new()))]
fn scratched(item: Counted, plan: &Plan, scratch: &mut Vec<Counted>) -> Option<Counted> {
    scratch.clear();
    let index = item.0;
    scratch.push(item);
    // The value keeps an item until the next one of its thread, or until the end of the call.
    let result = plain(Counted::new(index), plan);
    assert!(matches!(&scratch[..], [Counted(kept)] if *kept == index), "another item changed the value");
    result
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn calls_with_any_number_of_threads_equal_the_serial_loop(
        plan in plans(),
        threads in prop_oneof![1..6_usize, 1..40_usize],
        is_known: bool,
        is_stream: bool,
        taken in prop_oneof![Just(usize::MAX), 0..300_usize],
        pool in 0..5_usize,
    ) {
        let _turn = turn();
        let taken = if is_stream { taken } else { usize::MAX };
        let mut scratch = Vec::new();
        let mut serial = Vec::new();
        let end_of_loop = outcome(|| {
            // A stream that has ended is not asked for another result.
            let results = items(&plan, true).map(|item| scratched(item, &plan, &mut scratch));
            results.take(taken).for_each(|result| serial.push(result));
        });
        drop(mem::take(&mut scratch));
        let calls = || scratched_parallel_iter(items(&plan, is_known), &plan).threads(threads);
        let mut parallel = Vec::new();
        let end = outcome(|| POOLS[pool].install(|| {
            if is_stream {
                calls().into_iter().take(taken).for_each(|result| parallel.push(result));
            } else {
                parallel = calls().collect();
            }
        }));
        prop_assert_eq!(&end, &end_of_loop);
        if is_stream || end.is_ok() {
            prop_assert_eq!(&parallel, &serial);
        }
        drop((parallel, serial));
        none_alive()?;
    }
}
