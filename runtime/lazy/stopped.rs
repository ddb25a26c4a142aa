//! The errors of calls that were stopped before their input ended.

use std::error::Error;
use std::fmt::{self, Debug, Display, Formatter};

/// Why a call was stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StopReason {
    /// Its [`CancelToken`] was cancelled.
    Cancelled,
    /// Its deadline passed.
    TimedOut,
}

impl StopReason {
    /// The words that follow "the call" in a message.
    fn predicate(self) -> &'static str {
        match self {
            StopReason::Cancelled => "was cancelled",
            StopReason::TimedOut => "timed out",
        }
    }
}

impl Display for StopReason {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            StopReason::Cancelled => "cancelled",
            StopReason::TimedOut => "timed out",
        })
    }
}

/// A call was stopped before its input ended.
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
/// let mut sum = 0;
/// let stopped: Stopped = square_parallel_iter(0..).timeout(Duration::ZERO).for_each(|n| sum += n).unwrap_err();
/// assert_eq!(stopped.to_string(), "the call timed out");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Stopped {
    /// Why.
    pub reason: StopReason,
}

impl Display for Stopped {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "the call {}", self.reason.predicate())
    }
}

impl Error for Stopped {}

/// A call was stopped before its input ended, and this is what it had finished.
///
/// ```
/// use parallelize::{CancelToken, Interrupted, parallelize};
///
/// #[parallelize(over = n)]
/// fn square(n: u64, token: &CancelToken) -> u64 {
///     if n == 100 {
///         token.cancel();
///     }
///     n * n
/// }
///
/// let token = CancelToken::new();
/// let calls = square_parallel_iter(0.., &token).cancel_with(&token);
/// let Interrupted { completed, out_of_order, .. } = calls.collect::<Vec<_>>().unwrap_err();
/// for (n, result) in completed.iter().enumerate() {
///     assert_eq!(*result, (n * n) as u64);
/// }
/// for (n, result) in out_of_order {
///     assert!(n > completed.len());
///     assert_eq!(result, (n * n) as u64);
/// }
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Interrupted<R> {
    /// The results of the first items, in order, without a gap: what the loop would have by then.
    pub completed: Vec<R>,
    /// What other threads had finished beyond the first item that was not: each with the index of its item in the input, in order.
    pub out_of_order: Vec<(usize, R)>,
    /// Why it was stopped.
    pub reason: StopReason,
}

/// Without the results, which may be many, and may not know how to be printed.
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

/// Without the results: for `?` where these borrow, and an error may not.
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
/// fn shortest(text: &str) -> Result<usize, Stopped> {
///     let lines: Vec<&str> = trim_parallel_iter(text.lines(), '.').timeout(Duration::from_secs(60)).collect()?;
///     Ok(lines.into_iter().map(str::len).min().unwrap_or_default())
/// }
///
/// assert_eq!(shortest("one.\nthree."), Ok(3));
/// ```
impl<R> From<Interrupted<R>> for Stopped {
    fn from(interrupted: Interrupted<R>) -> Self {
        Stopped { reason: interrupted.reason }
    }
}
