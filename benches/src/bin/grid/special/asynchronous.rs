//! Async functions, compared with a loop of awaits and with the streams of `futures`.

use super::memory::peak;
use super::row::{Figures, Row, once};
use futures_util::stream::{self, StreamExt};
use parallelize::parallelize;
use parallelize_benches::harness::{Call, quantile};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::hint::black_box;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;
use tokio::sync::Mutex;

/// Number of calls of a row whose calls do not wait for a clock.
const MANY: u64 = 100_000;

/// Number of waits, the time of each, and how many of them are in flight.
const WAITS: u64 = 100_000;
const WAIT: Duration = Duration::from_millis(1);
const WAITS_IN_FLIGHT: u64 = 1_000;

/// Share of the speed of another contender that counts as the same, if most of the time is a wait.
const AS_FAST: f64 = 0.97;

/// Wakes the thread of an executor.
struct Alarm {
    thread: Thread,
    rings: AtomicBool,
}

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.rings.swap(true, Ordering::AcqRel) {
            self.thread.unpark();
        }
    }
}

/// Runs a future on this thread. `wait` is called while nothing is woken.
fn block_on<T>(future: impl Future<Output = T>, wait: impl Fn()) -> T {
    let alarm = Arc::new(Alarm { thread: thread::current(), rings: AtomicBool::new(false) });
    let (mut future, waker) = (pin!(future), Waker::from(Arc::clone(&alarm)));
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return value;
        }
        while !alarm.rings.swap(false, Ordering::AcqRel) {
            wait();
        }
    }
}

/// Runs a future whose calls wait for each other only.
fn run<T>(future: impl Future<Output = T>) -> T {
    block_on(future, thread::park)
}

