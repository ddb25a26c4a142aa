//! Async functions: results in input order, and how many calls run at a time.

use crate::async_tools::{Gauge, bare, ms, paused};
use futures_util::future::join;
use futures_util::stream::{self, StreamExt};
use parallelize::parallelize;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::future::{pending, poll_fn, ready};
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::{Context, Poll, Waker};
use tokio::time::{Instant, sleep};

/// Later items end earlier.
#[parallelize(over = item)]
async fn reversed(item: u64, count: u64, gauge: &Gauge) -> u64 {
    let entered = gauge.enter();
    sleep(ms(3 * (count - item))).await;
    entered.finish();
    item * 10
}

#[test]
fn results_come_in_input_order() {
    for count in [0, 1, 2, 50] {
        for in_flight in [1, 2, 16, 64, 1_000] {
            let gauge = Gauge::default();
            let calls = reversed_parallel_iter(0..count, count, &gauge).in_flight(in_flight);
            let results: Vec<u64> = paused(calls.collect());
            assert!(results.into_iter().eq((0..count).map(|item| item * 10)), "{count} items, {in_flight} in flight");
            let expected = in_flight.min(usize::try_from(count).expect("a small number"));
            assert_eq!((gauge.most(), gauge.dropped()), (expected, 0));
        }
        let gauge = Gauge::default();
        assert!(paused(reversed_parallel(0..count, count, &gauge)).into_iter().eq((0..count).map(|item| item * 10)));
    }
}

#[test]
fn at_most_in_flight_calls_run_at_a_time() {
    #[parallelize(over = _item, in_flight = 7)]
    async fn seven(_item: u64, gauge: &Gauge) {
        let entered = gauge.enter();
        sleep(ms(5)).await;
        entered.finish();
    }
    let gauge = Gauge::default();
    paused(reversed_parallel(0..200, 200, &gauge));
    assert_eq!((gauge.most(), gauge.finished()), (64, 200), "the default");

    let gauge = Gauge::default();
    paused(seven_parallel(0..100, &gauge));
    assert_eq!((gauge.most(), gauge.finished()), (7, 100), "the option");

    let gauge = Gauge::default();
    paused(seven_parallel_iter(0..100, &gauge).in_flight(3).for_each(|()| ready(())));
    assert_eq!((gauge.most(), gauge.finished()), (3, 100), "the method");
}

#[test]
#[should_panic = "in_flight"]
fn no_call_in_flight_is_a_panic() {
    let gauge = Gauge::default();
    drop(reversed_parallel_iter(0..3, 3, &gauge).in_flight(0));
}

#[test]
fn a_long_first_item_does_not_hold_the_others() {
    #[parallelize(over = item, in_flight = 4)]
    async fn first_is_long(item: u64) -> u64 {
        sleep(ms(if item == 0 { 100 } else { 10 })).await;
        item
    }
    paused(async {
        let begin = Instant::now();
        assert!(first_is_long_parallel(0..31).await.into_iter().eq(0..31));
        assert!((100..105).contains(&begin.elapsed().as_millis()), "{:?}", begin.elapsed());
        // For comparison: four results of `buffered(4)` wait behind the first one.
        let begin = Instant::now();
        assert_eq!(stream::iter((0..31).map(first_is_long)).buffered(4).count().await, 31);
        assert!(begin.elapsed() >= ms(160), "{:?}", begin.elapsed());
    });
}

