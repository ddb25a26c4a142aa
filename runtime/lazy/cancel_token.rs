//! The token that cancels calls from other code.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Cancels calls from other code: from another thread, or from a Ctrl-C handler.
///
/// [`ParallelIter::cancel_with`](crate::ParallelIter::cancel_with) passes a token to a call. You
/// can pass one token to several calls. All clones of a token are cancelled together, and a
/// cancelled token stays cancelled.
///
/// It resembles [`CancellationToken`][tokio-util] of tokio-util, without child tokens and without
/// waiting.
///
/// [tokio-util]: https://docs.rs/tokio-util/latest/tokio_util/sync/struct.CancellationToken.html
///
/// # Examples
///
/// ```
/// use parallelize::{CancelToken, StopReason, parallelize};
/// use std::thread;
/// use std::time::Duration;
///
/// #[parallelize]
/// fn count_divisors(n: u64) -> usize {
///     (1..=n).filter(|i| n % i == 0).count()
/// }
///
/// let token = CancelToken::new();
/// let remote = token.clone();
/// thread::spawn(move || {
///     thread::sleep(Duration::from_millis(10));
///     remote.cancel();
/// });
///
/// let calls = count_divisors_parallel_iter(1..).cancel_with(&token);
/// let interrupted = calls.collect::<Vec<_>>().unwrap_err();
/// assert_eq!(interrupted.reason, StopReason::Cancelled);
/// println!("{} numbers are finished", interrupted.completed.len());
/// ```
#[derive(Clone, Debug, Default)]
pub struct CancelToken(Arc<AtomicBool>);

impl CancelToken {
    /// Creates a token that is not cancelled.
    #[must_use]
    pub fn new() -> Self {
        CancelToken::default()
    }

    /// Cancels the token, and with it all calls that have it.
    ///
    /// Returns immediately. Each thread of a cancelled call first finishes the item that it is
    /// running.
    pub fn cancel(&self) {
        // Release: a thread that sees the cancelled token also sees all writes before this one.
        self.0.store(true, Ordering::Release);
    }

    /// Returns whether the token has been cancelled.
    ///
    /// If one item takes long, pass the token to the function as well, as a fixed argument, and
    /// call this method there. It reads one atomic flag.
    ///
    /// # Examples
    ///
    /// ```
    /// use parallelize::{CancelToken, parallelize};
    ///
    /// #[parallelize(over = start)]
    /// fn simulate(start: f64, steps: u32, token: &CancelToken) -> f64 {
    ///     let mut x = start;
    ///     for _ in 0..steps {
    ///         if token.is_cancelled() {
    ///             break;
    ///         }
    ///         x = x.sin();
    ///     }
    ///     x
    /// }
    ///
    /// let token = CancelToken::new();
    /// let calls = simulate_parallel_iter([0.5, 1.0], 1_000, &token);
    /// let results = calls.cancel_with(&token).collect::<Vec<_>>();
    /// assert!(results.is_ok());
    /// ```
    #[must_use]
    #[inline]
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}
