//! A sweep with a checkpoint, which goes on after a kill.

use parallelize::{Checkpoint, parallelize};
use std::thread;
use std::time::Duration;

pub(crate) const ITEMS: u64 = 12_000;

#[parallelize(over = n, threads = 2, distributed, checkpoint)]
fn simulate(n: u64, table: &[u64]) -> u64 {
    thread::sleep(Duration::from_millis(2));
    table.iter().fold(n, |x, y| x.rotate_left(7).wrapping_mul(31) ^ y)
}

pub(crate) fn run(path: &str) {
    let store = Checkpoint::open(path).unwrap_or_else(|error| panic!("{error}"));
    let table = [3, 5, 8];
    let results: Vec<u64> = simulate_parallel_iter(0..ITEMS, &table).checkpoint(&store).collect().expect("a disk");
    for (n, result) in (0..ITEMS).zip(&results) {
        assert_eq!(*result, table.iter().fold(n, |x, y| x.rotate_left(7).wrapping_mul(31) ^ y));
    }
    let computed = store.summary().expect("a call").computed;
    println!("computed {computed} of {}", results.len());
}
