//! A stream yields the results of the serial loop in order, in bounded memory, and runs on demand.

use crate::alive::{Held, counts};
use crate::{on_threads, spin};
use parallelize::parallelize;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};

#[parallelize(over = x)]
fn work(x: u64, by: u64, micros: u64) -> u64 {
    spin(if micros > 0 && x % 50 == 7 { 20 * micros } else { micros });
    x * by
}

#[test]
fn a_stream_equals_the_serial_loop() {
    on_threads(|| {
        for (count, micros) in [(0, 0), (1, 0), (2, 0), (1000, 0), (100_000, 0), (2000, 3), (100, 100)] {
            let calls = || work_parallel_iter(0..count, 3, micros);
            let expected = || (0..count).map(|x| x * 3);
            assert!(calls().into_iter().eq(expected()), "{count} items of {micros} us");
            assert!(calls().in_flight(1).into_iter().eq(expected()));
            assert!(calls().in_flight(7).threads(3).into_iter().eq(expected()));
            assert!(calls().threads(1).into_iter().eq(expected()));
            let mut seen = Vec::new();
            calls().for_each(|result| seen.push(result));
            assert!(seen.into_iter().eq(expected()));
        }
    });
}

#[parallelize(over = item)]
fn pass(item: Held<'_>, micros: u64, panic_at: usize) -> Held<'_> {
    spin(if item.1 % 100 == 3 { 50 * micros } else { micros });
    if item.1 == panic_at {
        resume_unwind(Box::new(item.1));
    }
    item
}

#[test]
fn the_items_in_flight_are_bounded() {
    on_threads(|| {
        for (in_flight, micros) in [(1, 0), (2, 1), (10, 0), (64, 2), (1000, 0)] {
            let counts = counts();
            let calls = pass_parallel_iter((0..).map(|index| Held::new(&counts, index)), micros, usize::MAX);
            for (index, result) in calls.in_flight(in_flight).into_iter().take(3000).enumerate() {
                assert_eq!(result.1, index);
            }
            // The loop body holds one more.
            assert!(counts[1].load(Ordering::Relaxed) <= in_flight + 1, "{in_flight}: {counts:?}");
            assert_eq!(counts[0].load(Ordering::Relaxed), 0, "results that were not taken are dropped");
        }
    });
}

#[test]
fn nothing_is_pulled_between_two_calls_of_next() {
    on_threads(|| {
        let pulled = AtomicUsize::new(0);
        let input = (0..).inspect(|_| {
            pulled.fetch_add(1, Ordering::Relaxed);
        });
        let mut results = work_parallel_iter(input, 1, 5).in_flight(100).into_iter();
        assert_eq!(pulled.load(Ordering::Relaxed), 0);
        assert_eq!(results.next(), Some(0));
        // The first block is short, so that the first result comes early.
        let now = pulled.load(Ordering::Relaxed);
        assert!(now <= 8, "{now} items were pulled for the first result");
        assert_eq!(results.nth(998), Some(999));
        let now = pulled.load(Ordering::Relaxed);
        assert!(now <= 1100, "{now} items were pulled for 1000 results");
        std::thread::sleep(std::time::Duration::from_millis(5));
        assert_eq!(pulled.load(Ordering::Relaxed), now, "nothing runs between two calls of `next`");
    });
}

#[test]
fn a_leaked_stream_is_harmless() {
    on_threads(|| {
        let counts = counts();
        {
            let data = vec![1_usize; 100];
            let mut results =
                pass_parallel_iter(data.iter().map(|x| Held::new(&counts, *x)), 1, usize::MAX).into_iter();
            assert!(results.next().is_some());
            std::mem::forget(results);
            drop(data);
        }
        assert!(work_parallel_iter(0..100, 1, 1).into_iter().eq(0..100), "the pool still works");
    });
}

#[test]
fn a_panic_comes_after_all_results_before_it() {
    on_threads(|| {
        for panic_at in [0, 1, 2, 99, 100, 777] {
            let counts = counts();
            let mut results = pass_parallel_iter((0..1000).map(|x| Held::new(&counts, x)), 2, panic_at).into_iter();
            for index in 0..panic_at {
                assert_eq!(results.next().map(|result| result.1), Some(index));
            }
            let payload = catch_unwind(AssertUnwindSafe(|| results.next().is_some())).expect_err("an item panics");
            assert_eq!(payload.downcast_ref(), Some(&panic_at));
            assert!(results.next().is_none() && results.next().is_none());
            drop(results);
            assert_eq!(counts[0].load(Ordering::Relaxed), 0);
        }
    });
}

#[test]
fn a_stream_ends_with_a_panic_on_one_thread_too() {
    let counts = counts();
    let mut results = pass_parallel_iter((0..6).map(|x| Held::new(&counts, x)), 0, 3).threads(1).into_iter();
    assert_eq!(results.by_ref().take(3).count(), 3);
    catch_unwind(AssertUnwindSafe(|| results.next().is_some())).expect_err("an item panics");
    assert_eq!(results.size_hint(), (0, Some(0)));
    assert!(results.next().is_none() && results.next().is_none());
}

#[test]
fn a_stream_yields_early_after_items_become_expensive() {
    #[parallelize]
    fn turn(x: u64) -> u64 {
        spin(if x >= 20_000 { 1000 } else { 0 });
        x
    }
    let start = std::time::Instant::now();
    let mut results = turn_parallel_iter(0..).into_iter();
    assert!((0..20_001).all(|x| results.next() == Some(x)));
    // A whole block of the size for cheap items would take 16 s.
    assert!(start.elapsed().as_secs() < 4);
}

/// Waits until `count` items are running at the same time. Returns whether that happened.
#[parallelize(over = _x)]
fn meet(_x: u64, count: usize, at_work: &AtomicUsize) -> bool {
    at_work.fetch_add(1, Ordering::Relaxed);
    let start = std::time::Instant::now();
    while at_work.load(Ordering::Relaxed) < count && start.elapsed().as_secs() < 10 {
        std::thread::yield_now();
    }
    at_work.load(Ordering::Relaxed) >= count
}

#[test]
fn the_first_block_has_an_item_for_each_thread() {
    on_threads(|| {
        let pulled = AtomicUsize::new(0);
        let input = (0..).inspect(|_| {
            pulled.fetch_add(1, Ordering::Relaxed);
        });
        assert_eq!(work_parallel_iter(input, 1, 1000).into_iter().next(), Some(0));
        let threads = rayon::current_num_threads();
        assert!(pulled.into_inner() <= threads.max(2));
        // The first block needs all threads at once.
        let at_work = AtomicUsize::new(0);
        let mut met = meet_parallel_iter(0..100_u64, 8, &at_work).threads(8).into_iter();
        assert_eq!(met.next(), Some(true));
    });
}

#[test]
fn a_panic_of_the_input_comes_after_all_results_before_it() {
    on_threads(|| {
        for panic_at in [0, 1, 5, 300] {
            let input = (0..1000).inspect(|x| {
                if *x == panic_at {
                    resume_unwind(Box::new(*x));
                }
            });
            let mut results = work_parallel_iter(input, 2, 2).into_iter();
            assert!((0..panic_at).all(|x| results.next() == Some(2 * x)));
            let payload = catch_unwind(AssertUnwindSafe(|| results.next())).expect_err("the input panics");
            assert_eq!(payload.downcast_ref(), Some(&panic_at));
            assert_eq!(results.next(), None);
        }
    });
}

#[test]
fn the_input_is_not_polled_after_its_end() {
    /// Yields 100 items, and panics if it is polled after its end.
    struct Once(u64, Cell<bool>);
    impl Iterator for Once {
        type Item = u64;
        fn next(&mut self) -> Option<u64> {
            assert!(!self.1.get(), "`next` is called after the end");
            self.0 += 1;
            self.1.set(self.0 > 100);
            (self.0 <= 100).then_some(self.0)
        }
    }
    on_threads(|| {
        let mut results = work_parallel_iter(Once(0, Cell::new(false)), 1, 1).into_iter();
        assert!(results.by_ref().eq(1..=100));
        assert_eq!((results.next(), results.next()), (None, None));
    });
}

#[test]
fn the_size_hint_is_the_number_of_results_left() {
    on_threads(|| {
        let mut results = work_parallel_iter(0..500, 1, 1).into_iter();
        for left in (0..=500).rev() {
            assert_eq!(results.size_hint(), (left, Some(left)));
            assert_eq!(results.next().is_some(), left > 0);
        }
        assert_eq!(work_parallel_iter(0.., 1, 1).into_iter().size_hint(), (usize::MAX, None));
    });
}

#[test]
fn a_sink_may_end_the_stream() {
    on_threads(|| {
        let runs = AtomicUsize::new(0);
        let input = (0..).inspect(|_| {
            runs.fetch_add(1, Ordering::Relaxed);
        });
        let end = work_parallel_iter(input, 1, 1).in_flight(50).try_for_each(|x| if x < 200 { Ok(()) } else { Err(x) });
        assert_eq!(end, Err(200));
        assert!(runs.into_inner() <= 251);
        assert_eq!(work_parallel_iter(0..9, 1, 1).try_for_each(|_| Some(())), Some(()));
    });
}

#[test]
fn streams_nest() {
    #[parallelize(over = x)]
    fn outer(x: u64, count: u64) -> u64 {
        work_parallel_iter(0..count, x, 1).into_iter().sum()
    }
    on_threads(|| {
        let expected = (0..50).map(|x| x * 4950);
        assert!(outer_parallel_iter(0..50, 100).into_iter().eq(expected));
    });
}
