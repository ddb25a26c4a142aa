//! The token that cancels calls from elsewhere.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Stops calls from elsewhere: from another thread, or from a signal handler.
///
/// Clones are the same token; one token may be given to several calls. Once cancelled, it stays so.
///
/// ```
/// use parallelize::{CancelToken, StopReason, parallelize};
///
/// #[parallelize]
/// fn square(n: u64) -> u64 {
///     n * n
/// }
///
/// let token = CancelToken::new();
/// let calls = square_parallel_iter(0..3).cancel_with(&token);
/// token.cancel();
/// let interrupted = calls.collect::<Vec<_>>().unwrap_err();
/// assert_eq!(interrupted.reason, StopReason::Cancelled);
/// ```
#[derive(Clone, Debug, Default)]
pub struct CancelToken(Arc<AtomicBool>);

impl CancelToken {
    /// A token that is not cancelled.
    #[must_use]
    pub fn new() -> Self {
        CancelToken::default()
    }

    /// Stops the calls that have this token: each of their threads after the item that it is running.
    pub fn cancel(&self) {
        // Release: who sees it cancelled sees what was done before.
        self.0.store(true, Ordering::Release);
    }

    /// Whether it has been cancelled.
    #[must_use]
    #[inline]
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}
