//! What the crate promises, a module for each behaviour.

mod alive;
mod bombs;
mod calls;
mod drops;
mod failures;
mod imports;
mod inputs;
mod lazy;
mod matrix;
mod panics;
mod several;
#[path = "../shapes/mod.rs"]
mod shapes;
mod stack;
mod stops;
mod streams;
mod threads;
mod tidy;

use std::time::{Duration, Instant};

/// Keeps a core busy, so that other threads get their share of the items.
pub(crate) fn spin(micros: u64) {
    let start = Instant::now();
    while start.elapsed() < Duration::from_micros(micros) {
        std::hint::spin_loop();
    }
}

/// Runs `test` in pools of several sizes: on one thread, on two, and on more than there may be cores.
pub(crate) fn on_threads(test: impl Fn() + Sync) {
    for threads in [1, 2, 5] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a small pool");
        pool.install(&test);
    }
    // From a thread outside of any pool, on the global one.
    test();
}
