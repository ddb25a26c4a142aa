//! The start of a call: what its function is told, and what it may change.

use crate::lazy::stop::Stops;

/// What the function of a call is told when the call begins. The function may change it.
pub struct Start {
    /// What may stop the call.
    pub(crate) stops: Stops,
    /// The maximum number of threads, including the calling thread; `None` for those of the pool.
    pub(crate) threads: Option<usize>,
    /// The maximum number of items and results that the call holds, if it is a stream.
    #[cfg_attr(not(feature = "distributed"), expect(dead_code, reason = "only other processes hold items"))]
    pub(crate) in_flight: usize,
}

#[cfg(test)]
impl From<Stops> for Start {
    fn from(stops: Stops) -> Self {
        Start { stops, threads: None, in_flight: usize::MAX }
    }
}
