//! Helpers of the tests of async functions: runtimes, a bare executor, and a gauge of calls.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

pub(crate) fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Returns a runtime of one thread, and one of two.
pub(crate) fn runtimes() -> [Runtime; 2] {
    [Builder::new_current_thread(), Builder::new_multi_thread()]
        .map(|mut builder| builder.worker_threads(2).enable_all().build().expect("a runtime"))
}

/// Runs a future on a runtime whose clock does not wait: if no task can go on, the time of the next
/// timer has come.
pub(crate) fn paused<T>(future: impl Future<Output = T>) -> T {
    let mut builder = Builder::new_current_thread();
    builder.enable_time().start_paused(true).build().expect("a runtime of one thread").block_on(future)
}

/// Spawns a task on runtimes of one thread and of two, and waits for its end.
///
/// The task must be `Send`, on both of them.
pub(crate) fn spawned<F>(task: impl Fn() -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    for runtime in runtimes() {
        runtime.block_on(async { tokio::spawn(task()).await.expect("no panic") });
    }
}

/// Wakes a thread, and counts how often.
struct Alarm {
    thread: Thread,
    count: AtomicUsize,
}

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        self.count.fetch_add(1, SeqCst);
        self.thread.unpark();
    }
}

/// Runs a future on this thread, without timers and other threads.
///
/// The future is polled only when it is woken, so a lost wake-up hangs. Returns its value, and how
/// often it was polled.
pub(crate) fn bare<T>(future: impl Future<Output = T>) -> (T, usize) {
    let (mut future, mut seen) = (pin!(future), 0);
    let alarm = Arc::new(Alarm { thread: thread::current(), count: AtomicUsize::new(0) });
    let waker = Waker::from(Arc::clone(&alarm));
    for polls in 1.. {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return (value, polls);
        }
        while alarm.count.load(SeqCst) == seen {
            thread::park();
        }
        seen = alarm.count.load(SeqCst);
    }
    unreachable!("the loop has no end")
}

/// Counts calls: begun, finished, dropped before their end, and running at a time.
#[derive(Default)]
pub(crate) struct Gauge {
    begun: AtomicUsize,
    finished: AtomicUsize,
    dropped: AtomicUsize,
    most: AtomicUsize,
}

/// A call that a [`Gauge`] counts, until it is finished or dropped.
pub(crate) struct Entered<'gauge> {
    gauge: &'gauge Gauge,
    is_finished: bool,
}

impl Gauge {
    pub(crate) fn enter(&self) -> Entered<'_> {
        self.begun.fetch_add(1, SeqCst);
        self.most.fetch_max(self.running(), SeqCst);
        Entered { gauge: self, is_finished: false }
    }

    pub(crate) fn begun(&self) -> usize {
        self.begun.load(SeqCst)
    }

    pub(crate) fn finished(&self) -> usize {
        self.finished.load(SeqCst)
    }

    /// The number of calls that were dropped before their end.
    pub(crate) fn dropped(&self) -> usize {
        self.dropped.load(SeqCst)
    }

    /// The number of calls that run now.
    pub(crate) fn running(&self) -> usize {
        self.begun() - self.finished() - self.dropped()
    }

    /// The most calls that have run at a time.
    pub(crate) fn most(&self) -> usize {
        self.most.load(SeqCst)
    }
}

impl Entered<'_> {
    pub(crate) fn finish(mut self) {
        self.is_finished = true;
    }
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        let count = if self.is_finished { &self.gauge.finished } else { &self.gauge.dropped };
        count.fetch_add(1, SeqCst);
    }
}
