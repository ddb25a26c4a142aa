//! The atomics, locks and threads that the gate and the desk use: those of std or, with
//! `--cfg loom`, those of the model checker.

/// Maximum number of spins of a thread that waits for other threads. They take some tens of
/// microseconds, about as long as a chunk, because the others finish theirs in that time. After
/// that, the calling thread sleeps, and a worker thread leaves.
pub(crate) const MAX_SPINS: usize = if cfg!(loom) { 1 } else { 2_000 };

#[cfg(not(loom))]
mod selected {
    pub(crate) use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    pub(crate) use std::sync::{Condvar, Mutex, MutexGuard};
    pub(crate) use std::thread::{Thread, current as this_thread, park, yield_now};

    /// Waits for a moment. Every 64th of a series of pauses gives the core to other threads.
    pub(crate) fn pause(spins: usize) {
        if spins % 64 == 0 {
            yield_now();
        } else {
            std::hint::spin_loop();
        }
    }
}

#[cfg(loom)]
mod selected {
    pub(crate) use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    pub(crate) use loom::sync::{Condvar, Mutex, MutexGuard};
    pub(crate) use loom::thread::{Thread, current as this_thread, park, yield_now};

    /// Lets loom run another thread.
    pub(crate) fn pause(_spins: usize) {
        yield_now();
    }
}

pub(crate) use selected::*;
