//! Async functions: a dropped call drops everything once, and `until` keeps what is finished.

use crate::async_tools::{Gauge, bare, ms, paused};
use parallelize::{Interrupted, StopReason, Stopped, parallelize};
use std::cell::RefCell;
use std::future::{pending, poll_fn, ready};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::Poll;
use tokio::time::{Instant, sleep, timeout, timeout_at};

/// Waits for `item` times 10 ms.
#[parallelize(over = item)]
async fn wait(item: u64, gauge: &Gauge) -> u64 {
    let entered = gauge.enter();
    sleep(ms(10 * item)).await;
    entered.finish();
    item
}

#[test]
fn dropping_a_call_drops_the_calls_that_run() {
    paused(async {
        let gauge = Gauge::default();
        let call = wait_parallel_iter(1.., &gauge).in_flight(8).collect::<Vec<_>>();
        timeout(ms(35), call).await.expect_err("the input has no end");
        // Items 1 to 3 are finished, and each of them has made room for another call.
        assert_eq!((gauge.finished(), gauge.dropped(), gauge.begun()), (3, 8, 11));

        let gauge = Gauge::default();
        timeout(ms(35), wait_parallel(1.., &gauge)).await.expect_err("the input has no end");
        assert_eq!((gauge.finished(), gauge.dropped(), gauge.begun()), (3, 64, 67));

        let gauge = Gauge::default();
        let sink = |item| sleep(ms(if item == 2 { 1_000 } else { 0 }));
        timeout(ms(35), wait_parallel_iter(1..100, &gauge).in_flight(8).for_each(sink)).await.expect_err("item 2");
        assert_eq!((gauge.running(), gauge.finished()), (0, 3));
    });
}

#[test]
fn everything_is_dropped_once() {
    #[parallelize(over = item)]
    async fn pass(item: (u64, Arc<()>), fixed: Arc<()>) -> (Arc<()>, Arc<()>) {
        sleep(ms(item.0)).await;
        (item.1, fixed)
    }
    let (items, fixed) = (Arc::new(()), Arc::new(()));
    let input = || (0..40).map(|item| (item * 7 % 40, Arc::clone(&items)));
    for end in [0, 1, 10, 30, 39, 100] {
        paused(async {
            // A clone of the argument per call that runs, and the argument itself.
            let call = pass_parallel(input(), Arc::clone(&fixed));
            if let Ok(results) = timeout(ms(end), call).await {
                assert_eq!((results.len(), Arc::strong_count(&items), Arc::strong_count(&fixed)), (40, 41, 41));
            }
            let calls = pass_parallel_iter(input(), Arc::clone(&fixed)).in_flight(5);
            match calls.until(sleep(ms(end))).collect::<Vec<_>>().await {
                Ok(results) => assert_eq!(results.len(), 40),
                Err(Interrupted { completed, out_of_order, .. }) => {
                    let count = completed.len() + out_of_order.len();
                    assert_eq!((Arc::strong_count(&items), Arc::strong_count(&fixed)), (count + 1, count + 1));
                }
            }
        });
        assert_eq!((Arc::strong_count(&items), Arc::strong_count(&fixed)), (1, 1), "after {end} ms");
    }
}

#[test]
fn until_keeps_what_is_finished() {
    paused(async {
        let gauge = Gauge::default();
        let list = [1, 10, 2, 3, 20, 30];
        let calls = wait_parallel_iter(list, &gauge).in_flight(5).until(sleep(ms(55)));
        let begin = Instant::now();
        let stopped = calls.collect::<Vec<_>>().await.expect_err("item 20 takes 200 ms");
        assert!((55..58).contains(&begin.elapsed().as_millis()), "{:?}", begin.elapsed());
        assert_eq!((&stopped.completed, &stopped.out_of_order), (&vec![1], &vec![(2, 2), (3, 3)]));
        assert_eq!(stopped.reason, StopReason::Cancelled);
        assert_eq!(stopped.to_string(), "the call was cancelled after 3 items");
        // Items 10, 20 and 30 are dropped.
        assert_eq!((gauge.begun(), gauge.dropped()), (6, 3));

        // The deadline is not reached.
        let calls = wait_parallel_iter([3, 2, 1], &gauge).until(sleep(ms(55)));
        assert_eq!(calls.collect::<Vec<_>>().await, Ok(vec![3, 2, 1]));
        // Any future will do, and it need not be `Unpin`.
        let calls = wait_parallel_iter([3, 2, 1], &gauge).until(pending::<String>());
        assert_eq!(calls.collect::<Vec<_>>().await, Ok(vec![3, 2, 1]));
    });
}

