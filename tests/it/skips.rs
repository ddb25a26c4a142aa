//! With `skip_none`, items without a result count as items: for the order, failures and stops.

use crate::alive::Alive;
use crate::{on_threads, spin};
use parallelize::{CancelToken, Interrupted, parallelize};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicIsize, Ordering};

/// What happens at one item, or from it on.
#[derive(Clone, Copy, PartialEq)]
enum End {
    Nothing,
    Error(usize),
    Panic(usize),
}

/// Keeps each item whose index is a multiple of `every`.
#[parallelize(over = item)]
fn sift(item: Alive<'_>, every: usize, micros: u64, end: End) -> Option<Result<Alive<'_>, usize>> {
    spin(micros * (item.1 as u64 % 3));
    match end {
        End::Error(index) if index <= item.1 => return Some(Err(item.1)),
        End::Panic(index) if index == item.1 => resume_unwind(Box::new(index)),
        _ => {}
    }
    (item.1 % every == 0).then_some(Ok(item))
}

const ITEMS: usize = 3_000;

/// An input with a size hint that may be wrong.
struct Hinted<I>(I, (usize, Option<usize>));

impl<I: Iterator> Iterator for Hinted<I> {
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        self.0.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.1
    }
}

const HINTS: [(usize, Option<usize>); 4] =
    [(ITEMS, Some(ITEMS)), (0, None), (ITEMS / 2, Some(ITEMS / 2)), (usize::MAX, Some(usize::MAX))];

/// Returns the indices of the kept items, the first error, or the index of the first panic.
fn told<'a>(call: impl FnOnce() -> Result<Vec<Alive<'a>>, usize>) -> Result<Result<Vec<usize>, usize>, usize> {
    let outcome = catch_unwind(AssertUnwindSafe(call)).map_err(|payload| *payload.downcast().expect("an index"));
    outcome.map(|collected| collected.map(|items| items.iter().map(|item| item.1).collect()))
}

#[test]
fn the_results_and_the_first_failure_are_those_of_the_serial_loop() {
    on_threads(|| {
        for every in [1, 2, 50, ITEMS] {
            let ends = [0, 1, 77, ITEMS - 1].map(|index| [End::Error(index), End::Panic(index)]);
            for (place, end) in [End::Nothing].into_iter().chain(ends.into_iter().flatten()).enumerate() {
                let alive = AtomicIsize::new(0);
                let input = || (0..ITEMS).map(|index| Alive::new(&alive, index));
                let serial = told(|| input().filter_map(|item| sift(item, every, 0, end)).collect());
                for micros in [0, 2] {
                    let input = Hinted(input(), HINTS[place % HINTS.len()]);
                    let call = sift_parallel_iter(input, every, micros, end).skip_none();
                    assert!(told(|| call.try_collect()) == serial, "one of {every} is kept");
                }
                assert_eq!(alive.into_inner(), 0, "every item is dropped once");
            }
        }
    });
}

#[test]
fn an_endless_input_ends_with_an_error() {
    on_threads(|| {
        let alive = AtomicIsize::new(0);
        let input = (0..).map(|index| Alive::new(&alive, index));
        let error = sift_parallel_iter(input, usize::MAX, 1, End::Error(5_000)).skip_none().try_collect::<Vec<_>>();
        assert_eq!(error.map(|items| items.len()), Err(5_000));
        assert_eq!(alive.into_inner(), 0);
    });
}

/// Keeps each item whose index is a multiple of 5, and records it.
#[parallelize(over = item)]
fn stopped<'a>(item: Alive<'a>, cancel_at: usize, token: &CancelToken, kept: &Mutex<Vec<usize>>) -> Option<Alive<'a>> {
    if item.1 == cancel_at {
        token.cancel();
    }
    spin(item.1 as u64 % 7);
    let is_kept = item.1 % 5 == 0;
    kept.lock().expect("no panic").extend(is_kept.then_some(item.1));
    is_kept.then_some(item)
}

#[test]
fn a_stopped_call_returns_each_result_with_the_index_of_its_item() {
    for cancel_at in (0..100).map(|round| round * 7919 % 9_000) {
        let (token, kept, alive) = (CancelToken::new(), Mutex::new(Vec::new()), AtomicIsize::new(0));
        let input = (0..10_000).map(|index| Alive::new(&alive, index));
        let calls = stopped_parallel_iter(input, cancel_at, &token, &kept).cancel_with(&token).skip_none();
        let interrupted = calls.collect::<Vec<_>>().expect_err("the token is cancelled");
        let Interrupted { completed, out_of_order, .. } = &interrupted;
        assert!(completed.iter().map(|result| result.1).eq((0..completed.len()).map(|index| index * 5)));
        assert!(out_of_order.iter().all(|(index, result)| *index == result.1), "each with its index");
        assert!(out_of_order.iter().map(|(index, _)| *index).is_sorted_by(|a, b| a < b));
        let all = completed.iter().chain(out_of_order.iter().map(|(_, result)| result));
        let mut returned: Vec<usize> = all.map(|result| result.1).collect();
        let mut kept = kept.into_inner().expect("no panic");
        returned.sort_unstable();
        kept.sort_unstable();
        assert_eq!(returned, kept, "each finished result is returned exactly once");
        drop(interrupted);
        assert_eq!(alive.into_inner(), 0);
    }
}

#[test]
fn the_index_of_a_caught_panic_counts_all_items() {
    on_threads(|| {
        let alive = AtomicIsize::new(0);
        let input = (0..ITEMS).map(|index| Alive::new(&alive, index));
        let calls = sift_parallel_iter(input, 100, 2, End::Panic(1_234)).skip_none().catch_panics();
        let results: Vec<_> = calls.collect();
        let told = results.iter().map(|result| match result {
            Ok(item) => item.as_ref().map(|item| item.1).map_err(|error| *error),
            Err(panic) => Err(panic.index()),
        });
        let is_right = |index: usize| if index == 1_234 { Err(index) } else { Ok(index) };
        let kept = (0..ITEMS).filter(|index| index % 100 == 0 || *index == 1_234);
        assert!(told.eq(kept.map(is_right)));
        drop(results);
        assert_eq!(alive.load(Ordering::Relaxed), 0);
    });
}

/// Keeps few of many cheap items.
#[parallelize(over = x, skip_none)]
fn rare(x: u64, every: u64) -> Option<String> {
    (x % every == 0).then(|| x.to_string())
}

#[test]
fn cheap_items_of_every_kind_of_input_are_kept_in_order() {
    on_threads(|| {
        for every in [1, 3, 1_000] {
            let serial: Vec<String> = (0..60_000).filter_map(|x| rare(x, every)).collect();
            assert!(rare_parallel(0..60_000, every) == serial);
            assert!(rare_parallel((0..60_000).collect::<Vec<_>>(), every) == serial);
            assert!(rare_parallel((0..60_000).filter(|x| *x < 100_000), every) == serial);
            let mut results = vec![String::new(); 10];
            rare_parallel_iter(0..60_000, every).collect_into_vec(&mut results);
            assert!(results == serial);
        }
    });
}
