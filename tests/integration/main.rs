//! Integration tests with other crates, compared with the serial loop.

mod anyhow;
mod async_downloads;
mod async_executors;
mod async_failures;
mod async_http;
mod async_order;
mod async_reports;
mod async_send;
mod async_sinks;
mod async_snooze;
mod async_stops;
mod async_tools;
mod async_traits;
mod channels;
mod checkpoint;
mod checkpoint_async;
mod checkpoint_ends;
mod checkpoint_shapes;
mod csv;
mod eyre;
mod image;
mod ndarray;
mod nested;
mod pools;
mod progress;
mod rand;
mod serde;
mod tokio;
mod tracing;
mod walkdir;

use std::time::{Duration, Instant};

/// Spins for `micros` microseconds, so that other threads get their share of the items.
pub(crate) fn spin(micros: u64) {
    let start = Instant::now();
    while start.elapsed() < Duration::from_micros(micros) {
        std::hint::spin_loop();
    }
}

/// Returns a pool of `threads` threads.
pub(crate) fn pool(threads: usize) -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a small pool")
}

/// Runs `test` in pools of 1, 2 and 5 threads, and outside any pool.
pub(crate) fn on_threads(test: impl Fn() + Sync) {
    for threads in [1, 2, 5] {
        pool(threads).install(&test);
    }
    // This thread is in no pool, so its calls use the global pool.
    test();
}