#[test]
fn nothing_begins_before_the_first_poll() {
    #[parallelize(over = _item)]
    async fn endless(_item: usize, gauge: &Gauge) {
        let _entered = gauge.enter();
        pending::<()>().await;
    }
    let (gauge, pulled) = (Gauge::default(), AtomicUsize::new(0));
    let input = (0..100).inspect(|_| _ = pulled.fetch_add(1, SeqCst));
    {
        let mut call = pin!(endless_parallel_iter(input, &gauge).in_flight(10).collect::<Vec<()>>());
        assert_eq!((gauge.begun(), pulled.load(SeqCst)), (0, 0));
        for _ in 0..3 {
            assert!(call.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
            assert_eq!((gauge.begun(), gauge.running(), pulled.load(SeqCst)), (10, 10, 10));
        }
    }
    assert_eq!(gauge.dropped(), 10);
    // The eager function is lazy as well, as every future is.
    drop(endless_parallel(0..100, &gauge));
    assert_eq!(gauge.begun(), 10);
}

#[test]
fn calls_that_never_wait_leave_other_tasks_their_turn() {
    #[parallelize]
    async fn double(item: u32) -> u32 {
        item * 2
    }
    let (results, polls) = bare(double_parallel(0..100_000));
    assert!(results.into_iter().eq((0..100_000).map(|item| item * 2)));
    assert!((100..10_000).contains(&polls), "{polls} polls");

    let sum = Cell::new(0_u64);
    let add = |item: u32| {
        sum.set(sum.get() + u64::from(item));
        ready(())
    };
    let ((), polls) = bare(double_parallel_iter(0..100_000).for_each(add));
    assert_eq!(sum.get(), 9_999_900_000);
    assert!((100..10_000).contains(&polls), "{polls} polls");
}

/// Waits until it has been polled this often, and wakes itself each time.
async fn polled(times: usize) {
    let mut left = times;
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(());
        }
        left -= 1;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

#[test]
fn a_call_that_always_wakes_itself_does_not_hold_the_others() {
    #[parallelize(over = item, local)]
    async fn busy(item: usize, order: &RefCell<Vec<usize>>) -> usize {
        polled(if item == 0 { 5_000 } else { 3 }).await;
        order.borrow_mut().push(item);
        item
    }
    let order = RefCell::default();
    let calls = busy_parallel_iter(0..50, &order).in_flight(2);
    let (results, polls) = bare(calls.collect::<Vec<_>>());
    assert!(results.into_iter().eq(0..50));
    assert_eq!(order.borrow().last(), Some(&0), "the others end first");
    // The steps of a poll are limited, also for calls that wake themselves.
    assert!(polls > 10, "{polls} polls");
}

#[test]
fn calls_that_never_wait_do_not_hold_the_others() {
    #[parallelize(over = item, try_collect)]
    async fn first_waits(item: usize, begun: &AtomicUsize) -> Result<(), usize> {
        if item == 0 {
            polled(3).await;
            return Err(begun.load(SeqCst));
        }
        // Ends the call if the first item is not polled again.
        if begun.fetch_max(item, SeqCst) < 100_000 { Ok(()) } else { Err(item) }
    }
    let begun = AtomicUsize::new(0);
    let (result, _) = bare(first_waits_parallel(0.., &begun));
    assert!(result.is_err_and(|begun| begun < 2_000), "{begun:?} calls were begun");
}

#[test]
fn results_are_collected_into_any_collection() {
    #[parallelize(over = word, skip_none)]
    async fn length<'t>(word: &'t str, skipped: &str) -> Option<(&'t str, usize)> {
        polled(word.len()).await;
        (word != skipped).then_some((word, word.len()))
    }
    #[parallelize]
    async fn upper(letter: char) -> char {
        polled(letter as usize % 5).await;
        letter.to_ascii_uppercase()
    }
    let words = "a rose is a rosebud";
    assert_eq!(bare(length_parallel(words.split(' '), "a")).0, [("rose", 4), ("is", 2), ("rosebud", 7)]);
    let lengths: HashMap<&str, usize> = bare(length_parallel_iter(words.split(' '), "is").collect()).0;
    assert_eq!(lengths, HashMap::from([("a", 1), ("rose", 4), ("rosebud", 7)]));
    assert_eq!(bare(upper_parallel_iter(words.chars()).collect::<String>()).0, words.to_uppercase());
}

#[test]
fn a_call_inside_a_call_needs_no_box() {
    #[parallelize(over = page)]
    async fn crawl(page: u32, end: u32) -> u32 {
        polled(1).await;
        if page > end {
            return 1;
        }
        1 + crawl_parallel([2 * page, 2 * page + 1], end).await.into_iter().sum::<u32>()
    }
    assert_eq!(bare(crawl(1, 30)).0, 61);
}

#[test]
fn two_calls_go_on_in_one_task() {
    paused(async {
        let (first, second) = (Gauge::default(), Gauge::default());
        let begin = Instant::now();
        let (left, right) = join(reversed_parallel(0..20, 20, &first), reversed_parallel(0..20, 20, &second)).await;
        assert_eq!(left, right);
        assert!(begin.elapsed() < ms(70), "{:?}", begin.elapsed());
    });
}
