//! Async functions: a sink that waits does not starve the calls, as the consumer of a stream does.
//!
//! Between two results of a stream such as `futures::buffered`, nobody polls the calls. If the
//! consumer waits for what a call holds, both wait forever. If it waits long, a connection of a
//! call breaks.

use crate::async_tools::{ms, paused};
use futures_util::stream::{self, StreamExt};
use parallelize::parallelize;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;
use tokio::sync::{Mutex, Semaphore};
use tokio::task::yield_now;
use tokio::time::{Instant, sleep, timeout};

/// Longer than any call below takes.
const PATIENCE: Duration = Duration::from_secs(10);

/// Holds the lock while it waits.
#[parallelize(over = _item, in_flight = 2)]
async fn locked(_item: usize, lock: &Mutex<()>) {
    let _guard = lock.lock().await;
    sleep(ms(1)).await;
}

#[test]
fn a_sink_that_takes_a_lock_of_the_calls_is_no_deadlock() {
    paused(async {
        let lock = Mutex::new(());
        let calls = locked_parallel_iter(0..20, &lock);
        timeout(PATIENCE, calls.for_each(|()| locked(0, &lock))).await.expect("no deadlock");
        let calls = locked_parallel_iter(0..20, &lock);
        timeout(PATIENCE, calls.for_each_unordered(|_, ()| locked(0, &lock))).await.expect("no deadlock");

        // The same with a stream: the call that is the next to get the lock is not polled.
        let calls = stream::iter(0..20).map(|item| locked(item, &lock)).buffered(2);
        timeout(PATIENCE, calls.for_each(|()| locked(0, &lock))).await.expect_err("a deadlock");
        let calls = stream::iter(0..20).map(|item| locked(item, &lock)).buffer_unordered(2);
        timeout(PATIENCE, calls.for_each(|()| locked(0, &lock))).await.expect_err("a deadlock");
    });
}

/// Writes five times on a connection that breaks if nothing is written for 50 ms.
#[parallelize(over = item, in_flight = 3)]
async fn heartbeat(item: u64, broken: &AtomicUsize) -> u64 {
    for _ in 0..5 {
        let last = Instant::now();
        sleep(ms(10 + item % 3)).await;
        if last.elapsed() > ms(50) {
            broken.fetch_add(1, SeqCst);
        }
    }
    item
}

#[test]
fn calls_keep_their_deadlines_while_the_sink_waits() {
    paused(async {
        let broken = AtomicUsize::new(0);
        heartbeat_parallel_iter(0..12, &broken).for_each(|_| sleep(ms(500))).await;
        assert_eq!(broken.swap(0, SeqCst), 0);

        let calls = stream::iter(0..12).map(|item| heartbeat(item, &broken)).buffered(3);
        calls.for_each(|_| sleep(ms(500))).await;
        assert!(broken.load(SeqCst) > 0, "the consumer of a stream starves its calls");
    });
}

#[test]
fn a_sink_that_needs_permits_of_the_calls_gets_them() {
    #[parallelize(over = item, in_flight = 4)]
    async fn permitted(item: usize, permits: &Semaphore) -> usize {
        for _ in 0..3 {
            let permit = permits.acquire().await.expect("an open semaphore");
            yield_now().await;
            drop(permit);
        }
        item
    }
    paused(async {
        let (permits, count) = (Semaphore::new(1), AtomicUsize::new(0));
        let calls = permitted_parallel_iter(0..50, &permits);
        let sink = async |item| {
            assert_eq!(permitted(item, &permits).await, item);
            count.fetch_add(1, SeqCst);
        };
        timeout(PATIENCE, calls.for_each(sink)).await.expect("no deadlock");
        assert_eq!(count.into_inner(), 50);
    });
}

#[test]
fn a_sink_may_make_a_call_of_the_same_function() {
    paused(async {
        let lock = Mutex::new(());
        let calls = locked_parallel_iter(0..5, &lock).for_each(|()| locked_parallel(0..5, &lock));
        timeout(PATIENCE, calls).await.expect("no deadlock");
    });
}
