//! Decides which atomics and threads the gate is made of: those of std, or under `--cfg loom` those of its model checker.

#[cfg(not(loom))]
mod real {
    pub(crate) use std::sync::atomic::{AtomicUsize, Ordering};
    pub(crate) use std::thread::{Thread, current as this_thread, park, yield_now as give_way};

    /// Waits for a moment; the longer it has been, the more willingly others are let on the core.
    pub(crate) fn pause(looks: usize) {
        if looks % 64 == 0 {
            give_way();
        } else {
            std::hint::spin_loop();
        }
    }
}

#[cfg(loom)]
mod real {
    pub(crate) use loom::sync::atomic::{AtomicUsize, Ordering};
    pub(crate) use loom::thread::{Thread, current as this_thread, park, yield_now as give_way};

    pub(crate) fn pause(_looks: usize) {
        give_way();
    }
}

pub(crate) use real::*;
