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
    /// The names of the fixed arguments.
    pub arguments: Vec<String>,
    /// The number of results.
    pub results: u64,
    /// The time at which the first call began.
    pub created: SystemTime,
    /// The time at which the latest call began. It may be an older one if the program was killed
    /// before it closed the file.
    pub last_used: SystemTime,
}
