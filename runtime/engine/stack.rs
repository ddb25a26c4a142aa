//! The stack size of the threads that this crate creates.

use std::env;
use std::sync::OnceLock;
use std::thread;

/// The default stack size, in bytes: what the main thread has on most systems, because items that
/// the serial loop can run must not overflow a worker. The memory is virtual until it is used.
const DEFAULT_BYTES: usize = 8 << 20;

/// Returns the stack size of new threads, in bytes.
///
/// It is `PARALLELIZE_STACK_SIZE`, or else std's `RUST_MIN_STACK`, or else the default. Both
/// variables are read once.
pub(crate) fn bytes() -> usize {
    static BYTES: OnceLock<usize> = OnceLock::new();
    *BYTES.get_or_init(|| {
        let value = |name| env::var(name).ok().and_then(|text| text.trim().parse().ok());
        value("PARALLELIZE_STACK_SIZE").or_else(|| value("RUST_MIN_STACK")).unwrap_or(DEFAULT_BYTES)
    })
}

/// Returns a builder of threads with this stack size.
pub(crate) fn builder() -> thread::Builder {
    thread::Builder::new().stack_size(bytes())
}
