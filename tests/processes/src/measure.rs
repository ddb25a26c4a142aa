//! What calls in children cost, compared with the serial loop and with threads.

#![allow(clippy::cast_precision_loss, reason = "these are times for people")]

use parallelize::parallelize;
use std::hint::black_box;
use std::time::{Duration, Instant};

#[parallelize(over = x, distributed)]
fn half(x: f64) -> f64 {
    x * 0.5
}

#[parallelize(over = row, distributed)]
fn double(row: &[f64]) -> Vec<f64> {
    row.iter().map(|x| x * 2.0).collect()
}

#[parallelize(over = n, distributed)]
fn spin(n: u64, micros: u64) -> u64 {
    let start = Instant::now();
    while start.elapsed() < Duration::from_micros(micros) {
        black_box(n);
    }
    n
}

/// The best of several times.
fn best(rounds: usize, mut work: impl FnMut()) -> f64 {
    let times = (0..rounds).map(|_| {
        let start = Instant::now();
        work();
        start.elapsed().as_secs_f64()
    });
    times.fold(f64::INFINITY, f64::min)
}

pub(crate) fn run() {
    let start = Instant::now();
    let cluster = parallelize::processes(2).expect("two children");
    println!("start of two children        {:8.2} ms", start.elapsed().as_secs_f64() * 1e3);
    let time = best(200, || drop(half_parallel(std::iter::empty())));
    println!("empty call                   {:8.2} us", time * 1e6);
    let time = best(200, || drop(half_parallel([1.0])));
    println!("one item                     {:8.2} us", time * 1e6);
    for count in [1_000, 100_000, 1_000_000] {
        let time = best(20, || drop(half_parallel((0..count).map(f64::from))));
        println!("trivial items, {count:>8}      {:8.3} us per item", time * 1e6 / f64::from(count));
    }
    for mib in [1_usize, 8, 64] {
        let row = vec![1.5; mib << 17];
        let time = best(10, || drop(double_parallel([&row[..]])));
        println!("a row of {mib:2} MiB and back      {:8.2} ms per MiB", time * 1e3 / mib as f64);
    }
    for (count, micros) in [(2_000, 400), (200, 3_300)] {
        let time = best(3, || drop(spin_parallel(0..count, micros)));
        let serial = count as f64 * micros as f64 * 1e-6;
        println!("{count} items of {micros} us       {:8.3} times the serial loop", serial / time);
    }
    drop(cluster);
    for (count, micros) in [(2_000, 400), (200, 3_300)] {
        let time = best(3, || drop(spin_parallel(0..count, micros)));
        let serial = count as f64 * micros as f64 * 1e-6;
        println!("{count} items of {micros} us       {:8.3} times the serial loop, with threads", serial / time);
    }
}
