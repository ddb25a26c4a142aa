//! The twins together with the crates that their callers use, a module for each neighbour, against the serial loop.

mod anyhow;
mod channels;
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

/// Keeps a core busy, so that other threads get their share of the items.
pub(crate) fn spin(micros: u64) {
    let start = Instant::now();
    while start.elapsed() < Duration::from_micros(micros) {
        std::hint::spin_loop();
    }
}

/// A pool of so many threads.
pub(crate) fn pool(threads: usize) -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a small pool")
}

/// Runs `test` in pools of several sizes: on one thread, on two, and on more than there may be cores.
pub(crate) fn on_threads(test: impl Fn() + Sync) {
    for threads in [1, 2, 5] {
        pool(threads).install(&test);
    }
    // From a thread outside of any pool, on the global one.
    test();
}