/// Lets other calls go on once.
async fn yield_once() {
    let mut is_first = true;
    poll_fn(|context| {
        if !is_first {
            return Poll::Ready(());
        }
        is_first = false;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

thread_local! {
    /// Who waits on this thread, and until when. All wait for the same time, so they are sorted.
    static SLEEPERS: RefCell<VecDeque<(Instant, Waker)>> = const { RefCell::new(VecDeque::new()) };
}

/// Waits for [`WAIT`], with a clock that has no ticks.
async fn wait() {
    let mut end = None;
    poll_fn(|context| match end {
        Some(end) if Instant::now() >= end => Poll::Ready(()),
        Some(_) => Poll::Pending,
        None => {
            let until = Instant::now() + WAIT;
            end = Some(until);
            SLEEPERS.with_borrow_mut(|sleepers| sleepers.push_back((until, context.waker().clone())));
            Poll::Pending
        }
    })
    .await;
}

/// Wakes all whose time has come. If there is none, spins.
fn wake_sleepers() {
    let now = Instant::now();
    loop {
        let due = |sleepers: &mut VecDeque<(Instant, Waker)>| {
            if sleepers.front()?.0 <= now { sleepers.pop_front() } else { None }
        };
        let Some((_, waker)) = SLEEPERS.with_borrow_mut(due) else { return };
        waker.wake();
    }
}

/// Runs a future whose calls wait for [`WAIT`].
fn run_with_clock<T>(future: impl Future<Output = T>) -> T {
    let value = block_on(future, wake_sleepers);
    SLEEPERS.take();
    value
}

#[parallelize(over = x)]
async fn ready(x: u64, by: u64) -> u64 {
    x.wrapping_mul(by)
}

#[parallelize(over = x)]
async fn yielding(x: u64, by: u64) -> u64 {
    yield_once().await;
    x.wrapping_mul(by)
}

#[parallelize(over = x)]
async fn locking(x: u64, lock: &Mutex<u64>) -> u64 {
    let mut last = lock.lock().await;
    yield_once().await;
    *last = x;
    x
}

#[parallelize(over = x)]
async fn waiting(x: u64, by: u64) -> u64 {
    wait().await;
    x.wrapping_mul(by)
}

#[parallelize(over = x)]
async fn ticking(x: u64, by: u64) -> u64 {
    tokio::time::sleep(WAIT).await;
    x.wrapping_mul(by)
}

/// Measures a function in four ways: a loop of awaits, this crate, and both streams of `futures`.
macro_rules! four_ways {
    ($run:expr, $rounds:expr, $count:expr, $in_flight:expr, $serial:expr, $f:ident, $iter:ident, $y:expr) => {{
        let (count, in_flight) = (black_box($count), usize::try_from($in_flight).expect("a small number"));
        let ours: Call<(), Vec<u64>> = &|()| $run($iter(0..count, $y).in_flight(in_flight).collect::<Vec<_>>());
        let buffered: Call<(), Vec<u64>> =
            &|()| $run(stream::iter((0..count).map(|x| $f(x, $y))).buffered(in_flight).collect());
        let unordered: Call<(), Vec<u64>> =
            &|()| $run(stream::iter((0..count).map(|x| $f(x, $y))).buffer_unordered(in_flight).collect());
        let serial: Call<(), Vec<u64>> = $serial;
        let contenders =
            [("loop", serial), ("parallelize", ours), ("buffered", buffered), ("buffer_unordered", unordered)];
        Figures::of(&contenders, once($rounds), || ())
    }};
}

/// A loop of awaits, which is what a function with one call at a time does.
macro_rules! loop_of_awaits {
    ($f:ident, $y:expr) => {
        &|()| {
            run(async {
                let mut results = Vec::with_capacity(usize::try_from(MANY).expect("a small number"));
                for x in 0..black_box(MANY) {
                    results.push($f(x, $y).await);
                }
                results
            })
        }
    };
}

/// Adds the time per call of each contender, and wants at least this share of the speed of
/// `buffered`.
fn against_buffered(figures: Figures, count: u64, least: f64) -> Figures {
    let nanos = |at: usize, quantile_at: f64| quantile(&figures.times[at].seconds, quantile_at) * 1e9 / count as f64;
    let texts: Vec<String> = (0..figures.times.len())
        .map(|at| format!("{} {:.0} ({:.0})", figures.times[at].name, nanos(at, 0.5), nanos(at, 0.9)))
        .collect();
    let pairs = figures.times[2].seconds.iter().zip(&figures.ours().seconds);
    let ratios: Vec<f64> = pairs.map(|(buffered, ours)| buffered / ours).collect();
    let (median, worst) = (quantile(&ratios, 0.5), quantile(&ratios, 0.1));
    figures
        .note(format!("ns per call: {}", texts.join(", ")))
        .note(format!("{median:.2} ({worst:.2}) x the speed of buffered"))
        .goal(format!("{least:.2} x buffered"), median >= least)
}

/// Wants at most 1.1 times this time in the median.
fn near(figures: Figures, ideal: f64, name: &str) -> Figures {
    let seconds = quantile(&figures.ours().seconds, 0.5);
    let worst = quantile(&figures.ours().seconds, 0.9);
    figures
        .note(format!("{:.1} ({:.1}) ms", seconds * 1e3, worst * 1e3))
        .goal(format!("at most 1.1 x {name}, {:.1} ms", ideal * 1e3), seconds <= 1.1 * ideal)
}

/// The tasks of an ideal scheduler: each makes its share of the calls, one after the other.
macro_rules! loops {
    ($run:expr, $f:ident) => {
        &|()| {
            let task = |first: u64| async move {
                let mut results = Vec::new();
                for x in first..first + WAITS / WAITS_IN_FLIGHT {
                    results.push($f(x, 3).await);
                }
                results
            };
            let starts = (0..WAITS).step_by(usize::try_from(WAITS / WAITS_IN_FLIGHT).expect("a small number"));
            $run(futures_util::future::join_all(starts.map(task))).concat()
        }
    };
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime of this thread")
}

pub fn rows() -> Vec<Row> {
    vec![
        Row::new("async, ready at once, 64 in flight", |_| {
            let figures = four_ways!(run, 101, MANY, 64_u64, loop_of_awaits!(ready, 3), ready, ready_parallel_iter, 3);
            against_buffered(figures, MANY, 1.0)
        }),
        Row::new("async, yields once, 64 in flight", |_| {
            let serial = loop_of_awaits!(yielding, 3);
            let figures = four_ways!(run, 101, MANY, 64_u64, serial, yielding, yielding_parallel_iter, 3);
            against_buffered(figures, MANY, 1.0)
        }),
        Row::new("async, yields once, 1000 in flight", |_| {
            let serial = loop_of_awaits!(yielding, 3);
            let figures = four_ways!(run, 101, MANY, 1_000_u64, serial, yielding, yielding_parallel_iter, 3);
            against_buffered(figures, MANY, 1.0)
        }),
        Row::new("async, all want one lock, 64 in flight", |_| {
            let lock = Mutex::new(0);
            let serial = loop_of_awaits!(locking, &lock);
            let figures = four_ways!(run, 101, MANY, 64_u64, serial, locking, locking_parallel_iter, &lock);
            against_buffered(figures, MANY, 1.0)
        }),
        Row::new("async, 10^5 waits of 1 ms, 1000 in flight", |_| {
            let serial = loops!(run_with_clock, waiting);
            let figures =
                four_ways!(run_with_clock, 21, WAITS, WAITS_IN_FLIGHT, serial, waiting, waiting_parallel_iter, 3);
            let ideal = WAIT.as_secs_f64() * (WAITS / WAITS_IN_FLIGHT) as f64;
            near(against_buffered(figures, WAITS, AS_FAST), ideal, "the ideal time")
        }),
        Row::new("async, 10^5 waits of 1 ms on tokio, 1000 in flight", |_| {
            // Its clock has ticks of 1 ms, so a wait takes longer than 1 ms.
            let runtime = runtime();
            let serial = loops!(|future| runtime.block_on(future), ticking);
            let figures = four_ways!(
                |future| runtime.block_on(future),
                11,
                WAITS,
                WAITS_IN_FLIGHT,
                serial,
                ticking,
                ticking_parallel_iter,
                3
            );
            let ideal = quantile(&figures.times[0].seconds, 0.5);
            near(against_buffered(figures, WAITS, AS_FAST), ideal, "1000 loops of awaits")
        }),
        Row::new("async, memory of 10^5 waits, 1000 in flight", |_| {
            let (Some(buffered), Some(ours)) = (peak("async buffered"), peak("async parallelize")) else {
                return Figures::default().note("this system does not report the peak of a process");
            };
            let figures = Figures::default().note(format!("buffered {buffered} kB, parallelize {ours} kB"));
            figures.goal("at most 1.1 x the memory of buffered", ours as f64 <= 1.1 * buffered as f64)
        })
        .with_default_allocator(),
    ]
}

/// Makes the calls whose memory is measured.
pub fn run_once(contender: &str) {
    let in_flight = usize::try_from(WAITS_IN_FLIGHT).expect("a small number");
    let results: Vec<u64> = if contender == "async buffered" {
        let calls = stream::iter((0..black_box(WAITS)).map(|x| waiting(x, 3)));
        run_with_clock(calls.buffered(in_flight).collect())
    } else {
        run_with_clock(waiting_parallel_iter(0..black_box(WAITS), 3).in_flight(in_flight).collect())
    };
    black_box(results);
}
