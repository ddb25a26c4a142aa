//! The environment variables that limit threads and size their stacks.

use std::env;
use std::sync::OnceLock;

/// The variable that limits the threads of every call.
pub(crate) const MAX_THREADS: &str = "PARALLELIZE_THREADS";

/// The default stack size, in bytes: what the main thread has on most systems, because items that
/// the serial loop can run must not overflow a worker. The memory is virtual until it is used.
const DEFAULT_STACK_BYTES: usize = 8 << 20;

/// Returns the maximum number of threads of any call: the environment variable
/// `PARALLELIZE_THREADS`, which is read once, or else `usize::MAX`.
pub(crate) fn max_threads() -> usize {
    static THREADS: OnceLock<usize> = OnceLock::new();
    *THREADS.get_or_init(|| number(MAX_THREADS).filter(|threads| *threads > 0).unwrap_or(usize::MAX))
}

/// Returns the stack size of new threads, in bytes.
///
/// It is `PARALLELIZE_STACK_SIZE`, or else std's `RUST_MIN_STACK`, or else the default. Both
/// variables are read once.
pub(crate) fn stack_bytes() -> usize {
    static BYTES: OnceLock<usize> = OnceLock::new();
    *BYTES.get_or_init(|| {
        number("PARALLELIZE_STACK_SIZE").or_else(|| number("RUST_MIN_STACK")).unwrap_or(DEFAULT_STACK_BYTES)
    })
}

/// Returns the number in a variable, if it is one.
pub(crate) fn number(variable: &str) -> Option<usize> {
    env::var(variable).ok()?.trim().parse().ok()
}
