//! Children that are killed, and items that kill them.

use crate::family::{children, signal};
use parallelize::parallelize;
use std::hint::black_box;
use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// The number of children that are killed.
const KILLS: usize = 100;

/// Work of about a millisecond in release mode, whose result depends on all of it.
#[parallelize(over = seed, distributed)]
fn work(seed: u64, table: &[u64]) -> u64 {
    let mut x = seed;
    for round in 0..200 {
        for value in table {
            x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(value ^ round) ^ x >> 31;
        }
    }
    x
}

fn table() -> Vec<u64> {
    (0..5_000_u64).map(|i| i.wrapping_mul(0x9e37_79b9_7f4a_7c15)).collect()
}

/// Kills a random child again and again while calls run. The results are those of the serial loop.
pub(crate) fn kills() {
    let _cluster = parallelize::processes(2).expect("two children");
    let table = table();
    let serial: Vec<u64> = (0..300).map(|seed| work(seed, &table)).collect();
    let is_over = AtomicBool::new(false);
    let mut calls = 0;
    let killed = thread::scope(|scope| {
        let killer = scope.spawn(|| {
            let mut random = 1_u64;
            let mut killed = 0;
            while killed < KILLS {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                thread::sleep(Duration::from_millis(10 + (random >> 33) % 40));
                let children = children();
                if let Some(child) = children.get((random >> 40) as usize % children.len().max(1)) {
                    signal(*child, "-9");
                    killed += 1;
                }
            }
            is_over.store(true, Ordering::Relaxed);
            killed
        });
        while !is_over.load(Ordering::Relaxed) {
            assert_eq!(work_parallel(0..300, &table), serial, "call {calls}");
            calls += 1;
        }
        killer.join().expect("a killer")
    });
    println!("{killed} children killed during {calls} calls");
    assert!(killed == KILLS && calls > 1);
}

/// Children die while no call runs.
pub(crate) fn between_calls() {
    let _cluster = parallelize::processes(2).expect("two children");
    let table = table();
    let serial: Vec<u64> = (0..20).map(|seed| work(seed, &table)).collect();
    for round in 0..10 {
        children().iter().take(1 + round % 2).for_each(|child| signal(*child, "-9"));
        if round % 3 == 0 {
            thread::sleep(Duration::from_millis(50));
        }
        assert_eq!(work_parallel(0..20, &table), serial, "round {round}");
    }
}

#[parallelize(over = n, distributed)]
fn kill_some(n: u32, ending: u32) -> u32 {
    match (n % 100, ending) {
        (17, 0) => process::abort(),
        (17, 1) => process::exit(3),
        (17, 2) => signal(process::id(), "-9"),
        (17, 3) => drop(black_box(Vec::<u8>::with_capacity(isize::MAX as usize))),
        (17, 4) => drop(black_box(fill_stack(1))),
        _ => {}
    }
    n + 1
}

/// Calls itself until the stack is full.
fn fill_stack(depth: u64) -> u64 {
    let frame = black_box([depth; 64]);
    if depth == 0 { 0 } else { fill_stack(depth + 1) + frame[1] }
}

#[parallelize(over = n, distributed, catch_panics)]
fn kill_some_or_catch(n: u32, ending: u32) -> u32 {
    kill_some(n, ending)
}

/// An item that always ends its process panics in the end, and no other.
pub(crate) fn killers() {
    let _cluster = parallelize::processes(2).expect("two children");
    // The item ends its process (0 and 1), the system does as if its memory were full (2), an
    // allocation fails (3), or the stack is full (4).
    let abort = "signal 6 (SIGABRT)";
    for (ending, reason) in [abort, "exit code 3", "signal 9 (SIGKILL)", abort, abort].iter().enumerate() {
        let ending = u32::try_from(ending).expect("a small number");
        let results = kill_some_or_catch_parallel(0..300, ending);
        assert_eq!(results.len(), 300);
        for (n, result) in (0..).zip(results) {
            match result {
                Ok(result) => assert!(result == n + 1 && n % 100 != 17),
                Err(panic) => {
                    let message = panic.to_string();
                    assert_eq!(n % 100, 17, "{message}");
                    assert!(message.contains(&format!("item {n}")) && message.contains(reason), "{message}");
                }
            }
        }
        let panic = std::panic::catch_unwind(|| kill_some_parallel(0..20, ending)).expect_err("an item dies");
        let message = panic.downcast_ref::<String>().expect("a message");
        assert!(message.contains("item 17") && message.contains(reason), "{message}");
        // The run goes on.
        assert_eq!(kill_some_parallel(0..17, ending), (1..18).collect::<Vec<_>>());
    }
}

/// A child that does not react is killed in the end.
pub(crate) fn stopped_child() {
    let cluster = parallelize::processes(2).expect("two children");
    let table = table();
    assert_eq!(work_parallel(0..5, &table).len(), 5);
    let child = children()[0];
    signal(child, "-STOP");
    let start = Instant::now();
    drop(cluster);
    assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
    assert_eq!(children(), []);
}
