//! Calls with more threads than their pool has, and threads that the system does not provide.

use parallelize::parallelize;
use rayon::prelude::*;
use std::collections::HashSet;
use std::env;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Barrier, Mutex, mpsc};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

/// Runs one of the tests below in a process of its own, with a variable that tells it so.
fn in_process(test: &str, variables: &[(&str, &str)]) -> Output {
    Command::new(env::current_exe().expect("this program"))
        .args(["--exact", &format!("crew::{test}"), "--nocapture", "--test-threads=1"])
        .envs(variables.iter().copied())
        .env("IN_PROCESS", "1")
        .output()
        .expect("the program runs")
}

fn is_in_process() -> bool {
    env::var_os("IN_PROCESS").is_some()
}

fn assert_passes(test: &str, variables: &[(&str, &str)]) {
    let output = in_process(test, variables);
    let printed = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{}: {}", output.status, String::from_utf8_lossy(&printed));
}

#[parallelize(over = x)]
fn wait(x: usize, millis: u64) -> usize {
    thread::sleep(Duration::from_millis(millis));
    x
}

/// The number of threads of this process.
#[cfg(target_os = "linux")]
fn threads_now() -> usize {
    std::fs::read_dir("/proc/self/task").expect("the threads of this process").count()
}

/// Waits for the other items. Returns whether all `count` have come.
#[parallelize(over = _x)]
fn gather(_x: usize, count: usize, arrived: &AtomicUsize) -> bool {
    arrived.fetch_add(1, Ordering::Relaxed);
    let start = Instant::now();
    while arrived.load(Ordering::Relaxed) < count && start.elapsed() < Duration::from_secs(5) {
        thread::sleep(Duration::from_millis(1));
    }
    arrived.load(Ordering::Relaxed) == count
}

#[test]
fn later_calls_get_more_threads_than_earlier_ones() {
    if !is_in_process() {
        // Without the workers of other tests, and with a pool that is too small for all calls.
        let variables = [("RAYON_NUM_THREADS", "2")];
        return assert_passes("later_calls_get_more_threads_than_earlier_ones", &variables);
    }
    for count in [8, 8, 16, 40] {
        let met = gather_parallel_iter(0..count, count, &AtomicUsize::new(0)).threads(count).collect::<Vec<_>>();
        assert!(met.iter().all(|met| *met), "{count} items did not run at the same time");
    }
}

