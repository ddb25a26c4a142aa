//! Async functions: sinks, which overlap with the calls.

use crate::async_tools::{Gauge, bare, ms, paused, spawned};
use parallelize::parallelize;
use std::cell::{Cell, RefCell};
use std::future::ready;
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;
use std::sync::Mutex;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};

/// Waits for `item` times `millis`.
#[parallelize(over = item)]
async fn wait(item: u64, millis: u64, gauge: &Gauge) -> u64 {
    let entered = gauge.enter();
    sleep(ms(item * millis)).await;
    entered.finish();
    item
}

#[test]
fn results_come_in_input_order() {
    paused(async {
        for in_flight in [1, 3, 64] {
            let (gauge, seen) = (Gauge::default(), RefCell::new(Vec::new()));
            let list = [7, 1, 5, 3, 0, 2];
            let calls = wait_parallel_iter(list, 10, &gauge).in_flight(in_flight);
            let end: () = calls
                .for_each(async |item| {
                    sleep(ms(12)).await;
                    seen.borrow_mut().push(item);
                })
                .await;
            assert_eq!((end, seen.take()), ((), list.to_vec()));
        }
    });
}

#[test]
fn calls_go_on_while_the_sink_waits() {
    #[parallelize(in_flight = 1)]
    async fn ten(item: u64) -> u64 {
        sleep(ms(10)).await;
        item
    }
    paused(async {
        let begin = Instant::now();
        ten_parallel_iter(0..20).for_each(|_| sleep(ms(10))).await;
        // One after the other would take 400 ms.
        assert!((200..230).contains(&begin.elapsed().as_millis()), "{:?}", begin.elapsed());
        let begin = Instant::now();
        ten_parallel_iter(0..20).for_each_unordered(|_, _| sleep(ms(10))).await;
        assert!((200..230).contains(&begin.elapsed().as_millis()), "{:?}", begin.elapsed());
    });
}

#[test]
fn a_slow_sink_holds_a_bounded_number_of_results() {
    let (gauge, taken, most) = (Gauge::default(), Cell::new(0), Cell::new(0));
    let take = async |_| {
        // This result is with the sink.
        taken.set(taken.get() + 1);
        sleep(ms(1_000)).await;
        most.set(most.get().max(gauge.begun() - taken.get()));
    };
    paused(wait_parallel_iter((0..60).map(|_| 1), 1, &gauge).in_flight(4).for_each(take));
    assert_eq!((taken.get(), gauge.most()), (60, 4));
    assert!((5..=8).contains(&most.get()), "{} items and results are held", most.get());

    // The first call takes long, and the results behind it are held as well.
    let (gauge, taken) = (Gauge::default(), Cell::new(0));
    let take = |item| {
        let held = gauge.begun() - taken.get();
        assert!(held <= 8, "{held} items and results are held");
        taken.set(taken.get() + 1);
        assert!(item != 500 || gauge.begun() >= 6, "calls go on behind the first one");
        ready(())
    };
    paused(wait_parallel_iter([500].into_iter().chain((0..60).map(|_| 1)), 1, &gauge).in_flight(4).for_each(take));
    assert_eq!((taken.get(), gauge.most()), (61, 4));
}

#[test]
fn a_sink_can_end_the_call() {
    const LIST: &[u64] = &[9, 1, 2, 5, 4, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1];
    let in_order = |list: &'static [u64], end: u64| {
        let (gauge, seen) = (Gauge::default(), RefCell::new(Vec::new()));
        let result = paused(wait_parallel_iter(list.iter().copied(), 10, &gauge).in_flight(3).try_for_each(
            async |item| -> Result<(), String> {
                seen.borrow_mut().push(item);
                sleep(ms(1)).await;
                if item == end { Err(format!("{item} is enough")) } else { Ok(()) }
            },
        ));
        assert_eq!(gauge.running(), 0);
        assert!(gauge.begun() <= seen.borrow().len() + 6);
        (result, seen.take())
    };
    assert_eq!(in_order(&[3, 2, 1], 9), (Ok(()), vec![3, 2, 1]));
    assert_eq!(in_order(LIST, 5), (Err(String::from("5 is enough")), vec![9, 1, 2, 5]));
    assert_eq!(in_order(LIST, 9), (Err(String::from("9 is enough")), vec![9]));
}

#[test]
fn results_as_completed() {
    let gauge = Gauge::default();
    let seen = RefCell::new(Vec::new());
    paused(wait_parallel_iter([30, 10, 20, 0], 1, &gauge).for_each_unordered(|index, item| {
        seen.borrow_mut().push((index, item));
        ready(())
    }));
    assert_eq!(seen.take(), [(3, 0), (1, 10), (2, 20), (0, 30)]);

    // The fastest of four mirrors, whose index the sink returns.
    let first = paused(async {
        let begin = Instant::now();
        let calls = wait_parallel_iter([300, 20, 300, 300], 1, &gauge);
        let end = calls.try_for_each_unordered(async |index, _| ControlFlow::<usize>::Break(index)).await;
        assert!(begin.elapsed() < ms(30), "{:?}", begin.elapsed());
        end
    });
    assert_eq!(first, ControlFlow::Break(1));
    assert_eq!((gauge.running(), gauge.dropped()), (0, 3));

    let sum = Cell::new(0);
    let add = |index: usize, item: u64| {
        sum.set(sum.get() + item);
        ready(if index == 99 { None } else { Some(()) })
    };
    assert_eq!(paused(wait_parallel_iter(0..50, 1, &gauge).in_flight(7).try_for_each_unordered(add)), Some(()));
    assert_eq!(sum.get(), 1_225);
}

