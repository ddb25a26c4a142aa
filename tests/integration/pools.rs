//! rayon's pools: a call runs in the pool of its calling thread, in `install`, `spawn`, `scope` and
//! `join`.

use crate::{on_threads, spin};
use parallelize::parallelize;
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The name and index of the thread that an item ran on, and the size of its pool.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Place {
    name: Option<String>,
    index: Option<usize>,
    threads: usize,
}

#[parallelize(over = item)]
fn place(item: u64, micros: u64) -> (u64, Place) {
    spin(micros);
    let name = std::thread::current().name().map(str::to_owned);
    (item * 3, Place { name, index: rayon::current_thread_index(), threads: rayon::current_num_threads() })
}

fn named_pool(threads: usize) -> ThreadPool {
    let name = move |index| format!("{index} of {threads}");
    ThreadPoolBuilder::new().num_threads(threads).thread_name(name).build().expect("a small pool")
}

/// Compares the results with those of the serial loop, and returns the indices of the threads.
///
/// All threads must belong to the pool of `threads` threads.
fn check(results: Vec<(u64, Place)>, count: u64, threads: usize) -> BTreeSet<usize> {
    let (values, places): (Vec<_>, Vec<_>) = results.into_iter().unzip();
    assert_eq!(values, (0..count).map(|item| place(item, 0).0).collect::<Vec<_>>());
    let index = |place: Place| {
        let index = place.index.expect("a thread of a pool");
        assert_eq!((place.name, place.threads), (Some(format!("{index} of {threads}")), threads));
        index
    };
    places.into_iter().map(index).collect()
}

#[test]
fn all_threads_are_those_of_the_pool() {
    for threads in [1, 2, 3] {
        let pool = named_pool(threads);
        let mut seen = BTreeSet::new();
        // On a busy machine it may take a few calls until every thread has run an item.
        for _ in 0..200 {
            seen.extend(check(pool.install(|| place_parallel(0..300, 30)), 300, threads));
            seen.extend(check(pool.install(|| place_parallel_iter(0..300, 30).into_iter().collect()), 300, threads));
            if seen.len() == threads {
                break;
            }
        }
        assert!(seen.into_iter().eq(0..threads), "some of {threads} threads never ran an item");
    }
}

#[test]
fn a_stream_runs_where_it_is_read() {
    let calls = place_parallel_iter(0..300, 20);
    let pool = named_pool(2);
    check(pool.install(|| calls.into_iter().collect()), 300, 2);
}

#[test]
fn from_a_job_of_the_pool() {
    for threads in [1, 2, 3] {
        let (sender, receiver) = std::sync::mpsc::channel();
        let pool = named_pool(threads);
        for _ in 0..4 {
            let sender = sender.clone();
            pool.spawn(move || sender.send(place_parallel(0..200, 10)).expect("the test waits"));
        }
        for results in receiver.iter().take(4) {
            check(results, 200, threads);
        }
    }
}

#[test]
fn from_a_scope_and_from_both_sides_of_a_join() {
    for threads in [1, 2, 3] {
        named_pool(threads).install(|| {
            let mut results = [Vec::new(), Vec::new(), Vec::new()];
            rayon::scope(|scope| {
                for result in &mut results {
                    scope.spawn(|_| *result = place_parallel(0..200, 10));
                }
            });
            for result in results {
                check(result, 200, threads);
            }
            let (left, right) = rayon::join(|| place_parallel(0..200, 10), || place_parallel(0..100, 20));
            check(left, 200, threads);
            check(right, 100, threads);
        });
    }
}

#[test]
fn a_pool_within_a_pool() {
    let (outer, inner) = (named_pool(3), named_pool(2));
    outer.install(|| {
        check(inner.install(|| place_parallel(0..200, 10)), 200, 2);
        check(place_parallel(0..200, 10), 200, 3);
    });
}

#[parallelize(over = item)]
fn count(item: usize, now: &AtomicUsize, most: &AtomicUsize) -> usize {
    most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
    spin(20);
    now.fetch_sub(1, Ordering::SeqCst);
    item
}

#[test]
fn no_more_items_at_once_than_the_pool_has_threads() {
    on_threads(|| {
        let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        assert!(count_parallel(0..500, &now, &most).into_iter().eq(0..500));
        // Outside any pool, the calling thread counts as one of the threads of the global pool.
        let threads = rayon::current_num_threads();
        assert!((1..=threads).contains(&most.into_inner()), "more than {threads} items at once");
    });
}