#[test]
fn items_that_have_waited_for_each_other_may_do_so_again() {
    if !is_in_process() {
        let variables = [("RAYON_NUM_THREADS", "2")];
        return assert_passes("items_that_have_waited_for_each_other_may_do_so_again", &variables);
    }
    // Calls of quick items, which wait for nothing, come before each call.
    let quick =
        || assert_eq!(gather_parallel_iter(0..2, 0, &AtomicUsize::new(0)).threads(8).collect::<Vec<_>>().len(), 2);
    let assert_meet = |kind: &str, run: &dyn Fn(&AtomicUsize) -> bool| {
        quick();
        assert!(run(&AtomicUsize::new(0)), "{kind}: 8 items did not run at the same time");
    };
    let items = || (0..8).collect::<Vec<_>>();
    assert_eq!(gather_parallel_iter(0..8, 8, &AtomicUsize::new(0)).threads(8).collect::<Vec<_>>(), [true; 8]);
    for _ in 0..3 {
        assert_meet("range", &|arrived| gather_parallel_iter(0..8, 8, arrived).threads(8).collect::<Vec<_>>()[0]);
        assert_meet("vector", &|arrived| gather_parallel_iter(items(), 8, arrived).threads(8).collect::<Vec<_>>()[0]);
        assert_meet("adaptor", &|arrived| {
            gather_parallel_iter(items().into_iter().map(|x| x + 1), 8, arrived).threads(8).collect::<Vec<_>>()[0]
        });
        assert_meet("unknown length", &|arrived| {
            gather_parallel_iter((0..8).filter(|x| *x < 8), 8, arrived).threads(8).collect::<Vec<_>>()[0]
        });
        assert_meet("stream", &|arrived| gather_parallel_iter(0..8, 8, arrived).threads(8).into_iter().all(|met| met));
        assert_meet("sink", &|arrived| {
            let mut have_met = true;
            gather_parallel_iter(0..8, 8, arrived).threads(8).for_each(|met| have_met &= met);
            have_met
        });
        assert_meet("unordered", &|arrived| {
            let mut have_met = true;
            gather_parallel_iter(0..8, 8, arrived).threads(8).for_each_unordered(|_, met| have_met &= met);
            have_met
        });
        assert_meet("search", &|arrived| gather_parallel_iter(0..8, 8, arrived).threads(8).all(|met| met));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn the_crew_has_as_many_threads_as_are_needed() {
    if !is_in_process() {
        return assert_passes("the_crew_has_as_many_threads_as_are_needed", &[]);
    }
    let before = threads_now();
    for threads in 3..=120 {
        let results = wait_parallel_iter(0..threads, 1).threads(threads).collect::<Vec<_>>();
        assert!(results.into_iter().eq(0..threads));
    }
    let peak = threads_now();
    let pool = rayon::current_num_threads();
    assert!(peak <= before + pool + 119, "{before} threads before, {peak} after calls with up to 120");
    for threads in [5_000, usize::MAX] {
        assert_eq!(wait_parallel_iter(0..100, 1).threads(threads).collect::<Vec<_>>().len(), 100);
    }
    assert!(threads_now() <= peak, "a call with few items creates no threads for the others");
    // Idle threads end after 10 s.
    let start = Instant::now();
    while threads_now() > before + pool && start.elapsed() < Duration::from_secs(30) {
        thread::sleep(Duration::from_millis(100));
    }
    assert!(threads_now() <= before + pool, "{} threads are left", threads_now());
}

#[test]
fn an_input_of_unknown_length_gets_as_many_threads_as_it_needs() {
    let (sender, receiver) = mpsc::channel();
    (0..300).for_each(|x| sender.send(x).expect("a receiver"));
    drop(sender);
    let start = Instant::now();
    let results = wait_parallel_iter(receiver, 50).threads(usize::MAX).collect::<Vec<_>>();
    assert!(results.into_iter().eq(0..300));
    // One after the other they take 15 s.
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

/// Gives work to rayon and waits for it.
#[parallelize(over = x, threads = 8)]
fn ask_rayon(x: u64, by: u64) -> u64 {
    let (sender, receiver) = mpsc::channel();
    rayon::spawn(move || sender.send(x * by).expect("a receiver"));
    let parallel: u64 = (0..100_u64).into_par_iter().map(|y| y * by).sum();
    receiver.recv().expect("an answer") + parallel
}

#[test]
fn items_of_the_crew_may_use_rayon() {
    for _ in 0..20 {
        let serial: Vec<u64> = (0..50).map(|x| ask_rayon(x, 3)).collect();
        assert_eq!(ask_rayon_parallel(0..50, 3), serial);
    }
}

#[parallelize(over = x)]
fn inner(x: u64, seen: &Mutex<HashSet<ThreadId>>) -> u64 {
    seen.lock().expect("no panic").insert(thread::current().id());
    crate::spin(1_000);
    x
}

#[parallelize(over = x, threads = 16)]
fn outer(x: u64, seen: &Mutex<HashSet<ThreadId>>) -> u64 {
    let mine = Mutex::new(HashSet::new());
    let sum = inner_parallel(0..20, &mine).into_iter().sum::<u64>() + x;
    seen.lock().expect("no panic").extend(mine.into_inner().expect("no panic"));
    sum
}

#[test]
fn plain_calls_inside_the_crew_use_the_pool() {
    let seen = Mutex::new(HashSet::new());
    assert_eq!(outer_parallel(0..2, &seen), [190, 191]);
    // The threads of the two items, and those of the pool: not 16.
    let seen = seen.into_inner().expect("no panic").len();
    assert!(seen <= 2 + rayon::current_num_threads(), "{seen} threads");
}

/// Uses the given number of bytes of the stack, roughly.
#[parallelize(over = depth)]
fn recurse(depth: usize) -> usize {
    let room = std::hint::black_box([depth; 128]);
    if depth == 0 { room[5] } else { std::hint::black_box(recurse(depth - 1)) + std::hint::black_box(room)[7] }
}

#[test]
fn workers_have_the_stack_of_a_main_thread() {
    if !is_in_process() {
        return assert_passes("workers_have_the_stack_of_a_main_thread", &[]);
    }
    // Some 4 MB in a debug build, on workers of the pool and of the crew. The calling thread, which
    // tests give 2 MB, has a larger stack here.
    let deep = || {
        let serial: Vec<usize> = (0..8).map(|_| recurse(1_800)).collect();
        assert_eq!(recurse_parallel([1_800; 8]), serial);
        assert_eq!(recurse_parallel_iter([1_800; 8]).threads(6).collect::<Vec<_>>(), serial);
    };
    thread::Builder::new().stack_size(64 << 20).spawn(deep).expect("a thread").join().expect("no overflow");
}

#[test]
fn a_call_runs_alone_if_no_thread_can_be_created() {
    if !is_in_process() {
        // No system has a stack of 64 TB.
        for variable in ["PARALLELIZE_STACK_SIZE", "RUST_MIN_STACK"] {
            assert_passes("a_call_runs_alone_if_no_thread_can_be_created", &[(variable, "70368744177664")]);
        }
        return;
    }
    for _ in 0..3 {
        assert_eq!(wait_parallel(0..4, 1), [0, 1, 2, 3]);
        assert_eq!(wait_parallel_iter(0..4, 1).threads(16).collect::<Vec<_>>(), [0, 1, 2, 3]);
        assert!(wait_parallel_iter(0..4, 1).into_iter().eq(0..4));
    }
}

#[parallelize(over = x, threads = 100)]
fn meet(x: usize, all: &Barrier) -> usize {
    all.wait();
    x
}

#[test]
fn items_of_an_input_of_unknown_length_may_wait_for_each_other() {
    let (sender, receiver) = mpsc::channel();
    (0..100).for_each(|x| sender.send(x).expect("a receiver"));
    drop(sender);
    assert!(meet_parallel(receiver, &Barrier::new(100)).into_iter().eq(0..100));
}

/// Waits, and then computes in a pool.
#[parallelize(over = x, threads = 4)]
fn crunch(x: u64, pool: &rayon::ThreadPool) -> u64 {
    thread::sleep(Duration::from_millis(2));
    pool.install(|| x + 1)
}

#[test]
fn items_of_the_crew_may_need_the_pool_of_the_call() {
    for _ in 0..20 {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a small pool");
        assert!(pool.install(|| crunch_parallel(0..8, &pool)).into_iter().eq(1..9));
    }
}

#[test]
fn any_number_of_threads_may_stream() {
    let stream = wait_parallel_iter(0..60, 1).threads(usize::MAX);
    assert!(stream.into_iter().eq(0..60));
}
