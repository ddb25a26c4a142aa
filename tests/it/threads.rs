//! A call runs on no more threads than its pool or the option `threads` allows, nested or not.

use crate::spin;
use parallelize::parallelize;
use std::collections::HashSet;
use std::panic;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

type Seen = Mutex<HashSet<ThreadId>>;

fn note(seen: &Seen) {
    seen.lock().expect("no panic in a test").insert(thread::current().id());
}

#[parallelize(over = item, threads = 1)]
fn alone(item: usize, seen: &Seen) -> usize {
    note(seen);
    spin(50);
    item
}

#[parallelize(over = item, threads = most_threads())]
fn by_two(item: usize, seen: &Seen, now: &AtomicUsize) -> usize {
    note(seen);
    assert!(now.fetch_add(1, Ordering::SeqCst) < 2, "a third thread runs an item");
    spin(50);
    now.fetch_sub(1, Ordering::SeqCst);
    item
}

fn most_threads() -> usize {
    2
}

#[test]
fn no_more_threads_than_requested() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(4).build().expect("a small pool");
    let (one, two) = (Seen::default(), Seen::default());
    pool.install(|| {
        assert_eq!(alone_parallel(0..200, &one), (0..200).collect::<Vec<_>>());
        // On a busy machine it may take a few calls until a worker thread runs an item.
        for _ in 0..100 {
            let now = AtomicUsize::new(0);
            assert_eq!(by_two_parallel(0..500, &two, &now), (0..500).collect::<Vec<_>>());
            if two.lock().expect("no panic in a test").len() > 1 {
                return;
            }
        }
        panic!("no worker thread ran an item");
    });
    assert_eq!(one.into_inner().expect("no panic in a test").len(), 1);
}

#[parallelize(over = item, threads = 20)]
fn wait(item: usize, millis: u64, now: &AtomicUsize, most: &AtomicUsize) -> usize {
    let inside = now.fetch_add(1, Ordering::SeqCst) + 1;
    most.fetch_max(inside, Ordering::SeqCst);
    thread::sleep(Duration::from_millis(millis));
    now.fetch_sub(1, Ordering::SeqCst);
    item
}

#[test]
fn more_threads_than_the_pool_has_for_items_that_wait() {
    for _ in 0..2 {
        let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let start = Instant::now();
        assert_eq!(wait_parallel(0..40, 50, &now, &most), (0..40).collect::<Vec<_>>());
        // One after the other, the items would take 2 s.
        assert!(start.elapsed() < Duration::from_secs(1), "it took {:?}", start.elapsed());
        assert!((5..=20).contains(&most.into_inner()));
    }
}

#[parallelize(over = row)]
fn outer(row: usize, now: &AtomicUsize, most: &AtomicUsize) -> usize {
    inner_parallel(0..20, now, most).len() + row
}

#[parallelize(over = column)]
fn inner(column: usize, now: &AtomicUsize, most: &AtomicUsize) -> usize {
    let inside = now.fetch_add(1, Ordering::SeqCst) + 1;
    most.fetch_max(inside, Ordering::SeqCst);
    spin(20);
    now.fetch_sub(1, Ordering::SeqCst);
    column
}

#[test]
fn nested_calls_have_no_more_threads_than_the_pool() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().expect("a small pool");
    let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let results = pool.install(|| outer_parallel(0..50, &now, &most));
    assert_eq!(results, (20..70).collect::<Vec<_>>());
    assert!(most.into_inner() <= 3);
}

#[test]
fn zero_threads_are_refused() {
    #[parallelize(over = x, threads = none())]
    fn item(x: u8, y: u8) -> u8 {
        x + y
    }
    fn none() -> usize {
        0
    }
    let outcome = panic::catch_unwind(|| item_parallel([1], 1));
    let payload = outcome.expect_err("zero threads are refused");
    assert_eq!(payload.downcast_ref(), Some(&"`threads` must be at least 1 (the calling thread counts)"));
}

/// Set in the child process that the next test starts.
const INSIDE: &str = "PARALLELIZE_TEST_INSIDE";

#[parallelize(over = item)]
fn anywhere(item: usize, seen: &Seen) -> usize {
    note(seen);
    spin(100);
    item
}

#[test]
fn the_environment_caps_the_threads() {
    let seen = Seen::default();
    if std::env::var_os(INSIDE).is_some() {
        anywhere_parallel(0..500, &seen);
        assert_eq!(seen.into_inner().expect("no panic in a test").len(), 1);
        return;
    }
    // The variable is read once per process, so the test starts a child process.
    let status = std::process::Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", "threads::the_environment_caps_the_threads"])
        .env(INSIDE, "")
        .env("PARALLELIZE_THREADS", "1")
        .stdout(std::process::Stdio::null())
        .status()
        .expect("the same program again");
    assert!(status.success(), "with PARALLELIZE_THREADS=1 another thread ran an item");
}

/// Waits for a moment, longer for odd items than for even ones.
#[parallelize(over = x)]
fn pause(x: u64, millis: u64) -> u64 {
    thread::sleep(Duration::from_millis(millis * (1 + 4 * (x % 2))));
    x
}

#[test]
fn a_call_keeps_the_unpark_of_its_thread() {
    pause_parallel(0..4, 1);
    let calling = thread::spawn(|| {
        // The calling thread finishes first and parks until the worker thread is done.
        pause_parallel_iter(0..2, 20).threads(2).collect::<Vec<_>>();
        let start = Instant::now();
        thread::park_timeout(Duration::from_secs(20));
        start.elapsed()
    });
    thread::sleep(Duration::from_millis(10));
    calling.thread().unpark();
    assert!(calling.join().expect("no panic") < Duration::from_secs(10), "the call has taken the `unpark`");
}

#[test]
fn a_pool_has_its_threads_while_another_pool_is_busy() {
    let pool = || rayon::ThreadPoolBuilder::new().num_threads(2).build().expect("a small pool");
    let (busy, idle) = (pool(), pool());
    thread::scope(|scope| {
        scope.spawn(|| busy.install(|| pause_parallel(0..200, 1)));
        thread::sleep(Duration::from_millis(20));
        // A worker may come late; with none, it never comes.
        let is_shared = (0..20).any(|_| {
            let seen = Seen::default();
            idle.install(|| noted_parallel(0..40, &seen));
            seen.into_inner().expect("no panic").len() == 2
        });
        assert!(is_shared, "the idle pool has not helped");
    });
}

#[parallelize(over = x)]
fn noted(x: usize, seen: &Seen) -> usize {
    note(seen);
    thread::sleep(Duration::from_micros(200));
    x
}
