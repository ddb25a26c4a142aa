//! The token that cancels calls from other code, and the guard that cancels it.

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
    /// It reads one atomic flag. A long item asks its [`ItemToken`](crate::ItemToken) instead,
    /// which also knows of timeouts and of failures of other items.
    ///
    /// # Examples
    ///
    /// ```
    /// use parallelize::CancelToken;
    ///
    /// let token = CancelToken::new();
    /// let clone = token.clone();
    /// assert!(!token.is_cancelled());
    ///
    /// clone.cancel();
    /// assert!(token.is_cancelled());
    /// ```
    #[must_use]
    #[inline]
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    /// Turns the token into a guard that cancels it when the guard is dropped.
    ///
    /// Clone the token first, because the call needs it as well. If you keep the guard next to the
    /// [`Running`](crate::Running) of a call, the call ends with its handle. tokio-util has the
    /// same method.
    ///
    /// # Examples
    ///
    /// ```
    /// use parallelize::{CancelToken, DropGuard, Running, parallelize};
    ///
    /// #[parallelize]
    /// fn count_divisors(n: u64) -> usize {
    ///     (1..=n).filter(|i| n % i == 0).count()
    /// }
    ///
    /// /// Searches in the background until it is dropped.
    /// struct Search {
    ///     // Before the handle, because fields are dropped in this order.
    ///     guard: DropGuard,
    ///     running: Running<usize>,
    /// }
    ///
    /// fn search() -> Search {
    ///     let token = CancelToken::new();
    ///     let guard = token.clone().drop_guard();
    ///     let running = parallelize::spawn(move || {
    ///         let calls = count_divisors_parallel_iter(1..);
    ///         let interrupted =
    ///             calls.cancel_with(&token).collect::<Vec<_>>().unwrap_err();
    ///         interrupted.completed.len()
    ///     });
    ///     Search { guard, running }
    /// }
    ///
    /// let Search { guard, running } = search();
    /// drop(guard);
    /// println!("{} numbers are finished", running.join());
    /// ```
    pub fn drop_guard(self) -> DropGuard {
        DropGuard(Some(self))
    }
}

/// Cancels a [`CancelToken`] when it is dropped. [`CancelToken::drop_guard`] returns it.
///
/// It resembles [`DropGuard`][tokio-util] of tokio-util.
///
/// [tokio-util]: https://docs.rs/tokio-util/latest/tokio_util/sync/struct.DropGuard.html
///
/// # Examples
///
/// ```
/// use parallelize::CancelToken;
///
/// let token = CancelToken::new();
/// {
///     let _guard = token.clone().drop_guard();
///     assert!(!token.is_cancelled());
/// }
/// assert!(token.is_cancelled());
/// ```
#[derive(Debug)]
#[must_use = "a guard that is dropped at once cancels its token at once"]
pub struct DropGuard(
    /// `None` after `disarm`.
    Option<CancelToken>,
);

impl DropGuard {
    /// Returns the token, without cancelling it.
    ///
    /// # Examples
    ///
    /// ```
    /// use parallelize::CancelToken;
    ///
    /// let guard = CancelToken::new().drop_guard();
    /// let token = guard.disarm();
    /// assert!(!token.is_cancelled());
    /// ```
    #[must_use = "the token is the only thing that is left of the guard"]
    pub fn disarm(mut self) -> CancelToken {
        // It is there, because only this method takes it.
        self.0.take().unwrap_or_default()
    }
}

impl Drop for DropGuard {
    fn drop(&mut self) {
        if let Some(token) = &self.0 {
            token.cancel();
        }
    }
}
