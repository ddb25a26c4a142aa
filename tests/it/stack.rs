//! While an item waits for a nested call, no foreign work runs on its stack.
//!
//! So an item may hold a lock or borrow a thread-local across a nested call.

use crate::{spin, within_seconds};
use parallelize::parallelize;
use std::cell::RefCell;
use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::Duration;

#[parallelize(over = x)]
fn inner(x: u64, micros: u64) -> u64 {
    spin(micros);
    x
}

#[parallelize(over = row)]
fn holds_a_lock(row: u64, lock: &Mutex<u64>) -> u64 {
    let mut sum = lock.lock().expect("no panic in a test");
    *sum += inner_parallel(0..30, 20).into_iter().sum::<u64>();
    row
}

#[parallelize(over = row)]
fn outer(row: u64, lock: &Mutex<u64>) -> usize {
    holds_a_lock_parallel(row..row + 20, lock).len()
}

#[test]
fn a_lock_may_be_held_across_a_nested_call() {
    within_seconds(60, || {
        for threads in [2, 4] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a small pool");
            let lock = Mutex::new(0);
            assert_eq!(pool.install(|| outer_parallel(0..10, &lock)), [20; 10]);
            assert_eq!(outer_parallel(0..10, &lock), [20; 10]);
            assert_eq!(lock.into_inner().expect("no panic in a test"), 2 * 200 * 435);
        }
    });
}

thread_local! {
    static SCRATCH: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

#[parallelize(over = row)]
fn borrows_a_thread_local(row: u64, columns: u64) -> u64 {
    SCRATCH.with_borrow_mut(|scratch| {
        scratch.clear();
        scratch.extend(inner_parallel(0..columns, 10));
        scratch.iter().sum::<u64>() + row
    })
}

#[test]
fn a_thread_local_may_be_borrowed_across_a_nested_call() {
    within_seconds(60, || {
        for _ in 0..5 {
            assert_eq!(borrows_a_thread_local_parallel(0..40, 30), (435..475).collect::<Vec<u64>>());
        }
    });
}

#[parallelize(over = x)]
fn deep(x: u64, depth: u64) -> u64 {
    if depth == 0 { x } else { deep_parallel([x, x + 1], depth - 1).into_iter().sum() }
}

#[test]
fn calls_may_be_nested_deeply() {
    within_seconds(60, || {
        let serial = |depth: u64| {
            (0..2_u64.pow(u32::try_from(depth).expect("small"))).map(|i| u64::from(i.count_ones())).sum::<u64>()
        };
        assert_eq!(deep_parallel([0], 12), [serial(12)]);
    });
}

#[test]
fn a_short_call_is_not_held_up_by_a_long_one() {
    within_seconds(60, || {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().expect("a small pool");
        thread::scope(|scope| {
            let (start, started) = mpsc::channel();
            let pool = &pool;
            let long = scope.spawn(move || {
                pool.install(move || {
                    let _ = start.send(());
                    inner_parallel(0..8, 100_000)
                })
            });
            started.recv().expect("the long call starts");
            thread::sleep(Duration::from_millis(20));
            // The long call keeps two threads busy for 400 ms. On two cores no worker is free, so
            // this thread runs its calls alone.
            let before = std::time::Instant::now();
            let (mut count, enough) = (0, Duration::from_millis(100));
            while before.elapsed() < enough {
                assert_eq!(inner_parallel(0..10, 10).len(), 10);
                count += 1;
            }
            assert!(count >= 10, "only {count} calls of 100 us each in 100 ms");
            assert_eq!(long.join().expect("the long call"), (0..8).collect::<Vec<_>>());
        });
    });
}

#[test]
fn items_may_use_rayon_themselves() {
    #[parallelize(over = x)]
    fn joined(x: u64, micros: u64) -> u64 {
        let (a, b) = rayon::join(|| inner_parallel(0..x, micros).len(), || inner(x, micros));
        a as u64 + b
    }
    within_seconds(60, || {
        for _ in 0..5 {
            assert_eq!(joined_parallel(0..30, 20), (0..30).map(|x| 2 * x).collect::<Vec<_>>());
        }
    });
}