#[test]
fn a_panic_of_the_sink_drops_the_calls() {
    for is_ordered in [true, false] {
        let gauge = Gauge::default();
        let sink = async |item: u64| {
            sleep(ms(1)).await;
            if item == 3 {
                resume_unwind(Box::new(item));
            }
        };
        let calls = wait_parallel_iter(0.., 10, &gauge).in_flight(5);
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            paused(async {
                if is_ordered {
                    calls.for_each(sink).await;
                } else {
                    calls.for_each_unordered(async |_, item| sink(item).await).await;
                }
            });
        }));
        assert_eq!(outcome.expect_err("item 3").downcast_ref(), Some(&3_u64));
        assert_eq!(gauge.running(), 0);
    }
}

#[test]
fn a_panic_of_a_call_comes_after_the_results_before_it() {
    #[parallelize(over = item)]
    async fn fall(item: u64, at: u64) -> u64 {
        sleep(ms(20 - item)).await;
        if item == at {
            resume_unwind(Box::new(item));
        }
        item
    }
    let seen = RefCell::new(Vec::new());
    let push = |item| {
        seen.borrow_mut().push(item);
        sleep(ms(5))
    };
    let outcome = catch_unwind(AssertUnwindSafe(|| paused(fall_parallel_iter(0..20, 7).for_each(push))));
    assert_eq!(outcome.expect_err("item 7").downcast_ref(), Some(&7_u64));
    assert!(seen.take().into_iter().eq(0..7));
}

#[test]
fn the_forms_of_a_sink() {
    #[parallelize(over = item)]
    async fn add(item: u32, by: u32) -> u32 {
        tokio::task::yield_now().await;
        item + by
    }
    // A sink of a task that is spawned borrows what is shared, or owns what it needs.
    spawned(|| async {
        let seen = Mutex::new(Vec::new());
        add_parallel_iter(0..20, 5)
            .for_each(async |item| {
                tokio::task::yield_now().await;
                seen.lock().expect("no panic").push(item);
            })
            .await;
        let seen_again = &seen;
        add_parallel_iter(20..40, 5)
            .for_each(|item| async move {
                tokio::task::yield_now().await;
                seen_again.lock().expect("no panic").push(item);
            })
            .await;
        assert!(seen.into_inner().expect("no panic").into_iter().eq(5..45));

        let (sender, mut receiver) = mpsc::channel(2);
        let reader = tokio::spawn(async move {
            let mut all = Vec::new();
            while let Some(item) = receiver.recv().await {
                all.push(item);
            }
            all
        });
        let end = add_parallel_iter(0..20, 5).try_for_each(|item| sender.send(item)).await;
        drop(sender);
        assert!(end.is_ok() && reader.await.expect("no panic").into_iter().eq(5..25));
    });
    // On one thread, the sink need not be `Send`.
    let seen = Rc::new(RefCell::new(Vec::new()));
    let push = |item| {
        let seen = Rc::clone(&seen);
        async move { seen.borrow_mut().push(item) }
    };
    paused(add_parallel_iter(0..20, 5).for_each(push));
    assert!(seen.take().into_iter().eq(5..25));
    // A plain closure does its work before it returns a future that is ready.
    let mut sum = 0;
    let plain = |item| {
        sum += item;
        ready(())
    };
    paused(add_parallel_iter(0..20, 5).for_each(plain));
    assert_eq!(sum, 290);
}

#[test]
fn options_of_the_function_apply_to_sinks() {
    #[parallelize(over = item, skip_none)]
    async fn even(item: u32, by: u32) -> Option<u32> {
        item.is_multiple_of(by).then_some(item)
    }
    #[parallelize(over = item, catch_panics)]
    async fn small(item: u32, end: u32) -> u32 {
        assert!(item < end, "too large");
        item
    }
    let seen = RefCell::new(Vec::new());
    bare(even_parallel_iter(0..10, 3).for_each(async |item: u32| seen.borrow_mut().push(item)));
    assert_eq!(seen.take(), [0, 3, 6, 9]);
    let count = Cell::new(0);
    let errors = small_parallel_iter(0..10, 7).for_each_unordered(async |index, result| {
        assert_eq!(result.is_err(), index >= 7);
        count.set(count.get() + 1);
    });
    bare(errors);
    assert_eq!(count.get(), 10);
}