#[test]
fn nothing_begins_after_the_stop() {
    let gauge = Gauge::default();
    let (stopped, _) = bare(wait_parallel_iter(0.., &gauge).until(ready(())).collect::<Vec<_>>());
    let Interrupted { completed, out_of_order, .. } = stopped.expect_err("it is stopped before it begins");
    assert_eq!((completed.len(), out_of_order.len(), gauge.begun()), (0, 0, 0));
}

#[test]
fn a_stop_is_noticed_although_calls_never_wait() {
    #[parallelize(over = item)]
    async fn count(item: usize, begun: &AtomicUsize) -> usize {
        begun.fetch_add(1, SeqCst);
        item
    }
    let begun = AtomicUsize::new(0);
    let end = poll_fn(|context| {
        // What does not wait must ask again.
        context.waker().wake_by_ref();
        if begun.load(SeqCst) > 1_000 { Poll::Ready(()) } else { Poll::Pending }
    });
    let (stopped, _) = bare(count_parallel_iter(0.., &begun).until(end).collect::<Vec<_>>());
    let Interrupted { completed, out_of_order, .. } = stopped.expect_err("the input has no end");
    assert!(completed.iter().copied().eq(0..begun.load(SeqCst)) && out_of_order.is_empty());
    assert!(begun.load(SeqCst) < 3_000, "{begun:?} calls were begun");
}

#[test]
fn the_first_error_is_still_that_of_the_loop() {
    #[parallelize(over = item, try_collect)]
    async fn attempt(item: u64, failing: u64) -> Result<u64, u64> {
        sleep(ms(10 * item)).await;
        if item == failing { Err(item) } else { Ok(item) }
    }
    paused(async {
        let attempt = |failing, millis| {
            attempt_parallel_iter([4, 3, 2, 1], failing).until(sleep(ms(millis))).try_collect::<Vec<_>>()
        };
        assert_eq!(attempt(9, 100).await, Ok(Ok(vec![4, 3, 2, 1])));
        assert_eq!(attempt(3, 100).await, Ok(Err(3)));
        let Interrupted { completed, out_of_order, .. } = attempt(9, 25).await.expect_err("3 takes 30 ms");
        assert_eq!((completed, out_of_order), (vec![], vec![(2, 2), (3, 1)]));
        // The stop comes before it is known whether 4 fails as well.
        let Interrupted { completed, .. } = attempt(3, 35).await.expect_err("4 takes 40 ms");
        assert!(completed.is_empty());
    });
}

#[test]
fn sinks_get_what_is_finished_before_the_stop() {
    paused(async {
        let gauge = Gauge::default();
        let seen = RefCell::new(Vec::new());
        let push = |item| {
            seen.borrow_mut().push(item);
            ready(())
        };
        let list = [1, 2, 9, 3, 4];
        let stopped: Result<(), Stopped> = wait_parallel_iter(list, &gauge).until(sleep(ms(55))).for_each(push).await;
        assert_eq!(stopped.map_err(|stopped| stopped.to_string()), Err(String::from("the call was cancelled")));
        // Results 3 and 4 are behind the missing one, so they are not in order.
        assert_eq!(seen.take(), [1, 2]);

        let end = wait_parallel_iter(list, &gauge).until(sleep(ms(500))).for_each(push).await;
        assert_eq!((end, seen.take()), (Ok(()), list.to_vec()));

        let indexed = |index, item| push(item + 100 * index as u64);
        let calls = wait_parallel_iter(list, &gauge).until(sleep(ms(55)));
        calls.for_each_unordered(indexed).await.expect_err("item 9");
        assert_eq!(seen.take(), [1, 102, 303, 404]);

        let until_two = |item| ready(if item == 2 { ControlFlow::Break(item) } else { ControlFlow::Continue(()) });
        let end = wait_parallel_iter(list, &gauge).until(sleep(ms(55))).try_for_each(until_two).await;
        assert_eq!(end, Ok(ControlFlow::Break(2)));
        let end = wait_parallel_iter([5, 6], &gauge).until(sleep(ms(30))).try_for_each(until_two).await;
        assert_eq!(end.map_err(|stopped| stopped.reason), Err(StopReason::Cancelled));
        assert_eq!(gauge.running(), 0);
    });
}

#[test]
fn an_item_can_have_a_deadline_of_its_own() {
    #[parallelize(over = item, try_collect)]
    async fn limited(item: u64, limit: Instant) -> Result<u64, String> {
        let work = async {
            sleep(ms(10 * item)).await;
            item
        };
        timeout_at(limit, work).await.map_err(|_| format!("item {item} takes too long"))
    }
    paused(async {
        assert_eq!(limited_parallel([5, 1], Instant::now() + ms(55)).await, Ok(vec![5, 1]));
        let late = limited_parallel([1, 7, 6], Instant::now() + ms(55)).await;
        assert_eq!(late, Err(String::from("item 7 takes too long")));
    });
}
