//! Async functions: a bar counts the calls that are finished, and a span contains their events.

use crate::async_tools::{Gauge, ms, paused, runtimes};
use crate::tracing::Log;
use futures_util::future::join;
use parallelize::indicatif::ProgressBar;
use parallelize::{ItemPanic, parallelize};
use std::future::ready;
use tokio::time::{sleep, timeout};
use tracing::{Instrument, info, info_span};

/// Waits for `item` times 10 ms.
#[parallelize(over = item)]
async fn wait(item: u64, gauge: &Gauge) -> Option<u64> {
    let entered = gauge.enter();
    sleep(ms(10 * item)).await;
    entered.finish();
    (item < 90).then_some(item)
}

#[test]
fn finished_calls_are_counted() {
    paused(async {
        let (gauge, bar) = (Gauge::default(), ProgressBar::hidden());
        let results: Vec<_> = wait_parallel_iter(0..50, &gauge).progress(bar.clone()).collect().await;
        assert_eq!((results.len(), bar.position(), bar.length()), (50, 50, Some(50)));
        assert!(!bar.is_finished(), "the call does not finish the user's bar");

        // A bar counts for several calls, and an input may not know its length.
        let calls = wait_parallel_iter((0..50).filter(|item| item % 2 == 0), &gauge).progress(bar.clone());
        calls.for_each(|_| ready(())).await;
        assert_eq!(bar.position(), 75);
        let bar = ProgressBar::hidden();
        let calls = wait_parallel_iter(0..7, &gauge).progress(bar.clone()).skip_none();
        calls.for_each_unordered(|_, _| ready(())).await;
        assert_eq!((bar.position(), bar.length()), (7, Some(7)));
    });
}

#[test]
fn calls_are_counted_when_they_are_finished_and_not_when_their_results_are_taken() {
    for runtime in runtimes() {
        runtime.block_on(async {
            let (gauge, bar) = (Gauge::default(), ProgressBar::hidden());
            // The others wait behind the first item. The bar is drawn now and then, in real time.
            let calls = wait_parallel_iter([80, 1, 2, 3, 4], &gauge).progress(bar.clone());
            let watch = async {
                while gauge.finished() < 5 {
                    if bar.position() == 4 {
                        return true;
                    }
                    sleep(ms(10)).await;
                }
                false
            };
            let (count, is_counted) = join(calls.collect::<Vec<_>>(), watch).await;
            assert!(is_counted, "the bar shows the calls behind the first item");
            assert_eq!((count.len(), bar.position()), (5, 5));
        });
    }
}

#[test]
fn a_call_that_ends_early_counts_its_finished_items() {
    paused(async {
        let (gauge, bar) = (Gauge::default(), ProgressBar::hidden());
        let calls = wait_parallel_iter([95, 1, 2, 3, 99], &gauge).progress(bar.clone());
        assert_eq!(calls.try_collect::<Vec<_>>().await, None);
        // Item 99 ends too late, and item 95 is the failure.
        assert!((3..=4).contains(&bar.position()), "{}", bar.position());

        let bar = ProgressBar::hidden();
        let calls = wait_parallel_iter(1.., &gauge).progress(bar.clone());
        timeout(ms(55), calls.collect::<Vec<_>>()).await.expect_err("the input has no end");
        assert_eq!(bar.position(), 5);

        let bar = ProgressBar::hidden();
        let calls = wait_parallel_iter(1.., &gauge).until(sleep(ms(35))).progress(bar.clone());
        let stopped = calls.collect::<Vec<_>>().await.expect_err("the input has no end");
        assert_eq!((bar.position(), stopped.completed.len()), (3, 3));
    });
}

#[test]
fn caught_panics_and_the_option() {
    #[parallelize(over = item, progress = "checking", catch_panics)]
    async fn odd(item: u64) -> u64 {
        sleep(ms(item)).await;
        assert!(item % 2 == 1, "even");
        item
    }
    #[parallelize(over = item, progress, try_collect, in_flight = 3)]
    async fn small(item: u64, end: u64) -> Result<(), u64> {
        sleep(ms(item)).await;
        if item < end { Ok(()) } else { Err(item) }
    }
    #[parallelize(over = item, progress)]
    async fn nothing(item: u64) {
        sleep(ms(item)).await;
    }
    paused(async {
        let results: Vec<Result<u64, ItemPanic>> = odd_parallel(0..10).await;
        assert_eq!(results.iter().flatten().sum::<u64>(), 25);
        let bar = ProgressBar::hidden();
        let caught = odd_parallel_iter(0..10).progress(bar.clone()).collect::<Vec<_>>().await;
        assert_eq!((caught.len(), bar.position()), (10, 10));
        assert_eq!(small_parallel(0..9, 5).await, Err(5));
        nothing_parallel(0..9).await;
    });
}

#[parallelize(over = item)]
async fn told(item: u64, times: u64) -> u64 {
    for _ in 0..times {
        info!("before");
        sleep(ms(5)).await;
        info!("after");
    }
    item
}

#[test]
fn the_span_contains_every_poll_and_nothing_else() {
    let (log, ()) = Log::of(None, || {
        paused(async {
            let call = async { told_parallel(0..6, 2).await.len() }.instrument(info_span!("around"));
            let other = async {
                for _ in 0..10 {
                    info!("other");
                    sleep(ms(2)).await;
                }
            };
            assert_eq!(join(call, other).await.0, 6);
            info!("behind");
        });
    });
    for (message, count) in [("before", 12), ("after", 12)] {
        let entries = log.by(message);
        assert_eq!(entries.len(), count);
        assert!(entries.iter().all(|entry| entry.spans == ["around", "call"]), "{entries:?}");
    }
    let outside = [log.by("other"), log.by("behind")].concat();
    assert!(outside.len() == 11 && outside.iter().all(|entry| entry.spans.is_empty()), "{outside:?}");
}

#[test]
fn a_call_inside_a_call_is_a_span_inside_its_span() {
    #[parallelize(over = item)]
    async fn outer(item: u64, times: u64) -> u64 {
        told_parallel(0..item, times).await.into_iter().sum()
    }
    let (log, sums) = Log::of(None, || paused(outer_parallel(0..4, 1)));
    assert_eq!(sums, [0, 0, 1, 3]);
    let entries = [log.by("before"), log.by("after")].concat();
    assert_eq!(entries.len(), 12);
    assert!(entries.iter().all(|entry| entry.spans == ["call", "call"]), "{entries:?}");
}

#[test]
fn a_sink_is_outside_of_the_span_of_its_items_or_inside_of_the_call() {
    let (log, ()) = Log::of(None, || {
        paused(told_parallel_iter(0..3, 1).for_each(async |_| {
            info!("sink");
            sleep(ms(5)).await;
        }));
    });
    let entries = log.by("sink");
    // As for a call on threads, whose sink runs inside of the call.
    assert!(entries.len() == 3 && entries.iter().all(|entry| entry.spans.len() <= 1), "{entries:?}");
}
