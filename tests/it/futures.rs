//! Work in the background as a future, with an executor that polls only what is woken.

use crate::running::{spawn_sum, sum, wait_until};
use crate::within_seconds;
use parallelize::spawn;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

/// Wakes a thread, and counts how often.
struct Alarm {
    thread: Thread,
    count: AtomicUsize,
}

impl Alarm {
    fn new() -> Arc<Self> {
        Arc::new(Alarm { thread: thread::current(), count: AtomicUsize::new(0) })
    }
}

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        self.count.fetch_add(1, Ordering::Release);
        self.thread.unpark();
    }
}

/// Runs a future on this thread. It is polled only when it is woken, so a lost wake-up hangs.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    let (mut future, alarm) = (pin!(future), Alarm::new());
    let (waker, mut seen) = (Waker::from(Arc::clone(&alarm)), 0);
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return value;
        }
        while alarm.count.load(Ordering::Acquire) == seen {
            thread::park();
        }
        seen = alarm.count.load(Ordering::Acquire);
    }
}

#[test]
fn results_are_awaited() {
    within_seconds(60, || {
        for round in 0..200 {
            assert_eq!(block_on(spawn(move || round)), round);
        }
        let sums = block_on(async {
            let running: Vec<_> = (0..20).map(spawn_sum).collect();
            let mut sums = Vec::new();
            for running in running {
                sums.push(running.await);
            }
            sums
        });
        assert!(sums.into_iter().eq((0..20).map(sum)));
        let outcome = catch_unwind(|| block_on(async { spawn(|| resume_unwind(Box::new(3)) as u8).await }));
        assert_eq!(outcome.expect_err("it panics").downcast_ref(), Some(&3));
    });
}

#[test]
fn a_task_is_woken_once_and_by_its_latest_waker() {
    within_seconds(60, || {
        let (release, released) = mpsc::channel::<()>();
        let mut running = pin!(spawn(move || released.recv().is_ok()));
        let (first, second) = (Alarm::new(), Alarm::new());
        for alarm in [&first, &second] {
            let waker = Waker::from(Arc::clone(alarm));
            // It returns at once, although the work waits.
            assert_eq!(running.as_mut().poll(&mut Context::from_waker(&waker)), Poll::Pending);
        }
        thread::sleep(Duration::from_millis(5));
        assert_eq!(second.count.load(Ordering::Acquire), 0, "it has not finished");
        release.send(()).expect("it waits");
        wait_until(|| second.count.load(Ordering::Acquire) > 0);
        assert!(running.is_finished());
        let mut context = Context::from_waker(Waker::noop());
        assert_eq!(running.as_mut().poll(&mut context), Poll::Ready(true));
        assert_eq!((first.count.load(Ordering::Acquire), second.count.load(Ordering::Acquire)), (0, 1));
        // As for the handles of tokio, a finished future must not be polled again.
        assert!(catch_unwind(AssertUnwindSafe(|| running.as_mut().poll(&mut context))).is_err());
    });
}

#[test]
fn a_waker_that_panics_does_no_harm() {
    struct Bomb(mpsc::Sender<()>);
    impl Wake for Bomb {
        fn wake(self: Arc<Self>) {
            let _ = self.0.send(());
            resume_unwind(Box::new("no executor"));
        }
    }
    within_seconds(60, || {
        let (sender, woken) = mpsc::channel();
        let (release, released) = mpsc::channel::<()>();
        let mut running = pin!(spawn(move || released.recv().is_ok()));
        let waker = Waker::from(Arc::new(Bomb(sender)));
        assert!(running.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        release.send(()).expect("it waits");
        woken.recv().expect("it is woken");
        assert_eq!(running.as_mut().poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(true));
        assert_eq!(spawn_sum(2).join(), sum(2));
    });
}

#[test]
fn a_polled_handle_can_be_joined() {
    within_seconds(60, || {
        let mut running = spawn_sum(5);
        let poll = pin!(&mut running).as_mut().poll(&mut Context::from_waker(Waker::noop()));
        match poll {
            Poll::Ready(result) => assert_eq!(result, sum(5)),
            Poll::Pending => assert_eq!(running.join(), sum(5)),
        }
    });
}
