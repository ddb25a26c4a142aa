//! How many threads the calls of a process use, and the stack of one that runs items.

use std::{env, thread};

/// The environment variable that limits the threads of every call.
pub(crate) const LIMIT: &str = "PARALLELIZE_THREADS";

/// Returns the maximum number of threads of the calls of this process. Does not start any.
pub(crate) fn limit() -> usize {
    let pool = number("RAYON_NUM_THREADS").unwrap_or_else(cores);
    number(LIMIT).map_or(pool, |limit| limit.min(pool))
}

/// Returns the number of cores that this process may use.
pub(crate) fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// The default stack size, in bytes: that of a main thread, on which items run in other processes.
const DEFAULT_STACK_BYTES: usize = 8 << 20;

/// Returns the stack size of a thread that runs items, in bytes.
pub(crate) fn stack_bytes() -> usize {
    let chosen = number("PARALLELIZE_STACK_SIZE").or_else(|| number("RUST_MIN_STACK"));
    chosen.unwrap_or(DEFAULT_STACK_BYTES)
}

fn number(variable: &str) -> Option<usize> {
    env::var(variable).ok()?.trim().parse().ok().filter(|number| *number > 0)
}
