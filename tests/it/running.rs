//! Work in the background: its result, its panic, its handle, and the thread that runs it.

use crate::futures::block_on;
use crate::{on_threads, spin, within_seconds};
use parallelize::{CancelToken, DropGuard, Running, StopReason, parallelize, spawn};
use rayon::ThreadPoolBuilder;
use rayon::prelude::*;
use std::cell::Cell;
use std::panic::{catch_unwind, resume_unwind};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

#[parallelize(over = x)]
fn work(x: u64, micros: u64, table: &[u64]) -> u64 {
    spin(micros);
    x + table[0]
}

/// A call in the background that returns the sum of its results.
pub(crate) fn spawn_sum(first: u64) -> Running<u64> {
    let table = vec![first];
    spawn(move || work_parallel(0..50, 10, &table).into_iter().sum())
}

pub(crate) fn sum(first: u64) -> u64 {
    1225 + 50 * first
}

/// Waits until `is_done`, and panics if that takes too long.
pub(crate) fn wait_until(is_done: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_done() {
        assert!(start.elapsed() < Duration::from_secs(30), "it does not happen");
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn a_result_arrives() {
    within_seconds(60, || {
        on_threads(|| {
            assert_eq!(spawn_sum(3).join(), sum(3));
            assert_eq!(spawn(|| "no call at all").join(), "no call at all");
        });
    });
}

#[test]
fn work_may_need_the_thread_that_joins_it() {
    within_seconds(60, || {
        let pool = ThreadPoolBuilder::new().num_threads(2).build().expect("a small pool");
        pool.install(|| {
            for _ in 0..20 {
                let (begin, has_begun) = mpsc::channel();
                let running = spawn(move || {
                    begin.send(()).expect("a thread waits for this");
                    // `join` has probably begun by then.
                    spin(1_000);
                    rayon::broadcast(|_| 1).into_iter().sum::<u32>()
                });
                has_begun.recv().expect("the other thread runs the work");
                assert_eq!(running.join(), 2);
            }
        });
    });
}

#[test]
fn results_are_fetched_in_any_order() {
    within_seconds(60, || {
        on_threads(|| {
            // 7 and 20 have no common divisor.
            for order in [|i| i, |i| 19 - i, |i| i * 7 % 20] {
                let mut running: Vec<_> = (0..20).map(|first| Some(spawn_sum(first))).collect();
                for first in (0..20).map(order) {
                    let running = running[usize::try_from(first).expect("small")].take().expect("joined once");
                    assert_eq!(running.join(), sum(first));
                }
            }
        });
    });
}

#[test]
fn work_is_ready_when_it_has_finished_and_not_before() {
    within_seconds(60, || {
        let (release, released) = mpsc::channel();
        let running = spawn(move || released.recv().map_or(0, |x: u64| work_parallel(0..x, 1, &[1]).len()));
        for _ in 0..3 {
            thread::sleep(Duration::from_millis(5));
            assert!(!running.is_finished());
        }
        assert_eq!(format!("{running:?}"), "Running { is_finished: false, .. }");
        release.send(7).expect("it waits");
        wait_until(|| running.is_finished());
        assert_eq!(format!("{running:?}"), "Running { is_finished: true, .. }");
        assert_eq!(running.join(), 7);

        let running = spawn(|| resume_unwind(Box::new("failed")));
        wait_until(|| running.is_finished());
        let outcome: Result<(), _> = catch_unwind(|| running.join());
        assert_eq!(outcome.expect_err("it panics").downcast_ref(), Some(&"failed"));
    });
}

struct PanicsOnDrop;

impl Drop for PanicsOnDrop {
    fn drop(&mut self) {
        resume_unwind(Box::new("a drop"));
    }
}

#[test]
fn a_panic_is_resumed_with_its_payload() {
    #[parallelize(over = x)]
    fn check(x: u64, bad: u64) -> u64 {
        if x >= bad {
            resume_unwind(Box::new(x));
        }
        x
    }
    within_seconds(60, || {
        on_threads(|| {
            // Joined at once, and after it has finished or while others are in front of it.
            let running: Vec<_> = (0..10).map(|bad| spawn(move || check_parallel(0..100, bad))).collect();
            for (bad, running) in (0_u64..).zip(running) {
                let payload = catch_unwind(|| running.join()).expect_err("it panics");
                assert_eq!(payload.downcast_ref(), Some(&bad));
            }
            // The pool goes on after panics that nobody sees, also that of a result's drop.
            drop(spawn(|| resume_unwind(Box::new("nobody joins")) as ()));
            drop(spawn(|| PanicsOnDrop));
            let finished = spawn(|| PanicsOnDrop);
            thread::sleep(Duration::from_millis(5));
            drop(finished);
            assert_eq!(spawn_sum(1).join(), sum(1));
        });
    });
}

#[test]
fn dropped_handles_go_on() {
    within_seconds(60, || {
        let finished = Arc::new(AtomicUsize::new(0));
        on_threads(|| {
            for _ in 0..20 {
                let finished = Arc::clone(&finished);
                drop(spawn(move || {
                    work_parallel(0..20, 10, &[1]);
                    finished.fetch_add(1, Ordering::Relaxed);
                }));
            }
        });
        wait_until(|| finished.load(Ordering::Relaxed) == 80);
    });
}

/// Begins an endless call that ends with the guard.
fn spawn_endless() -> (DropGuard, Running<(usize, StopReason)>) {
    let token = CancelToken::new();
    let guard = token.clone().drop_guard();
    let running = spawn(move || {
        let interrupted = work_parallel_iter(0.., 1, &[0]).cancel_with(&token).collect::<Vec<_>>();
        let interrupted = interrupted.expect_err("the input has no end");
        assert!(interrupted.completed.iter().copied().eq(0..interrupted.completed.len() as u64));
        (interrupted.completed.len(), interrupted.reason)
    });
    (guard, running)
}

#[test]
fn a_guard_ends_a_call_with_its_handle() {
    within_seconds(60, || {
        let (guard, running) = spawn_endless();
        thread::sleep(Duration::from_millis(20));
        assert!(!running.is_finished());
        drop(guard);
        assert_eq!(running.join().1, StopReason::Cancelled);

        // Nobody joins this one, and it ends as well.
        let (ended, has_ended) = mpsc::channel::<()>();
        let token = CancelToken::new();
        let handle = (
            token.clone().drop_guard(),
            spawn(move || {
                work_parallel_iter(0.., 1, &[0]).cancel_with(&token).for_each(drop).expect_err("cancelled");
                drop(ended);
            }),
        );
        thread::sleep(Duration::from_millis(5));
        drop(handle);
        assert_eq!(has_ended.recv_timeout(Duration::from_secs(30)), Err(mpsc::RecvTimeoutError::Disconnected));
    });
}

#[test]
fn a_guard_cancels_its_token_unless_it_is_disarmed() {
    let token = CancelToken::new();
    let guard = token.clone().drop_guard();
    assert!(!token.is_cancelled());
    let same = guard.disarm();
    assert!(!token.is_cancelled());
    // Also during a panic.
    let outcome: Result<(), _> = catch_unwind(|| {
        let _guard = same.drop_guard();
        resume_unwind(Box::new(()))
    });
    outcome.expect_err("it panics");
    assert!(token.is_cancelled());
}

#[parallelize(over = x)]
fn join_inside(x: u64, micros: u64) -> u64 {
    let before = spawn_sum(x);
    spin(micros);
    let after = spawn_sum(x + 1);
    after.join() + before.join()
}

#[parallelize(over = running)]
fn join_given(running: Running<u64>, more: u64) -> u64 {
    running.join() + more
}

#[test]
fn items_may_spawn_and_join() {
    within_seconds(60, || {
        on_threads(|| {
            assert!(join_inside_parallel(0..30, 50).into_iter().eq((0..30).map(|x| sum(x) + sum(x + 1))));
            let running: Vec<_> = (0..30).map(spawn_sum).collect();
            assert!(join_given_parallel(running, 1).into_iter().eq((0..30).map(|x| sum(x) + 1)));
            // In the background, in the background.
            let nested = spawn(|| spawn(|| join_inside_parallel(0..3, 1)).join());
            assert!(nested.join().into_iter().eq((0..3).map(|x| sum(x) + sum(x + 1))));
        });
    });
}

#[test]
fn a_thread_of_a_pool_waits_for_another_one() {
    within_seconds(60, || {
        let pool = ThreadPoolBuilder::new().num_threads(2).build().expect("a small pool");
        let (begin, has_begun) = mpsc::channel();
        let (release, released) = mpsc::channel::<()>();
        let joined = pool.install(move || {
            let running = spawn(move || {
                begin.send(thread::current().id()).expect("a receiver");
                released.recv().expect("it is released");
                work_parallel(0..100, 10, &[1]).len()
            });
            let other = has_begun.recv().expect("the other thread begins");
            assert_ne!(other, thread::current().id());
            thread::spawn(move || {
                thread::sleep(Duration::from_millis(5));
                release.send(()).expect("it waits");
            });
            running.join()
        });
        assert_eq!(joined, 100);
    });
}

/// Runs a test of this module in a process of its own. Returns whether this is that process.
fn is_in_process(test: &str, variable: (&str, &str)) -> bool {
    if std::env::var_os("IN_PROCESS").is_some() {
        return true;
    }
    let output = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", &format!("running::{test}"), "--nocapture", "--test-threads=1"])
        .env(variable.0, variable.1)
        .env("IN_PROCESS", "1")
        .output()
        .expect("the program runs");
    let printed = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{}: {}", output.status, String::from_utf8_lossy(&printed));
    false
}

/// Starts the global pool, and work in the main loop of its threads. In debug builds, a shallow
/// task could otherwise be taken for the main loop.
fn warm_up() {
    for _ in 0..50 {
        let running = spawn_sum(0);
        wait_until(|| running.is_finished());
    }
}

thread_local! {
    /// Whether this thread is in the middle of a task.
    static IS_IN_TASK: Cell<bool> = const { Cell::new(false) };
}

#[test]
fn no_work_runs_on_top_of_a_task_that_waits_in_rayon() {
    if !is_in_process("no_work_runs_on_top_of_a_task_that_waits_in_rayon", ("RAYON_NUM_THREADS", "2")) {
        return;
    }
    within_seconds(120, || {
        warm_up();
        let lock = Arc::new(Mutex::new(0));
        let has_ended = AtomicBool::new(false);
        let task = || {
            let guard = lock.lock().expect("no panic");
            IS_IN_TASK.set(true);
            // One thread sleeps, and the other waits for it.
            rayon::join(|| spin(30), || thread::sleep(Duration::from_micros(500)));
            IS_IN_TASK.set(false);
            drop(guard);
        };
        thread::scope(|scope| {
            scope.spawn(|| {
                while !has_ended.load(Ordering::Relaxed) {
                    rayon::scope(|scope| scope.spawn(|_| task()));
                }
            });
            for _ in 0..300 {
                let lock = Arc::clone(&lock);
                let running = spawn(move || {
                    *lock.lock().expect("no panic") += 1;
                    IS_IN_TASK.get()
                });
                wait_until(|| running.is_finished());
                assert!(!running.join());
            }
            has_ended.store(true, Ordering::Relaxed);
        });
    });
}

/// On the only thread of the pool, starts work while a task waits, so that a spare thread runs it.
/// Joins it when it has begun.
fn join_a_spare_thread() -> (u64, bool, bool) {
    let (begin, has_begun) = mpsc::channel();
    let here = thread::current().id();
    IS_IN_TASK.set(true);
    let running = spawn(move || {
        let is_here = thread::current().id() == here;
        begin.send(()).expect("a receiver");
        // Needs the pool, whose only thread joins.
        let sum = (0..1000_u64).into_par_iter().sum::<u64>() + work_parallel(0..10, 100, &[0]).iter().sum::<u64>();
        (sum, is_here, IS_IN_TASK.get())
    });
    while has_begun.try_recv().is_err() {
        rayon::yield_now();
    }
    let result = running.join();
    IS_IN_TASK.set(false);
    result
}

#[test]
fn a_spare_thread_may_need_the_pool_of_the_thread_that_joins() {
    if !is_in_process("a_spare_thread_may_need_the_pool_of_the_thread_that_joins", ("RAYON_NUM_THREADS", "1")) {
        return;
    }
    within_seconds(60, || {
        warm_up();
        for _ in 0..20 {
            let (sender, receiver) = mpsc::channel();
            rayon::spawn(move || sender.send(join_a_spare_thread()).expect("a receiver"));
            assert_eq!(receiver.recv(), Ok((499_545, false, false)));
        }
    });
}

#[test]
fn without_threads_the_owner_of_the_handle_does_the_work() {
    // No system has a stack of 64 TB.
    let variable = ("PARALLELIZE_STACK_SIZE", "70368744177664");
    if !is_in_process("without_threads_the_owner_of_the_handle_does_the_work", variable) {
        return;
    }
    within_seconds(60, || {
        let here = thread::current().id();
        let is_here = move || thread::current().id() == here;
        let running: Vec<_> = (0..5).map(|_| spawn(is_here)).collect();
        assert!(!running[0].is_finished());
        assert!(running.into_iter().rev().all(Running::join));
        assert!(block_on(spawn(is_here)));
        let (sender, receiver) = mpsc::channel();
        drop(spawn(move || sender.send(is_here())));
        assert_eq!(receiver.try_recv(), Ok(true));
        drop(spawn(|| resume_unwind(Box::new("nobody joins")) as ()));
        let payload = catch_unwind(|| spawn(|| resume_unwind(Box::new(3)) as ()).join()).expect_err("it panics");
        assert_eq!(payload.downcast_ref(), Some(&3));

        // A pool of the program has threads, but there is no spare one.
        let pool = ThreadPoolBuilder::new().num_threads(1).build().expect("a small pool");
        for _ in 0..5 {
            assert_eq!(
                pool.install(|| {
                    let running = spawn(|| 7);
                    while !running.is_finished() {
                        rayon::yield_now();
                    }
                    running.join()
                }),
                7
            );
        }
    });
}

#[test]
fn handles_move_and_are_shared_between_threads() {
    fn check<T: Send + Sync + Unpin + 'static>() {}
    // What is sent between threads need not be `Sync`.
    check::<Running<Cell<u8>>>();
    check::<DropGuard>();
    let running = thread::spawn(|| spawn_sum(4)).join().expect("no panic");
    thread::scope(|scope| {
        scope.spawn(|| running.is_finished());
    });
    assert_eq!(running.join(), sum(4));
}
