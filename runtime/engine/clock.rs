//! A clock that is cheap to read and has no known unit: it tells what is long from what is short.
#![allow(unsafe_code)]

/// Returns the cycle counter of the processor, which advances by one to five ticks per nanosecond.
#[cfg(all(target_arch = "x86_64", not(target_env = "sgx"), not(miri)))]
#[inline]
pub(crate) fn ticks() -> u64 {
    // SAFETY: Every x86-64 processor has this counter, and reading it has no other effect.
    unsafe { core::arch::x86_64::_rdtsc() }
}

/// Returns the nanoseconds since the first call.
#[cfg(not(all(target_arch = "x86_64", not(target_env = "sgx"), not(miri))))]
#[inline]
pub(crate) fn ticks() -> u64 {
    crate::engine::wake::now()
}

/// Maximum number of ticks per nanosecond.
#[cfg(all(target_arch = "x86_64", not(target_env = "sgx"), not(miri)))]
pub(crate) const MAX_TICKS_PER_NANO: f32 = 5.0;

/// Maximum number of ticks per nanosecond.
#[cfg(not(all(target_arch = "x86_64", not(target_env = "sgx"), not(miri))))]
pub(crate) const MAX_TICKS_PER_NANO: f32 = 1.0;

/// Minimum duration of a pull that has waited, in clock ticks: about a millisecond, or less if the
/// clock is a fast cycle counter. Computing an item may take as long, and is then treated alike.
pub(crate) const MIN_WAIT_TICKS: u64 = 1_000_000;
