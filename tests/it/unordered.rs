//! `for_each_unordered` and `try_for_each_unordered`: each result comes once, as completed.

use crate::alive::{Held, counts};
use crate::sinks::{delay, half_parallel_iter, pass_parallel_iter};
use crate::{on_threads, spin, within_seconds};
use parallelize::{CancelToken, StopReason, parallelize};
use std::collections::HashSet;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::Duration;

#[test]
fn unordered_results_come_once_and_one_at_a_time() {
    on_threads(|| {
        for (in_flight, item, sink) in [(1, 2, 1), (2, 5, 5), (5, 3, 20), (1_000, 0, 0), (1_000, 30, 3)] {
            let counts = counts();
            let input = (0..1_500).map(|index| Held::new(&counts, index));
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
                    Held::new(&counts, index)
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
            let input = (0..1_000).map(|index| Held::new(&counts, index));
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
