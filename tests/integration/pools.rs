//! rayon's pools: a call runs in the pool of its calling thread, in `install`, `spawn`, `scope` and
//! `join`. Items that give work to a pool, and inputs that do, return what the serial loop returns.

use crate::{on_threads, pool, spin};
use parallelize::iter::Apply;
use parallelize::{ParallelIter, parallelize};
use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};
use std::{env, fs, process, thread};

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
    let name = thread::current().name().map(str::to_owned);
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
        let (sender, receiver) = mpsc::channel();
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

/// Gives a task to the current pool, and blocks until it has run.
#[parallelize(over = x)]
fn asked(x: u64, by: u64) -> u64 {
    spin(20);
    let (sender, receiver) = mpsc::channel();
    rayon::spawn(move || sender.send(x * by).expect("an item that waits"));
    receiver.recv().expect("an answer")
}

#[parallelize(over = x)]
fn summed(x: u64, by: u64) -> u64 {
    spin(20);
    (0..200_u64).into_par_iter().map(|y| x * y * by % 1013).sum()
}

#[parallelize(over = x)]
fn installed(x: u64, by: u64, pool: &ThreadPool) -> u64 {
    spin(20);
    pool.install(|| x * by)
}

/// Returns the depth of each entry of a folder, which tasks of the current pool find.
fn depths(folder: &Path) -> impl Iterator<Item = u64> + Send + use<> {
    // By default, jwalk gives up if the pool is busy for a second.
    let parallelism = jwalk::Parallelism::RayonDefaultPool { busy_timeout: 2 * MAX_PROCESS };
    let entries = jwalk::WalkDir::new(folder).sort(true).parallelism(parallelism);
    entries.into_iter().map(|entry| entry.expect("an entry").depth() as u64)
}

#[parallelize(over = x)]
fn walked(x: u64, folder: &Path) -> u64 {
    x * depths(folder).sum::<u64>()
}

#[parallelize(over = x)]
fn light(x: u64, by: u64) -> u64 {
    spin(20);
    x * by
}

/// Returns an input that a task of the current pool produces.
fn produced() -> impl Iterator<Item = u64> + Send {
    let (sender, receiver) = mpsc::channel();
    rayon::spawn(move || (0..ITEMS).for_each(|x| sender.send(x).expect("a receiver")));
    receiver.into_iter()
}

const ITEMS: u64 = 12;

/// Where calls are made: outside any pool or in a pool of this size, and with how many threads.
type Setting = (Option<usize>, Option<usize>);

const OUTSIDE: [Setting; 2] = [(None, None), (None, Some(8))];
const BEYOND_THE_POOL: [Setting; 2] = [(Some(2), Some(8)), (Some(5), Some(8))];
const IN_A_POOL: [Setting; 2] = [(Some(2), None), (Some(5), None)];
const IN_A_POOL_OF_ONE: [Setting; 2] = [(Some(1), None), (Some(1), Some(8))];

/// What items or inputs do in a pool, and where.
///
/// Left out are the places where a thread blocks on a task of a pool whose threads may all block.
/// `par_iter` waits forever there as well.
const USES: [(&str, &[&[Setting]]); 7] = [
    ("spawn", &[&OUTSIDE, &BEYOND_THE_POOL]),
    ("par_iter", &[&OUTSIDE, &BEYOND_THE_POOL, &IN_A_POOL, &IN_A_POOL_OF_ONE]),
    ("install", &[&OUTSIDE, &BEYOND_THE_POOL, &IN_A_POOL, &IN_A_POOL_OF_ONE]),
    ("install elsewhere", &[&OUTSIDE, &BEYOND_THE_POOL, &IN_A_POOL, &IN_A_POOL_OF_ONE]),
    ("walk", &[&OUTSIDE, &BEYOND_THE_POOL]),
    ("input of a walk", &[&OUTSIDE, &BEYOND_THE_POOL, &IN_A_POOL]),
    ("input of a task", &[&OUTSIDE, &BEYOND_THE_POOL, &IN_A_POOL]),
];

