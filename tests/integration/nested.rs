//! rayon: items that use rayon, and calls inside its parallel iterators, return the results of the
//! serial loop without a deadlock.

use crate::{on_threads, spin};
use parallelize::parallelize;
use rayon::prelude::*;

#[parallelize(over = start)]
fn sum(start: u64, length: u64) -> u64 {
    (start..start + length).into_par_iter().map(|x| x.wrapping_mul(x) % 1013).sum()
}

fn sum_of_loop(start: u64, length: u64) -> u64 {
    (start..start + length).map(|x| x.wrapping_mul(x) % 1013).sum()
}

#[test]
fn sums_inside_items() {
    let serial: Vec<u64> = (0..200).map(|start| sum_of_loop(start, 2000)).collect();
    on_threads(|| {
        assert_eq!(sum_parallel(0..200, 2000), serial);
        assert!(sum_parallel_iter(0..200, 2000).in_flight(8).into_iter().eq(serial.iter().copied()));
    });
}

#[parallelize]
fn sorted(mut values: Vec<u32>) -> Vec<u32> {
    values.par_sort();
    values
}

#[test]
fn sorts_inside_items() {
    let columns = || (1..60_u32).map(|column| (0..3000).map(move |x| x * 7919 % (column * 101)).collect::<Vec<_>>());
    let serial: Vec<Vec<u32>> = columns()
        .map(|mut column| {
            column.sort_unstable();
            column
        })
        .collect();
    on_threads(|| assert_eq!(sorted_parallel(columns()), serial));
}

#[parallelize(over = n)]
fn fibonacci(n: u32, small: u32) -> u64 {
    if n < 2 {
        return n.into();
    }
    if n <= small {
        return fibonacci(n - 1, small) + fibonacci(n - 2, small);
    }
    let (a, b) = rayon::join(|| fibonacci(n - 1, small), || fibonacci(n - 2, small));
    a + b
}

#[test]
fn joins_inside_items() {
    let serial: Vec<u64> = (0..22).map(|n| fibonacci(n, 22)).collect();
    assert_eq!(serial[21], 10_946);
    on_threads(|| {
        for small in [3, 10] {
            assert_eq!(fibonacci_parallel(0..22, small), serial);
        }
    });
}

#[parallelize(over = x)]
fn light(x: u64, by: u64) -> u64 {
    spin(3);
    x * by
}

#[test]
fn calls_inside_a_parallel_iterator() {
    let serial: Vec<Vec<u64>> = (0..60).map(|by| (0..50).map(|x| x * by).collect()).collect();
    on_threads(|| {
        let nested: Vec<Vec<u64>> = (0..60_u64).into_par_iter().map(|by| light_parallel(0..50, by)).collect();
        assert_eq!(nested, serial);
        let streamed = (0..60_u64).into_par_iter().map(|by| light_parallel_iter(0..50, by).into_iter().collect());
        assert_eq!(streamed.collect::<Vec<Vec<u64>>>(), serial);
    });
}

// Each item runs a parallel iterator of rayon, whose items make another call.
#[parallelize(over = row)]
fn table(row: u64, columns: u64) -> Vec<u64> {
    (0..columns).into_par_iter().map(|column| light_parallel(0..10, row * column).into_par_iter().sum()).collect()
}

#[test]
fn calls_and_parallel_iterators_nest_deeply() {
    let serial: Vec<Vec<u64>> = (0..20).map(|row| (0..8).map(|column| 45 * row * column).collect()).collect();
    on_threads(|| {
        assert_eq!(table_parallel(0..20, 8), serial);
        let again: Vec<_> = (0..4).into_par_iter().map(|_| table_parallel(0..20, 8)).collect();
        assert!(again.iter().all(|table| *table == serial));
    });
}

#[parallelize(over = item, try_collect)]
fn search(item: u64, wanted: u64) -> Result<u64, u64> {
    let found = (0..2000_u64).into_par_iter().find_first(|x| item * 2000 + x == wanted);
    found.map_or(Ok(item), |x| Err(item * 2000 + x))
}

#[parallelize]
fn check(item: u64) -> u64 {
    (0..100_u64).into_par_iter().for_each(|x| {
        if item * 100 + x == 777 {
            std::panic::resume_unwind(Box::new(item));
        }
    });
    item
}

#[test]
fn errors_and_panics_of_nested_work_are_passed_on() {
    on_threads(|| {
        assert_eq!(search_parallel(0.., 123_456), Err(123_456));
        let results: Result<Vec<Vec<u64>>, u64> = [u64::MAX, 50_000, 7000]
            .into_par_iter()
            .map(|wanted| search_parallel(0..40, wanted))
            .filter(Result::is_err)
            .collect();
        assert!(matches!(results, Err(50_000 | 7000)));
        let panic = std::panic::catch_unwind(|| check_parallel(0..50)).expect_err("item 7 panics");
        assert_eq!(panic.downcast_ref(), Some(&7_u64));
    });
}

#[test]
fn results_are_passed_to_rayon() {
    let serial: u64 = (0..1000).map(|x| x * 2).sum();
    on_threads(|| {
        assert_eq!(light_parallel(0..1000, 2).into_par_iter().sum::<u64>(), serial);
        // `into_iter()` of a lazy call gives an iterator, which `par_bridge` accepts.
        let bridged = light_parallel_iter(0..1000, 2).into_iter().par_bridge();
        assert_eq!(bridged.sum::<u64>(), serial);
    });
}
