//! What a file says about a sweep.

use std::time::SystemTime;

/// A sweep in a file: a function with a set of fixed arguments.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SweepInfo {
    /// The path of the function, as in `my_crate::simulate`.
    pub function: String,
    /// The version that the attribute gives, or 0.
    pub version: u64,
    /// The number of results.
    pub results: u64,
    /// The time of the first call.
    pub created: SystemTime,
    /// The time of the latest call.
    pub last_used: SystemTime,
}
