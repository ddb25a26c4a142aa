//! "Simple Python parallelism", a blog post of 2014, retold in Rust.
//!
//! The post takes a slow function, gives it to `Pool.map`, meets the first function of several arguments, fixes all but one of them with
//! `functools.partial`, and ends with a helper that makes the whole of it easy to call. Here are the same steps.
//!
//! ```text
//! cargo run --release --example blog
//! ```

use parallelize::parallelize;
use std::time::{Duration, Instant};

// 1. A slow function of one argument. In Python:
//
//        def is_prime(n):
//            return n > 1 and all(n % i for i in range(2, n))
//
//        pool = Pool()
//        results = pool.map(is_prime, numbers)
//
//    With one argument there is nothing to choose: the attribute alone is enough.
#[parallelize]
fn is_prime(n: u64) -> bool {
    n > 1 && (2..n).all(|i| n % i != 0)
}

// 2. A function of several arguments: here, of the logistic map, the mean of an orbit. `Pool.map` takes functions of one argument, so in
//    Python the others are fixed first:
//
//        pool.map(partial(mean_of_orbit, start=0.5, steps=200_000), rates)
//
//    Here the attribute says which argument is mapped; the others stay fixed, and keep their places.
#[parallelize(over = rate)]
fn mean_of_orbit(rate: f64, start: f64, steps: u32) -> f64 {
    let mut x = start;
    let mut sum = 0.0;
    for _ in 0..steps {
        x = rate * x * (1.0 - x);
        sum += x;
    }
    sum / f64::from(steps)
}

// 3. Fixed arguments may be large. `partial` pickles them and sends a copy to each process; threads share what is passed by reference.
#[parallelize(over = needle, name = nearest_of_all)]
fn nearest(needle: f64, haystack: &[f64]) -> f64 {
    haystack.iter().copied().min_by(|a, b| (a - needle).abs().total_cmp(&(b - needle).abs())).unwrap_or(f64::NAN)
}

/// Runs `work`, and returns what it took.
fn timed<R>(work: impl FnOnce() -> R) -> (R, Duration) {
    let start = Instant::now();
    let result = work();
    (result, start.elapsed())
}

fn report(what: &str, serial: Duration, parallel: Duration) {
    let speed_up = serial.as_secs_f64() / parallel.as_secs_f64();
    println!("{what:<44} {serial:>9.1?} -> {parallel:>9.1?}   {speed_up:.2} x");
}

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|value| value.to_bits()).collect()
}

fn main() {
    println!("{:<44} {:>9}    {:>9}", "", "serial", "parallel");

    let numbers = 30_000..34_000;
    let (serial, serial_time) = timed(|| numbers.clone().map(is_prime).collect::<Vec<_>>());
    let (parallel, parallel_time) = timed(|| is_prime_parallel(numbers.clone()));
    assert_eq!(serial, parallel);
    report("is_prime_parallel(30_000..34_000)", serial_time, parallel_time);

    // The map is chaotic at most of these rates: had one operation been done in another order, the last bits would tell.
    let rates: Vec<f64> = (0..1_000).map(|i| 3.5 + 0.5 * f64::from(i) / 1_000.0).collect();
    let (serial, serial_time) =
        timed(|| rates.iter().map(|rate| mean_of_orbit(*rate, 0.5, 100_000)).collect::<Vec<_>>());
    let (parallel, parallel_time) = timed(|| mean_of_orbit_parallel(rates, 0.5, 100_000));
    assert_eq!(bits(&serial), bits(&parallel));
    report("mean_of_orbit_parallel(rates, 0.5, 100_000)", serial_time, parallel_time);

    let needles = &serial[..500];
    let haystack: Vec<f64> =
        (0..200_000_u32).map(|i| f64::from(i.wrapping_mul(2_654_435_761)) / f64::from(u32::MAX)).collect();
    let (serial, serial_time) = timed(|| needles.iter().map(|needle| nearest(*needle, &haystack)).collect::<Vec<_>>());
    let (parallel, parallel_time) = timed(|| nearest_of_all(needles.iter().copied(), &haystack));
    assert_eq!(bits(&serial), bits(&parallel));
    report("nearest_of_all(needles, &haystack)", serial_time, parallel_time);

    println!("all results are equal, bit for bit");
}
