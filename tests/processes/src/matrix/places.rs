//! Where items run: in the other processes, except those of nested and of simultaneous calls.

use crate::matrix::{Case, Run, same, steps};
use parallelize::parallelize;
use std::collections::BTreeSet;
use std::process;
use std::thread;
use std::time::Duration;

pub(super) const CASES: &[Case] = &[
    ("processes", processes),
    ("nested calls", nested),
    ("simultaneous calls", simultaneous),
    ("calls in a pool", in_pool),
    ("many calls", many),
];

#[parallelize(over = n, distributed)]
fn process_of(n: u64) -> (u64, u32) {
    thread::sleep(Duration::from_millis(3));
    (n, process::id())
}

/// All processes run items, and in order.
fn processes(run: Run) {
    let results = process_of_parallel(0..200);
    same("order", results.iter().map(|(n, _)| *n).collect(), (0..200).collect::<Vec<_>>());
    let places: BTreeSet<u32> = results.iter().map(|(_, process)| *process).collect();
    let expected = run.others + usize::from(run.computes_here || run.others == 0);
    same("processes", places.len(), expected);
    same("this process", places.contains(&process::id()), run.computes_here || run.others == 0);
}

#[parallelize(over = n, distributed)]
fn inner(n: u64, by: u64) -> u64 {
    steps(n, 10).wrapping_mul(by)
}

#[parallelize(over = n, distributed)]
fn outer(n: u64) -> u64 {
    inner_parallel(0..n % 50, n).into_iter().fold(n, u64::wrapping_add)
}

fn nested(_: Run) {
    let serial = (0..200).map(|n| (0..n % 50).map(|m| inner(m, n)).fold(n, u64::wrapping_add)).collect();
    same("nested", outer_parallel(0..200), serial);
    // A nested call in this process, on the thread that pulls the input.
    let input = (0..50).map(|n| inner_parallel(0..10, n).len() as u64);
    same("in the input", inner_parallel(input, 3), (0..50).map(|_| inner(10, 3)).collect());
}

fn simultaneous(_: Run) {
    thread::scope(|scope| {
        for by in 0..6 {
            scope.spawn(move || {
                for length in [0, 1, 300, 500] {
                    same("one of six", inner_parallel(0..length, by), (0..length).map(|n| inner(n, by)).collect());
                }
            });
        }
    });
}

fn in_pool(_: Run) {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().expect("a pool");
    let serial: Vec<u64> = (0..400).map(|n| inner(n, 9)).collect();
    same("inside", pool.install(|| inner_parallel(0..400, 9)), serial.clone());
    let (left, right) = pool.install(|| rayon::join(|| inner_parallel(0..400, 9), || inner_parallel(0..400, 9)));
    same("joined", (left, right), (serial.clone(), serial));
}

/// Short calls follow each other, so an answer of one must not be taken for that of the next.
fn many(_: Run) {
    for by in 0..300 {
        let length = by * 7 % 13;
        same("a short call", inner_parallel(0..length, by), (0..length).map(|n| inner(n, by)).collect());
    }
}
