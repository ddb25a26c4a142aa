//! `for_each` and its relatives: items go on while the sink works, in order or as they complete.

use crate::{on_threads, spin, within_seconds};
use parallelize::{CancelToken, StopReason, parallelize};
use rayon::ThreadPoolBuilder;
use std::cell::RefCell;
use std::collections::HashSet;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::Duration;

/// An item that counts how many of its kind are alive, and records the maximum.
struct Alive<'a>(&'a [AtomicUsize; 2], usize);

impl<'a> Alive<'a> {
    fn new(counts: &'a [AtomicUsize; 2], index: usize) -> Self {
        let now = counts[0].fetch_add(1, Ordering::Relaxed) + 1;
        counts[1].fetch_max(now, Ordering::Relaxed);
        Alive(counts, index)
    }
}

impl Drop for Alive<'_> {
    fn drop(&mut self) {
        self.0[0].fetch_sub(1, Ordering::Relaxed);
    }
}

/// A delay that looks random: most items are short, some are long.
fn delay(index: usize, micros: u64) -> u64 {
    let hash = (index as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
    if hash % 40 == 0 { 30 * micros } else { hash % 2 * micros }
}

#[parallelize(over = item)]
fn pass(item: Alive<'_>, micros: u64, panic_at: usize) -> Alive<'_> {
    spin(delay(item.1, micros));
    if item.1 == panic_at {
        resume_unwind(Box::new(item.1));
    }
    item
}

fn counts() -> [AtomicUsize; 2] {
    [AtomicUsize::new(0), AtomicUsize::new(0)]
}

#[test]
fn order_and_bound_hold_under_random_delays() {
    on_threads(|| {
        for (in_flight, item, sink) in [(1, 2, 1), (2, 5, 5), (5, 3, 20), (64, 20, 2), (1_000, 0, 0), (1_000, 0, 3)] {
            let counts = counts();
            let mut next = 0;
            let input = (0..1_500).map(|index| Alive::new(&counts, index));
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
        let input = (0..300).map(|index| Alive::new(&counts, index));
        pass_parallel_iter(input, 10, usize::MAX).for_each(|result| seen.borrow_mut().push(result.1));
        assert!(seen.take().into_iter().eq(0..300));
    });
}

#[test]
fn a_panic_of_an_item_comes_after_all_results_before_it() {
    on_threads(|| {
        for panic_at in [0, 1, 2, 63, 64, 99, 777] {
            let (counts, mut next) = (counts(), 0);
            let input = (0..1_000).map(|index| Alive::new(&counts, index));
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
                    Alive::new(&counts, index)
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
fn half(x: usize) -> Option<usize> {
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
        let input = (0..).map(|index| Alive::new(&counts, index));
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
        let mut results = 0;
        wait_parallel_iter(input).threads(2).for_each(|x| {
            assert_eq!(x, results);
            results += 1;
            // The next items begin although the sink has not returned.
            if results == 3 {
                let target = begun.load(Ordering::Relaxed) + 2;
                while begun.load(Ordering::Relaxed) < target {
                    thread::yield_now();
                }
            }
        });
        assert_eq!(results, 100);
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

#[test]
fn unordered_results_come_once_and_one_at_a_time() {
    on_threads(|| {
        for (in_flight, item, sink) in [(1, 2, 1), (2, 5, 5), (5, 3, 20), (1_000, 0, 0), (1_000, 30, 3)] {
            let counts = counts();
            let input = (0..1_500).map(|index| Alive::new(&counts, index));
            let mut seen = vec![0; 1_500];
            let is_inside = AtomicBool::new(false);
            pass_parallel_iter(input, item, usize::MAX).in_flight(in_flight).for_each_unordered(|index, result| {
                assert!(!is_inside.swap(true, Ordering::Relaxed));
                assert_eq!(index, result.1);
                spin(delay(7 * index, sink));
                seen[index] += 1;
                is_inside.store(false, Ordering::Relaxed);
            });
            assert!(seen.iter().all(|count| *count == 1));
            assert_eq!(counts[0].load(Ordering::Relaxed), 0);
        }
    });
}

#[test]
fn unordered_results_come_while_another_item_runs() {
    within_seconds(60, || {
        let (send, receive) = mpsc::channel();
        let receive = Mutex::new(receive);
        let mut order = Vec::new();
        // The first item ends when the sink has got the others.
        until_parallel_iter(0..4, &receive).threads(4).for_each_unordered(|index, ()| {
            order.push(index);
            if order.len() == 3 {
                send.send(()).expect("a receiver");
            }
        });
        assert_eq!(order.pop(), Some(0));
    });
}

#[test]
fn all_results_come_while_another_item_runs() {
    within_seconds(60, || {
        let (send, receive) = mpsc::channel();
        let receive = Mutex::new(receive);
        let mut count = 0;
        // The sink is slow, so that one thread gets the results of many others.
        until_parallel_iter(0..20, &receive).threads(20).for_each_unordered(|_, ()| {
            thread::sleep(Duration::from_millis(3));
            count += 1;
            if count == 19 {
                send.send(()).expect("a receiver");
            }
        });
        assert_eq!(count, 20);
    });
}

#[parallelize(over = x)]
fn until(x: usize, receive: &Mutex<mpsc::Receiver<()>>) {
    if x == 0 {
        receive.lock().expect("not poisoned").recv().expect("a sender");
    }
}

#[test]
fn an_unordered_sink_that_fails_ends_the_call() {
    on_threads(|| {
        for (fail_at, micros) in [(0, 0), (0, 50), (20, 5), (300, 0)] {
            for panics in [false, true] {
                let (counts, begun, mut calls) = (counts(), AtomicUsize::new(0), 0);
                let input = (0..).map(|index| {
                    begun.fetch_add(1, Ordering::Relaxed);
                    Alive::new(&counts, index)
                });
                let iter = pass_parallel_iter(input, micros, usize::MAX);
                let end = catch_unwind(AssertUnwindSafe(|| {
                    iter.try_for_each_unordered(|index, _| {
                        calls += 1;
                        match index == fail_at {
                            false => ControlFlow::Continue(()),
                            true if panics => resume_unwind(Box::new("sink")),
                            true => ControlFlow::Break(index),
                        }
                    })
                }));
                match end {
                    Ok(end) => assert!(!panics && end == ControlFlow::Break(fail_at)),
                    Err(payload) => assert!(panics && payload.downcast_ref() == Some(&"sink")),
                }
                assert!(calls <= begun.into_inner());
                assert_eq!(counts[0].load(Ordering::Relaxed), 0);
            }
        }
    });
}

#[test]
fn an_unordered_call_panics_and_stops_like_others() {
    on_threads(|| {
        for panic_at in [0, 1, 99, 777] {
            let (counts, mut seen) = (counts(), HashSet::new());
            let input = (0..1_000).map(|index| Alive::new(&counts, index));
            let calls = pass_parallel_iter(input, 5, panic_at);
            let ended = catch_unwind(AssertUnwindSafe(|| {
                calls.for_each_unordered(|index, _| assert!(seen.insert(index)));
            }));
            assert_eq!(ended.expect_err("an item panics").downcast_ref(), Some(&panic_at));
            assert!((0..panic_at).all(|index| seen.contains(&index)) && !seen.contains(&panic_at));
            assert_eq!(counts[0].load(Ordering::Relaxed), 0);
        }
        let (token, mut results) = (CancelToken::new(), 0);
        let calls = half_parallel_iter(0..).skip_none().cancel_with(&token);
        let end = calls.for_each_unordered(|index, x| {
            assert_eq!(index, 2 * x);
            results += 1;
            if results == 100 {
                token.cancel();
            }
        });
        assert_eq!(end.expect_err("it was cancelled").reason, StopReason::Cancelled);
        assert!(results >= 100);
    });
}

#[test]
fn an_unordered_call_of_one_thread_is_the_serial_loop() {
    let events = Mutex::new(Vec::new());
    let input = (0..50).inspect(|x| events.lock().expect("not poisoned").push(("pulled", *x)));
    half_parallel_iter(input).threads(1).for_each_unordered(|index, _| {
        events.lock().expect("not poisoned").push(("finished", index));
    });
    let expected = (0..50).flat_map(|x| [("pulled", x), ("finished", x)]);
    assert!(events.into_inner().expect("not poisoned").into_iter().eq(expected));
    half_parallel_iter(0..0).for_each_unordered(|_, _| unreachable!());
}
