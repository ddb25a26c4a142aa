//! Async functions: the first error and the first panic in input order, whichever is first in time.

use crate::async_tools::{Gauge, ms, paused};
use futures_util::FutureExt;
use parallelize::{ItemPanic, parallelize};
use std::future::ready;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use tokio::time::sleep;

/// What happens in an item, and after which time in milliseconds.
#[derive(Clone, Copy)]
enum Fate {
    Pass(u64),
    Fail(u64),
    Panic(u64),
}

use Fate::{Fail, Panic, Pass};

#[parallelize(over = item, try_collect)]
async fn attempt(item: usize, fates: &[Fate], gauge: &Gauge) -> Result<usize, usize> {
    let entered = gauge.enter();
    let fate = fates.get(item).copied().unwrap_or(Pass(60));
    let (Pass(millis) | Fail(millis) | Panic(millis)) = fate;
    sleep(ms(millis)).await;
    entered.finish();
    match fate {
        Pass(_) => Ok(item),
        Fail(_) => Err(item),
        Panic(_) => resume_unwind(Box::new(item)),
    }
}

/// Awaits a call, and returns its value or the payload of its panic.
async fn outcome<T>(call: impl Future<Output = T>) -> Result<T, usize> {
    let caught = AssertUnwindSafe(call).catch_unwind().await;
    caught.map_err(|payload| *payload.downcast().expect("the payload of an item"))
}

#[test]
fn the_first_error_is_that_of_the_loop() {
    // Item 3 fails long after item 7.
    let mut fates = [Pass(60); 10];
    (fates[3], fates[7]) = (Fail(50), Fail(1));
    paused(async {
        for round in 0..100 {
            let gauge = Gauge::default();
            let result = attempt_parallel_iter(0.., &fates, &gauge).in_flight(10).try_collect::<Vec<_>>().await;
            assert_eq!(result, Err(3), "round {round}");
            // No call is begun after the error of item 7, and calls above it are dropped. Items 0
            // to 2, which take longer than item 3, are finished.
            assert_eq!((gauge.begun(), gauge.finished(), gauge.dropped()), (10, 5, 5), "round {round}");
        }
    });
}

#[test]
fn a_failure_ends_an_endless_input() {
    paused(async {
        for at in [0, 1, 6, 7, 63, 64, 500] {
            let mut fates = vec![Pass(1); at];
            fates.push(Fail(5));
            let gauge = Gauge::default();
            assert_eq!(attempt_parallel(0.., &fates, &gauge).await, Err(at));
            assert!(gauge.most() <= 64 && gauge.running() == 0);

            fates[at] = Panic(5);
            let gauge = Gauge::default();
            let calls = attempt_parallel_iter(0.., &fates, &gauge).in_flight(7);
            assert_eq!(outcome(calls.collect::<Vec<_>>()).await, Err(at));
            assert!(gauge.most() <= 7 && gauge.running() == 0);
        }
    });
}

#[test]
fn an_error_and_a_panic_are_compared_by_their_items() {
    for (third, seventh, expected) in [
        (Fail(50), Panic(1), Ok(Err(3))),
        (Panic(50), Fail(1), Err(3)),
        (Panic(50), Panic(1), Err(3)),
        (Panic(1), Panic(50), Err(3)),
        (Pass(50), Panic(1), Err(7)),
        (Fail(1), Fail(50), Ok(Err(3))),
    ] {
        let mut fates = [Pass(10); 20];
        (fates[3], fates[7]) = (third, seventh);
        for in_flight in [1, 2, 5, 20] {
            let gauge = Gauge::default();
            let calls = attempt_parallel_iter(0..20, &fates, &gauge).in_flight(in_flight);
            assert_eq!(paused(outcome(calls.try_collect::<Vec<_>>())), expected);
        }
    }
}

#[test]
fn errors_are_results_without_try_collect() {
    let mut fates = [Pass(10); 20];
    (fates[3], fates[7]) = (Fail(50), Fail(1));
    let gauge = Gauge::default();
    let results: Vec<Result<usize, usize>> = paused(attempt_parallel_iter(0..20, &fates, &gauge).collect());
    assert!(results.into_iter().eq((0..20).map(|item| if [3, 7].contains(&item) { Err(item) } else { Ok(item) })));
}

#[test]
fn a_function_without_a_value_can_fail() {
    #[parallelize(over = item, try_collect)]
    async fn check(item: u64, limit: u64) -> Result<(), String> {
        sleep(ms(100 - item)).await;
        if item < limit { Ok(()) } else { Err(format!("{item} is too large")) }
    }
    #[parallelize(over = item, try_collect)]
    async fn halve(item: u64, by: u64) -> Option<u64> {
        sleep(ms(100 - item)).await;
        item.is_multiple_of(by).then(|| item / by)
    }
    paused(async {
        let all: Result<(), String> = check_parallel(0..50, 50).await;
        assert_eq!(all, Ok(()));
        assert_eq!(check_parallel(0..50, 20).await, Err(String::from("20 is too large")));
        assert_eq!(halve_parallel([2, 4, 6], 2).await, Some(vec![1, 2, 3]));
        assert_eq!(halve_parallel([2, 5, 6], 2).await, None);
    });
}

