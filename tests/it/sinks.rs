//! `for_each` and `try_for_each`: items go on while the sink works, which gets the results in
//! order.

use crate::alive::{Held, counts};
use crate::{on_threads, spin, within_seconds};
use parallelize::{CancelToken, StopReason, parallelize};
use rayon::ThreadPoolBuilder;
use std::cell::RefCell;
use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// A delay that looks random: most items are short, some are long.
pub(crate) fn delay(index: usize, micros: u64) -> u64 {
    let hash = (index as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
    if hash % 40 == 0 { 30 * micros } else { hash % 2 * micros }
}

#[parallelize(over = item)]
pub(crate) fn pass(item: Held<'_>, micros: u64, panic_at: usize) -> Held<'_> {
    spin(delay(item.1, micros));
    if item.1 == panic_at {
        resume_unwind(Box::new(item.1));
    }
    item
}

#[test]
fn order_and_bound_hold_under_random_delays() {
    on_threads(|| {
        for (in_flight, item, sink) in [(1, 2, 1), (2, 5, 5), (5, 3, 20), (64, 20, 2), (1_000, 0, 0), (1_000, 0, 3)] {
            let counts = counts();
            let mut next = 0;
            let input = (0..1_500).map(|index| Held::new(&counts, index));
            pass_parallel_iter(input, item, usize::MAX).in_flight(in_flight).for_each(|result| {
                assert_eq!(result.1, next);
                spin(delay(7 * next, sink));
                next += 1;
            });
            assert_eq!(next, 1_500);
            // The sink holds one more.
            assert!(counts[1].load(Ordering::Relaxed) <= in_flight + 1, "{in_flight}: {counts:?}");
            assert_eq!(counts[0].load(Ordering::Relaxed), 0);
        }
    });
}

#[test]
fn the_sink_needs_no_bounds() {
    on_threads(|| {
        let seen = Rc::new(RefCell::new(Vec::new()));
        let counts = counts();
        let input = (0..300).map(|index| Held::new(&counts, index));
        pass_parallel_iter(input, 10, usize::MAX).for_each(|result| seen.borrow_mut().push(result.1));
        assert!(seen.take().into_iter().eq(0..300));
    });
}

#[test]
fn a_panic_of_an_item_comes_after_all_results_before_it() {
    on_threads(|| {
        for panic_at in [0, 1, 2, 63, 64, 99, 777] {
            let (counts, mut next) = (counts(), 0);
            let input = (0..1_000).map(|index| Held::new(&counts, index));
            let calls = pass_parallel_iter(input, 5, panic_at);
            let ended = catch_unwind(AssertUnwindSafe(|| {
                calls.for_each(|result| {
                    assert_eq!(result.1, next);
                    next += 1;
                });
            }));
            assert_eq!(ended.expect_err("an item panics").downcast_ref(), Some(&panic_at));
            assert_eq!((next, counts[0].load(Ordering::Relaxed)), (panic_at, 0));
        }
    });
}

#[test]
fn a_sink_that_fails_or_panics_ends_the_call() {
    on_threads(|| {
        for (fail_at, micros) in [(0, 0), (0, 100), (1, 20), (70, 0), (100, 5), (900, 10)] {
            for panics in [false, true] {
                let (counts, pulled, mut calls) = (counts(), AtomicUsize::new(0), 0);
                let input = (0..).map(|index| {
                    pulled.store(index + 1, Ordering::Relaxed);
                    Held::new(&counts, index)
                });
                let iter = pass_parallel_iter(input, micros, usize::MAX).in_flight(100);
                let end = catch_unwind(AssertUnwindSafe(|| {
                    iter.try_for_each(|result| {
                        calls += 1;
                        match result.1 == fail_at {
                            false => Ok(()),
                            true if panics => resume_unwind(Box::new("sink")),
                            true => Err(result.1),
                        }
                    })
                }));
                match end {
                    Ok(end) => assert!(!panics && end == Err(fail_at)),
                    Err(payload) => assert!(panics && payload.downcast_ref() == Some(&"sink")),
                }
                assert_eq!((calls, counts[0].load(Ordering::Relaxed)), (fail_at + 1, 0));
                assert!(pulled.into_inner() <= fail_at + 1 + 100);
            }
        }
    });
}

#[parallelize]
pub(crate) fn half(x: usize) -> Option<usize> {
    spin(delay(x, 3));
    (x % 2 == 0).then_some(x / 2)
}

#[test]
fn options_keep_their_meaning() {
    on_threads(|| {
        let mut halves = Vec::new();
        half_parallel_iter(0..2_001).skip_none().for_each(|x| halves.push(x));
        assert!(halves.drain(..).eq(0..1_001));
        half_parallel_iter(0..501).skip_none().in_flight(3).for_each(|x| halves.push(x));
        assert!(halves.drain(..).eq(0..251));
        half_parallel_iter(0..101).threads(9).for_each(|x| halves.extend(x));
        assert!(halves.drain(..).eq(0..51));
        half_parallel_iter(0..101).threads(1).for_each(|x| halves.extend(x));
        assert!(halves.drain(..).eq(0..51));
        half_parallel_iter(0..501).catch_panics().for_each(|x| halves.extend(x.expect("no panic")));
        assert!(halves.into_iter().eq(0..251));
    });
}

#[test]
fn stops_at_any_moment_lose_nothing() {
    let pool = ThreadPoolBuilder::new().num_threads(3).build().expect("a small pool");
    for round in 0..200 {
        let token = CancelToken::new();
        let (counts, mut next) = (counts(), 0);
        let input = (0..).map(|index| Held::new(&counts, index));
        let stop_at = round * 7 % 900;
        let calls = pass_parallel_iter(input, 2, usize::MAX).in_flight(50).cancel_with(&token);
        let end = thread::scope(|scope| {
            if round % 2 == 0 {
                let after = Duration::from_micros(round as u64 * 13);
                let token = &token;
                scope.spawn(move || {
                    thread::sleep(after);
                    token.cancel();
                });
            }
            pool.install(|| {
                calls.for_each(|result| {
                    assert_eq!(result.1, next);
                    next += 1;
                    if round % 2 == 1 && next > stop_at {
                        token.cancel();
                    }
                })
            })
        });
        assert_eq!(end.expect_err("it was cancelled").reason, StopReason::Cancelled);
        assert!(round % 2 == 0 || next > stop_at);
        assert_eq!(counts[0].load(Ordering::Relaxed), 0);
    }
}

#[test]
fn workers_go_on_while_the_sink_works() {
    within_seconds(60, || {
        let begun = AtomicUsize::new(0);
        let input = (0..100_usize).inspect(|_| _ = begun.fetch_add(1, Ordering::Relaxed));
        let (mut results, mut overlapped) = (0, 0);
        // More threads than a pool has, so that other tests do not keep them busy.
        wait_parallel_iter(input).threads(64).in_flight(8).for_each(|x| {
            assert_eq!(x, results);
            results += 1;
            let before = begun.load(Ordering::Relaxed);
            thread::sleep(Duration::from_millis(3));
            overlapped += usize::from(begun.load(Ordering::Relaxed) > before);
        });
        // Items begin although the sink has not returned, as soon as the worker is awake.
        assert!(results == 100 && overlapped > 0, "{overlapped} of {results}");
    });
}

#[parallelize]
fn wait(x: usize) -> usize {
    thread::sleep(Duration::from_millis(1));
    x
}

#[parallelize(over = x, per_thread(seen = HashSet::new()))]
fn number(x: usize, seen: &mut HashSet<usize>) -> usize {
    spin(20);
    seen.insert(x);
    seen.len()
}

#[test]
fn each_thread_has_one_state() {
    on_threads(|| {
        let (mut ones, mut count) = (0, 0);
        number_parallel_iter(0..300).for_each(|len| {
            ones += usize::from(len == 1);
            count += 1;
        });
        // Each thread has one state.
        assert!(count == 300 && (1..=8).contains(&ones), "{ones} states");
    });
}

#[test]
fn a_sink_may_need_the_pool() {
    within_seconds(60, || {
        let pool = ThreadPoolBuilder::new().num_threads(3).build().expect("a small pool");
        pool.install(|| {
            let mut count = 0;
            number_parallel_iter(0..).try_for_each(|_| {
                // All threads of the pool take part in it.
                count += rayon::broadcast(|_| 1).into_iter().sum::<usize>();
                if count < 600 { Some(()) } else { None }
            });
            assert_eq!(count, 600);
        });
    });
}

#[test]
fn the_input_of_a_call_with_a_sink_may_need_its_pool() {
    within_seconds(60, || {
        let pool = ThreadPoolBuilder::new().num_threads(2).build().expect("a small pool");
        let (sender, receiver) = mpsc::channel();
        thread::scope(|scope| {
            scope.spawn(|| {
                let sender = sender;
                for x in 0..60 {
                    thread::sleep(Duration::from_millis(2));
                    sender.send(pool.install(|| x)).expect("the call receives");
                }
            });
            let mut count = 0;
            pool.install(|| {
                number_parallel_iter(receiver).for_each(|_| {
                    thread::sleep(Duration::from_millis(5));
                    count += 1;
                });
            });
            assert_eq!(count, 60);
        });
    });
}