/// Checks one call. `here` is its pool, or any pool if it is made outside.
fn check_use(name: &str, threads: Option<usize>, here: &ThreadPool, elsewhere: &ThreadPool, folder: &Path) {
    fn equals<I, F>(calls: ParallelIter<I, F>, threads: Option<usize>, serial: impl Iterator<Item = u64>)
    where
        I: Iterator<Item: Send> + Send,
        F: Apply<I::Item, Output = u64> + Sync,
    {
        let calls = if let Some(threads) = threads { calls.threads(threads) } else { calls };
        assert_eq!(calls.collect::<Vec<u64>>(), serial.collect::<Vec<u64>>());
    }

    let triples = (0..ITEMS).map(|x| 3 * x);
    match name {
        "spawn" => equals(asked_parallel_iter(0..ITEMS, 3), threads, triples),
        "par_iter" => equals(summed_parallel_iter(0..ITEMS, 3), threads, (0..ITEMS).map(|x| summed(x, 3))),
        "install" => equals(installed_parallel_iter(0..ITEMS, 3, here), threads, triples),
        "install elsewhere" => equals(installed_parallel_iter(0..ITEMS, 3, elsewhere), threads, triples),
        // 3 folders at depth 1, with 3 files each at depth 2.
        "walk" => equals(walked_parallel_iter(0..ITEMS, folder), threads, (0..ITEMS).map(|x| 21 * x)),
        "input of a walk" => {
            let serial = [0, 1, 2, 2, 2, 1, 2, 2, 2, 1, 2, 2, 2];
            equals(light_parallel_iter(depths(folder), 3), threads, serial.into_iter().map(|depth| 3 * depth));
        }
        "input of a task" => equals(light_parallel_iter(produced(), 3), threads, triples),
        _ => panic!("`{name}` is no use"),
    }
}

/// Tells a child process what it does: a use, and the index of a place in its list.
const USE: &str = "PARALLELIZE_TEST_USE";

/// The part of the next test that runs in a child process.
fn check_use_1000_times(name: &str, (size, threads): Setting) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("pools-{}", process::id()));
    for inner in ["a", "b", "c"].map(|name| folder.join(name)) {
        fs::create_dir_all(&inner).expect("a folder");
        for file in ["1", "2", "3"].map(|name| inner.join(name)) {
            fs::write(file, "").expect("a file");
        }
    }
    let (here, elsewhere) = (pool(size.unwrap_or(2)), pool(1));
    for _ in 0..1000 {
        let check = || check_use(name, threads, &here, &elsewhere, &folder);
        if size.is_some() { here.install(check) } else { check() }
    }
    // If this fails, the folder stays in cargo's target directory.
    let _ = fs::remove_dir_all(folder);
}

/// Maximum duration of a process, which takes about a second.
const MAX_PROCESS: Duration = Duration::from_secs(90);

/// Waits for a process, and ends it if it takes too long.
fn has_passed(child: &mut Child) -> bool {
    let start = Instant::now();
    while start.elapsed() < MAX_PROCESS {
        if let Some(status) = child.try_wait().expect("the state of a child") {
            return status.success();
        }
        thread::sleep(Duration::from_millis(2));
    }
    child.kill().and_then(|()| child.wait()).expect("the child ends");
    false
}

/// Each use in each place runs in a process, so that one that hangs is a failure.
#[test]
fn a_thousand_calls_whose_items_or_inputs_use_pools() {
    let places = |places: &[&[Setting]]| places.concat();
    if let Ok(chosen) = env::var(USE) {
        let (name, index) = chosen.split_once('/').expect("a use and an index");
        let (_, all) = USES.iter().find(|(other, _)| *other == name).expect("a use");
        return check_use_1000_times(name, places(all)[index.parse::<usize>().expect("an index")]);
    }
    let mut failed = Vec::new();
    for (name, all) in USES {
        for (index, place) in places(all).into_iter().enumerate() {
            let mut child = Command::new(env::current_exe().expect("this program"))
                .args(["--exact", "pools::a_thousand_calls_whose_items_or_inputs_use_pools"])
                .env(USE, format!("{name}/{index}"))
                .stdout(Stdio::null())
                .spawn()
                .expect("the same program again");
            if !has_passed(&mut child) {
                failed.push(format!("{name}, pool and threads {place:?}"));
            }
        }
    }
    assert!(failed.is_empty(), "hangs or fails:\n{}", failed.join("\n"));
}
