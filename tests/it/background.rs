//! `background`: a call that goes on while nobody looks, and ends with its iterator.

use crate::sinks::half_parallel_iter;
use crate::{on_threads, spin, within_seconds};
use parallelize::{CancelToken, StopReason, parallelize};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

#[test]
fn a_background_call_yields_the_results_of_the_loop() {
    on_threads(|| {
        for (count, in_flight) in [(0, 1), (1, 1), (500, 1), (500, 2), (2_000, 64), (2_000, 16_384)] {
            let results = half_parallel_iter(0..count).in_flight(in_flight).background();
            assert!(results.eq((0..count).map(|x| (x % 2 == 0).then_some(x / 2))));
        }
        assert!(half_parallel_iter(0..501).skip_none().background().eq(0..251));
    });
}

#[test]
fn a_background_call_goes_on_while_nobody_looks() {
    static BEGUN: AtomicUsize = AtomicUsize::new(0);
    within_seconds(60, || {
        let mut results = half_parallel_iter((0..).inspect(|_| _ = BEGUN.fetch_add(1, Ordering::Relaxed)))
            .in_flight(100)
            .background();
        // Half of them fit into the channel. How far the threads are ahead depends on their speed.
        while BEGUN.load(Ordering::Relaxed) < 50 {
            thread::yield_now();
        }
        thread::sleep(Duration::from_millis(20));
        // The function and the channel hold some more at the moment that they pass them on.
        assert!(BEGUN.load(Ordering::Relaxed) <= 102, "{BEGUN:?} items are held");
        assert!((0..1_000).all(|x| results.next() == Some((x % 2 == 0).then_some(x / 2))));
        drop(results);
        // It stops, although the input has no end.
        let mut before = usize::MAX;
        while BEGUN.load(Ordering::Relaxed) != before {
            before = BEGUN.load(Ordering::Relaxed);
            thread::sleep(Duration::from_millis(50));
        }
    });
}

#[parallelize]
fn fail_at_70(x: usize) -> usize {
    if x == 70 { resume_unwind(Box::new(x)) } else { x }
}

#[test]
fn a_background_call_panics_after_its_results_and_stops() {
    let mut results = fail_at_70_parallel_iter(0..1_000).background();
    assert!((0..70).all(|x| results.next() == Some(x)));
    let payload = catch_unwind(AssertUnwindSafe(|| results.next())).expect_err("an item panics");
    assert_eq!(payload.downcast_ref(), Some(&70_usize));
    assert!(results.next().is_none() && results.size_hint() == (0, Some(0)));
    let token = CancelToken::new();
    let mut results = half_parallel_iter(0..).cancel_with(&token).background();
    assert_eq!(results.next(), Some(Some(0)));
    token.cancel();
    assert!(results.by_ref().count() < 20_000);
    assert_eq!(results.stopped().expect("it was cancelled").reason, StopReason::Cancelled);
}

#[test]
fn a_background_call_that_is_dropped_leaks_nothing_and_does_not_wait() {
    static ALIVE: AtomicUsize = AtomicUsize::new(0);

    struct Item;

    impl Drop for Item {
        fn drop(&mut self) {
            ALIVE.fetch_sub(1, Ordering::Relaxed);
        }
    }

    #[parallelize]
    fn same(item: Item) -> Item {
        spin(20);
        item
    }

    within_seconds(60, || {
        for round in 0..100 {
            let input = (0..).map(|_| {
                ALIVE.fetch_add(1, Ordering::Relaxed);
                Item
            });
            let mut results = same_parallel_iter(input).in_flight(1 + round).background();
            assert!(results.by_ref().take(round).all(|_| true));
            thread::sleep(Duration::from_micros(7 * round as u64));
            drop(results);
        }
        while ALIVE.load(Ordering::Relaxed) > 0 {
            thread::yield_now();
        }
    });
}
