//! How many threads the calls of a process use.

use crate::variables::{max_threads, number};
use std::thread;

/// Returns the maximum number of threads of the calls of this process. Does not start any.
pub(crate) fn limit() -> usize {
    let cores = || thread::available_parallelism().map_or(1, usize::from);
    number("RAYON_NUM_THREADS").filter(|threads| *threads > 0).unwrap_or_else(cores).min(max_threads())
}
