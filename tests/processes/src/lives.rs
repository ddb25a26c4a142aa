//! How runs begin and end.

use crate::family::{children, children_of, is_alive, signal, wait_until};
use crate::this_program;
use parallelize::parallelize;
use std::env;
use std::process;
use std::thread;
use std::time::{Duration, Instant};

#[parallelize(over = n, distributed)]
fn process_of(n: u64, sleep: Duration) -> (u64, u32) {
    thread::sleep(sleep);
    (n, process::id())
}

#[parallelize(over = n, distributed)]
fn stay_unless_first(n: u64) -> u64 {
    if n > 0 {
        thread::sleep(Duration::from_secs(60));
    }
    n
}

/// The children end with the guard, whatever they do at that time, and later calls run here.
pub(crate) fn ends_with_guard() {
    let cluster = parallelize::processes(3).expect("three children");
    let places = process_of_parallel(0..60, Duration::from_millis(2));
    assert!(places.iter().all(|(_, place)| *place != process::id()));
    assert_eq!(children().len(), 3);
    let start = Instant::now();
    // Nobody waits for the items that still run.
    let mut results = stay_unless_first_parallel_iter(0..6).into_iter();
    assert_eq!(results.next(), Some(0));
    drop(results);
    drop(cluster);
    assert_eq!(children(), []);
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    let places = process_of_parallel(0..5, Duration::ZERO);
    assert_eq!(places, (0..5).map(|n| (n, process::id())).collect::<Vec<_>>());
}

/// The children end when their parent is killed.
pub(crate) fn ends_with_parent() {
    let mut parent = this_program("parent-that-dies").spawn().expect("this program");
    wait_until("two children", Duration::from_secs(20), || children_of(parent.id()).len() == 2);
    // They are busy by now, or will be.
    thread::sleep(Duration::from_millis(200));
    let children = children_of(parent.id());
    signal(parent.id(), "-9");
    parent.wait().expect("its end");
    wait_until("the end of its children", Duration::from_secs(2), || !children.iter().any(|id| is_alive(*id)));
}

pub(crate) fn parent_that_dies() {
    let _cluster = parallelize::processes(2).expect("two children");
    process_of_parallel(0..2, Duration::from_secs(60));
}

/// Children that end before the guard are an error, not an endless row of attempts.
pub(crate) fn fails_to_start() {
    let start = Instant::now();
    let status = this_program("early-exit").status().expect("this program");
    assert!(status.success());
    assert!(start.elapsed() < Duration::from_secs(10));
}

pub(crate) fn early_exit() {
    if env::var_os("PARALLELIZE_FIRST_PROCESS").is_some() {
        process::exit(3);
    }
    let error = parallelize::processes(2).expect_err("children that exit").to_string();
    assert!(error.contains("ended before it reached the guard in `main`: exit code 3"), "{error}");
    assert_eq!(children(), []);
    // The program goes on without them.
    assert_eq!(process_of_parallel(0..1, Duration::ZERO), [(0, process::id())]);
}

/// There is one guard at a time, and there may be another one after it.
pub(crate) fn one_guard() {
    let first = parallelize::processes(2).expect("two children");
    let error = parallelize::processes(2).expect_err("a second guard");
    assert_eq!(error.kind(), std::io::ErrorKind::AlreadyExists);
    assert_eq!(children().len(), 2);
    drop(first);
    assert_eq!(children(), []);
    let _second = parallelize::processes(1).expect("a child");
    assert_eq!(children().len(), 1);
    let place = process_of_parallel(0..1, Duration::ZERO)[0].1;
    assert_eq!(children(), [place]);
    assert!(parallelize::processes(0).is_ok());
}

/// A program that runs in several processes must begin with a guard.
pub(crate) fn missing_guard() {
    for variable in ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"] {
        let output = this_program("no-guard").env(variable, "2").output().expect("this program");
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(message.contains("runs in 2 processes") && message.contains("begin `main` with"), "{message}");
        assert!(message.contains("lives.rs"), "the place of the call: {message}");
        let output = this_program("no-guard").env(variable, "1").output().expect("this program");
        assert!(output.status.success());
    }
    // Children are no guard of such a run. Only its first process says so.
    for (rank, is_warned) in [("0", true), ("1", false)] {
        let mut program = this_program("grandchild");
        let output = program.env("PMI_SIZE", "2").env("PMI_RANK", rank).output().expect("this program");
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{message}");
        assert_eq!(message.matches("parallelize_mpi::cluster()").count(), usize::from(is_warned), "{message}");
    }
}

pub(crate) fn no_guard() {
    assert_eq!(process_of_parallel(0..1, Duration::ZERO).len(), 1);
}

#[parallelize(over = n, distributed)]
fn start_program(n: u32) -> String {
    let output = this_program("grandchild").output().expect("this program");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    format!("{n}: {}", String::from_utf8_lossy(&output.stdout))
}

/// A program that an item starts has children of its own, though it inherits the environment.
pub(crate) fn grandchildren() {
    let _cluster = parallelize::processes(2).expect("two children");
    let expected: Vec<String> = (0..4).map(|n| format!("{n}: 45\n")).collect();
    assert_eq!(start_program_parallel(0..4), expected);
}

pub(crate) fn grandchild() {
    let _cluster = parallelize::processes(1).expect("a child");
    let results = process_of_parallel(0..10, Duration::ZERO);
    assert!(results.iter().all(|(_, place)| *place != process::id()));
    println!("{}", results.iter().map(|(n, _)| n).sum::<u64>());
}
