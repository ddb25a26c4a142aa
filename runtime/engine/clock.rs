//! The clocks of the engine: one that counts nanoseconds, and one that is cheaper to read, has no
//! known unit, and tells what is long from what is short.
#![allow(unsafe_code)]

use std::sync::OnceLock;
use std::time::Instant;

pub(crate) use selected::{MAX_TICKS_PER_NANO, ticks};

/// Returns the nanoseconds since the first call of this function in the process.
pub(crate) fn now() -> u64 {
    static START: OnceLock<Instant> = OnceLock::new();
    nanos_since(*START.get_or_init(Instant::now))
}

/// Returns the nanoseconds since `start`.
pub(crate) fn nanos_since(start: Instant) -> u64 {
    u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(all(target_arch = "x86_64", not(target_env = "sgx"), not(miri)))]
mod selected {
    /// Maximum number of ticks per nanosecond.
    pub(crate) const MAX_TICKS_PER_NANO: f32 = 5.0;

    /// Returns the cycle counter of the processor, which advances by one to five ticks per
    /// nanosecond.
    #[inline]
    pub(crate) fn ticks() -> u64 {
        // SAFETY: Every x86-64 processor has this counter, and reading it has no other effect.
        unsafe { core::arch::x86_64::_rdtsc() }
    }
}

#[cfg(not(all(target_arch = "x86_64", not(target_env = "sgx"), not(miri))))]
mod selected {
    /// Maximum number of ticks per nanosecond.
    pub(crate) const MAX_TICKS_PER_NANO: f32 = 1.0;

    pub(crate) use crate::engine::clock::now as ticks;
}

/// Minimum duration of a pull that has waited, in clock ticks: about a millisecond, or less if the
/// clock is a fast cycle counter. Computing an item may take as long, and is then treated alike.
pub(crate) const MIN_WAIT_TICKS: u64 = 1_000_000;
