//! Tests of what the crate promises, with one module per behavior.

mod alive;
mod asynchronous;
mod background;
mod bombs;
mod calls;
mod closures;
mod crew;
mod drops;
mod failures;
mod futures;
mod imports;
mod inputs;
mod known;
mod lazy;
mod links;
mod matrix;
mod panics;
#[cfg(feature = "progress")]
mod progress;
mod prose;
mod running;
mod search;
mod several;
#[path = "../shapes/mod.rs"]
mod shapes;
mod sinks;
mod skips;
mod stack;
mod stops;
mod streams;
mod threads;
mod tidy;
mod tokens;
mod unordered;
mod waits;

use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// Spins for `micros` microseconds, so that other threads get their share of the items.
pub(crate) fn spin(micros: u64) {
    let start = Instant::now();
    while start.elapsed() < Duration::from_micros(micros) {
        std::hint::spin_loop();
    }
}

/// Runs `test` in pools of 1, 2 and 5 threads, and outside any pool.
pub(crate) fn on_threads(test: impl Fn() + Sync) {
    for threads in [1, 2, 5] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a small pool");
        pool.install(&test);
    }
    // This thread is in no pool, so its calls use the global pool.
    test();
}

/// Runs `test` on another thread, and panics if it takes longer than `seconds`.
pub(crate) fn within_seconds(seconds: u64, test: impl FnOnce() + Send + 'static) {
    let (done, is_done) = mpsc::channel();
    let test = thread::spawn(move || {
        test();
        let _ = done.send(());
    });
    match is_done.recv_timeout(Duration::from_secs(seconds)) {
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("the test hangs"),
        _ => test.join().expect("the test itself"),
    }
}
