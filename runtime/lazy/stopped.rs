//! The errors of calls that were stopped before their input ended.

use std::error::Error;
use std::fmt::{self, Debug, Display, Formatter};

/// Why a call was stopped.
///
/// It is displayed as `cancelled`, `timed out` or `stopped by its checkpoint`.
///
/// # Examples
///
/// ```
/// use parallelize::{StopReason, parallelize};
/// use std::time::Duration;
///
/// #[parallelize]
/// fn square(n: u64) -> u64 {
///     n * n
/// }
///
/// let calls = square_parallel_iter(0..100).timeout(Duration::ZERO);
/// let interrupted = calls.collect::<Vec<_>>().unwrap_err();
/// assert_eq!(interrupted.reason, StopReason::TimedOut);
/// assert_eq!(interrupted.reason.to_string(), "timed out");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StopReason {
    /// A [`CancelToken`](crate::CancelToken) of the call was cancelled, or the future of
    /// [`until`](crate::ConcurrentIter::until) was ready.
    Cancelled,
    /// The timeout of the call expired.
    TimedOut,
    /// The checkpoint of the call failed, for example because the disk is full. `failure` of the
    /// checkpoint returns its error.
    CheckpointFailed,
}

impl StopReason {
    /// Returns the words that follow "the call" in a message.
    fn predicate(self) -> &'static str {
        match self {
            StopReason::Cancelled => "was cancelled",
            StopReason::TimedOut => "timed out",
            StopReason::CheckpointFailed => "was stopped by its checkpoint (`Checkpoint::failure` says why)",
        }
    }
}

impl Display for StopReason {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            StopReason::Cancelled => "cancelled",
            StopReason::TimedOut => "timed out",
            StopReason::CheckpointFailed => "stopped by its checkpoint",
        })
    }
}

/// The error of a call that was stopped before its input ended, without results.
///
/// [`for_each`](crate::ParallelIter::for_each), [`try_for_each`](crate::ParallelIter::try_for_each)
/// and [`collect_into_vec`](crate::ParallelIter::collect_into_vec) return it. The closure has
/// already received the results, or they are in the vector. The same terminals of a
/// [`ConcurrentIter`](crate::ConcurrentIter) return it after [`until`].
///
/// [`until`]: crate::ConcurrentIter::until
///
/// # Examples
///
/// ```
/// use parallelize::{Stopped, parallelize};
/// use std::time::Duration;
///
/// #[parallelize]
/// fn square(n: u64) -> u64 {
///     n * n
/// }
///
/// let calls = square_parallel_iter(0..).timeout(Duration::ZERO);
/// let mut sum = 0;
/// let stopped: Stopped = calls.for_each(|n| sum += n).unwrap_err();
/// assert_eq!(stopped.to_string(), "the call timed out");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Stopped {
    /// Why the call was stopped.
    pub reason: StopReason,
}

impl Display for Stopped {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "the call {}", self.reason.predicate())
    }
}

impl Error for Stopped {}

/// The error of a call that was stopped before its input ended, with all finished results.
///
/// [`collect`](crate::ParallelIter::collect) and [`try_collect`](crate::ParallelIter::try_collect)
/// return it, also those of a [`ConcurrentIter`](crate::ConcurrentIter). `?` converts it to
/// [`Stopped`], which has no results.
///
/// # Examples
///
/// ```
/// use parallelize::{Interrupted, parallelize};
/// use std::time::Duration;
///
/// #[parallelize]
/// fn square(n: usize) -> usize {
///     n * n
/// }
///
/// let calls = square_parallel_iter(0..).timeout(Duration::from_millis(5));
/// let Interrupted { completed, out_of_order, .. } =
///     calls.collect::<Vec<_>>().unwrap_err();
///
/// for (index, square) in completed.into_iter().enumerate() {
///     assert_eq!(square, index * index);
/// }
/// for (index, square) in out_of_order {
///     assert_eq!(square, index * index);
/// }
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Interrupted<R> {
    /// The results of the first items, in input order and without a gap.
    pub completed: Vec<R>,
    /// Results of later items that had already finished, each with its index in the input, in
    /// ascending order.
    pub out_of_order: Vec<(usize, R)>,
    /// Why the call was stopped.
    pub reason: StopReason,
}

/// Shows the numbers of results instead of the results, which may be many and need not be `Debug`.
impl<R> Debug for Interrupted<R> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Interrupted")
            .field("completed", &self.completed.len())
            .field("out_of_order", &self.out_of_order.len())
            .field("reason", &self.reason)
            .finish()
    }
}

impl<R> Display for Interrupted<R> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let count = self.completed.len() + self.out_of_order.len();
        write!(f, "the call {} after {count} items", self.reason.predicate())
    }
}

impl<R> Error for Interrupted<R> {}

/// Drops the results. This is useful with `?` if the results borrow and the error must not.
///
/// # Examples
///
/// ```
/// use parallelize::{Stopped, parallelize};
/// use std::time::Duration;
///
/// #[parallelize(over = line)]
/// fn trim<'t>(line: &'t str, end: char) -> &'t str {
///     line.trim_end_matches(end)
/// }
///
/// fn trim_all(text: &str) -> Result<Vec<&str>, Stopped> {
///     let calls = trim_parallel_iter(text.lines(), '.');
///     Ok(calls.timeout(Duration::from_secs(60)).collect()?)
/// }
///
/// assert_eq!(trim_all("one.\nthree."), Ok(vec!["one", "three"]));
/// ```
impl<R> From<Interrupted<R>> for Stopped {
    fn from(interrupted: Interrupted<R>) -> Self {
        Stopped { reason: interrupted.reason }
    }
}
