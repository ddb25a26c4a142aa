//! Items, results and fixed values are dropped exactly once, whether the call returns or panics.

use crate::alive::Alive;
use crate::{on_threads, spin};
use parallelize::parallelize;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicIsize, Ordering};

#[parallelize(over = item)]
fn pass<'a>(item: Alive<'a>, fixed: Alive<'_>, fail_at: usize) -> Alive<'a> {
    spin(2);
    if item.1 == fail_at {
        panic::resume_unwind(Box::new(fixed.1));
    }
    drop(fixed);
    item
}

#[test]
fn after_a_call_that_returns() {
    on_threads(|| {
        let alive = AtomicIsize::new(0);
        let input: Vec<Alive<'_>> = (0..500).map(|index| Alive::new(&alive, index)).collect();
        let results = pass_parallel(input, Alive::new(&alive, 7), usize::MAX);
        assert_eq!(alive.load(Ordering::Relaxed), 500, "only the results are alive");
        assert!(results.iter().enumerate().all(|(index, result)| result.1 == index));
        drop(results);
        assert_eq!(alive.into_inner(), 0);
    });
}

#[test]
fn after_a_panic_of_an_item() {
    on_threads(|| {
        for fail_at in [0, 1, 250, 499] {
            let alive = AtomicIsize::new(0);
            let input: Vec<Alive<'_>> = (0..500).map(|index| Alive::new(&alive, index)).collect();
            let call = AssertUnwindSafe(|| pass_parallel(input, Alive::new(&alive, 7), fail_at));
            panic::catch_unwind(call).expect_err("an item fails");
            assert_eq!(alive.into_inner(), 0, "after a panic at {fail_at}");
        }
    });
}

#[test]
fn after_a_panic_of_the_input() {
    on_threads(|| {
        for fail_at in [0, 1, 250, 499] {
            let alive = AtomicIsize::new(0);
            let input: Vec<Alive<'_>> = (0..500).map(|index| Alive::new(&alive, index)).collect();
            let input = input.into_iter().inspect(|item| {
                if item.1 == fail_at {
                    panic::resume_unwind(Box::new(()));
                }
            });
            let call = AssertUnwindSafe(|| pass_parallel(input, Alive::new(&alive, 7), usize::MAX));
            panic::catch_unwind(call).expect_err("the input fails");
            assert_eq!(alive.into_inner(), 0, "after a panic at {fail_at}");
        }
    });
}