/// An input that panics instead of yielding item 5.
fn broken() -> impl Iterator<Item = usize> + Send {
    (0..20).inspect(|item| {
        if *item == 5 {
            resume_unwind(Box::new(1_005_usize));
        }
    })
}

#[test]
fn a_panic_of_the_input_comes_after_the_items_before_it() {
    paused(async {
        for in_flight in [1, 4, 6, 64] {
            let gauge = Gauge::default();
            let fates = [Pass(30), Pass(10), Pass(20)];
            let calls = attempt_parallel_iter(broken(), &fates, &gauge).in_flight(in_flight);
            assert_eq!(outcome(calls.collect::<Vec<_>>()).await, Err(1_005), "{in_flight} in flight");
            assert_eq!((gauge.begun(), gauge.finished()), (5, 5), "items before it are finished");

            for (fate, expected) in [(Fail(70), Ok(Err(4))), (Panic(70), Err(4))] {
                let fates = [Pass(1), Pass(1), Pass(1), Pass(1), fate];
                let gauge = Gauge::default();
                let calls = attempt_parallel_iter(broken(), &fates, &gauge).in_flight(in_flight);
                assert_eq!(outcome(calls.try_collect::<Vec<_>>()).await, expected, "{in_flight} in flight");
            }
        }
    });
}

#[test]
fn a_function_may_panic_before_it_returns_a_future() {
    #[parallelize(over = item)]
    fn early(item: usize, bad: usize) -> impl Future<Output = usize> + Send {
        if item == bad {
            resume_unwind(Box::new(item));
        }
        async move {
            sleep(ms(20)).await;
            item
        }
    }
    assert_eq!(paused(outcome(early_parallel(0..20, 7))), Err(7));
    assert_eq!(paused(outcome(early_parallel(0..20, 20))), Ok((0..20).collect()));
}

#[test]
fn panics_can_be_caught() {
    #[parallelize(over = item, catch_panics)]
    async fn odd(item: u64, begun: &AtomicUsize) -> u64 {
        begun.fetch_add(1, SeqCst);
        sleep(ms(20 - item)).await;
        assert!(item % 2 == 1, "{item} is even");
        item
    }
    #[parallelize(over = item)]
    async fn third(item: u64, by: u64) -> Option<u64> {
        sleep(ms(20 - item)).await;
        assert!(item != 6, "six");
        item.is_multiple_of(by).then_some(item)
    }
    let begun = AtomicUsize::new(0);
    let results: Vec<Result<u64, ItemPanic>> = paused(odd_parallel(0..20, &begun));
    assert_eq!((results.len(), begun.into_inner()), (20, 20));
    for (item, result) in results.into_iter().enumerate() {
        match result {
            Ok(value) => assert!(item % 2 == 1 && value == item as u64),
            Err(panic) => assert_eq!(panic.to_string(), format!("item {item} panicked: {item} is even")),
        }
    }

    let shown = |results: Vec<Result<u64, ItemPanic>>| {
        let texts = results.into_iter().map(|result| result.map_or_else(|panic| panic.to_string(), |n| n.to_string()));
        texts.collect::<Vec<_>>()
    };
    let calls = third_parallel_iter(0..10, 3).skip_none().catch_panics();
    assert_eq!(shown(paused(calls.collect())), ["0", "3", "item 6 panicked: six", "9"]);
    let again = third_parallel_iter(0..10, 3).catch_panics().skip_none();
    assert_eq!(shown(paused(again.collect())), ["0", "3", "item 6 panicked: six", "9"]);
}

/// Panics when it is dropped.
#[derive(Debug, PartialEq)]
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        assert!(!std::thread::panicking(), "two panics at once abort the process");
        resume_unwind(Box::new(99_usize));
    }
}

#[test]
fn what_panics_behind_a_failure_when_it_is_dropped_does_not_replace_it() {
    #[parallelize(over = item, try_collect)]
    async fn armed(item: usize, failing: usize, panics: bool, is_result: bool) -> Result<Option<Bomb>, usize> {
        let bomb = (item > failing).then(|| Bomb);
        // With `is_result`, later calls have ended by then. Otherwise they are dropped.
        sleep(ms(if item == failing || !is_result { 5 } else { 1 })).await;
        if item == failing && panics {
            resume_unwind(Box::new(item));
        }
        if item == failing { Err(item) } else { Ok(bomb) }
    }
    for is_result in [false, true] {
        assert_eq!(paused(outcome(armed_parallel(0..10, 4, false, is_result))), Ok(Err(4)));
        assert_eq!(paused(outcome(armed_parallel(0..10, 4, true, is_result))), Err(4));
        // A sink that ends the call.
        let calls = armed_parallel_iter(0..10, 4, false, is_result).try_for_each(|result| ready(result.map(drop)));
        assert_eq!(paused(outcome(calls)), Ok(Err(4)));
    }
}
