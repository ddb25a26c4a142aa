//! Calls return what the serial loop returns, bit for bit and in order: on any number of threads,
//! nested, and at the same time.

use crate::{on_threads, spin};
use parallelize::parallelize;
use std::collections::HashSet;
use std::sync::Mutex;
use std::thread::{self, ThreadId};

#[parallelize(over = x)]
fn chaotic(x: f64, rate: f64, steps: u32) -> f64 {
    let mut value = x;
    for _ in 0..steps {
        value = rate * value * (1.0 - value);
    }
    value
}

#[test]
fn floats_are_equal_bit_for_bit() {
    // A chaotic map amplifies the smallest difference.
    let inputs: Vec<f64> = (1..3000).map(|i| f64::from(i) / 3000.0).collect();
    let serial: Vec<u64> = inputs.iter().map(|x| chaotic(*x, 3.9, 200).to_bits()).collect();
    on_threads(|| {
        let parallel = chaotic_parallel(inputs.iter().copied(), 3.9, 200);
        assert_eq!(parallel.iter().map(|y| y.to_bits()).collect::<Vec<_>>(), serial);
    });
}

#[parallelize(over = index)]
fn uneven(index: usize, factor: usize) -> usize {
    // The first items take longest, so they finish last.
    spin(if index < 4 { 2000 } else { 5 });
    index * factor
}

#[test]
fn the_order_is_that_of_the_input() {
    on_threads(|| assert_eq!(uneven_parallel(0..300, 3), (0..300).map(|index| index * 3).collect::<Vec<_>>()));
}

#[test]
fn any_number_of_items() {
    on_threads(|| {
        for count in [0, 1, 2, 3, 5, 8, 100, 1023, 1024, 1025, 20_000] {
            assert_eq!(chaotic_parallel((0..count).map(|_| 0.5), 1.0, 1), vec![0.25; count]);
        }
    });
}

#[parallelize(over = item)]
fn on_thread(item: usize, seen: &Mutex<HashSet<ThreadId>>) -> usize {
    spin(200);
    seen.lock().expect("no panic in a test").insert(thread::current().id());
    item
}

#[test]
fn the_calling_thread_and_a_worker_run_items() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().expect("a small pool");
    let seen: Mutex<HashSet<ThreadId>> = Mutex::default();
    let caller = pool.install(|| {
        // On a busy machine it may take a few calls until a worker thread runs an item.
        for _ in 0..100 {
            on_thread_parallel(0..100, &seen);
            if seen.lock().expect("no panic in a test").len() > 1 {
                break;
            }
        }
        thread::current().id()
    });
    let seen = seen.into_inner().expect("no panic in a test");
    assert!(seen.contains(&caller), "the calling thread ran no item");
    assert!(seen.len() > 1, "no worker thread ran an item");
    assert!(seen.len() <= 3, "{} threads ran items, but the pool has 3", seen.len());
}

#[parallelize(over = row)]
fn outer(row: u32, columns: u32) -> Vec<u32> {
    inner_parallel(0..columns, row)
}

#[parallelize(over = column)]
fn inner(column: u32, row: u32) -> u32 {
    spin(1);
    row * 1000 + column
}

#[test]
fn calls_may_be_nested() {
    let serial: Vec<Vec<u32>> = (0..60).map(|row| (0..60).map(|column| inner(column, row)).collect()).collect();
    on_threads(|| assert_eq!(outer_parallel(0..60, 60), serial));
}

#[test]
fn calls_may_run_at_the_same_time() {
    thread::scope(|scope| {
        for factor in 0..8 {
            scope.spawn(move || {
                for _ in 0..20 {
                    let results = uneven_parallel(10..200, factor);
                    assert_eq!(results, (10..200).map(|index| index * factor).collect::<Vec<_>>());
                }
            });
        }
    });
}

#[parallelize(over = item)]
fn heavy(item: usize, bytes: usize) -> Vec<u8> {
    vec![u8::try_from(item % 256).unwrap_or_default(); bytes]
}

#[parallelize(over = nothing)]
fn nothing(nothing: (), _fixed: ()) -> [u8; 0] {
    let () = nothing;
    []
}

#[test]
fn results_may_be_large_or_zero_sized() {
    let results = heavy_parallel(0..200, 10_000);
    assert!(results.iter().enumerate().all(|(item, bytes)| bytes.len() == 10_000 && usize::from(bytes[0]) == item));
    assert_eq!(nothing_parallel(vec![(); 5000], ()), vec![[0_u8; 0]; 5000]);
}
