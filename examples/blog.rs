//! The steps of "Simple Python parallelism", a blog post from 2014, in Rust.
//!
//! The post passes a slow function to `Pool.map`. For a function with several parameters, it fixes
//! all but one with `functools.partial`. It ends with a wrapper that is easy to call.
//!
//! ```text
//! cargo run --release --example blog
//! ```

use parallelize::parallelize;
use std::time::{Duration, Instant};

// 1. A slow function with one parameter. In Python:
//
//        def is_prime(n):
//            return n > 1 and all(n % i for i in range(2, n))
//
//        pool = Pool()
//        results = pool.map(is_prime, numbers)
//
//    With one parameter, the attribute needs no option.
#[parallelize]
fn is_prime(n: u64) -> bool {
    n > 1 && (2..n).all(|i| n % i != 0)
}

// 2. A function with several parameters: the mean of an orbit of the logistic map. `Pool.map`
//    accepts functions with one parameter only, so Python code fixes the other arguments first:
//
//        pool.map(partial(mean_of_orbit, start=0.5, steps=100_000), rates)
//
//    In Rust, the option `over` names the mapped parameter. The other arguments are fixed.
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

// 3. A large fixed argument. In Python, `partial` pickles it and sends a copy to each process.
//    Threads share an argument that is passed by reference.
#[parallelize(over = needle, name = nearest_of_all)]
fn nearest(needle: f64, haystack: &[f64]) -> f64 {
    haystack.iter().copied().min_by(|a, b| (a - needle).abs().total_cmp(&(b - needle).abs())).unwrap_or(f64::NAN)
}

/// Runs `work` and returns its result and its duration.
fn timed<R>(work: impl FnOnce() -> R) -> (R, Duration) {
    let start = Instant::now();
    let result = work();
    (result, start.elapsed())
}

/// Prints both times and the speed-up.
fn report(what: &str, serial: Duration, parallel: Duration) {
    let speed_up = serial.as_secs_f64() / parallel.as_secs_f64();
    println!("{what:<44} {serial:>9.1?} -> {parallel:>9.1?}   {speed_up:.2} x");
}

/// The bit patterns of `values`, because equal floats may have different bits.
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

    // The map is chaotic at most of these rates. If one operation were done in a different order,
    // the last bits of the result would differ.
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

    println!("all results are identical, bit for bit");
}
