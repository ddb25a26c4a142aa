//! Decides when a call that may be stopped stops, and what is said of it: a token that was cancelled, or a deadline that has passed.

use crate::step::{Always, Step};
use std::convert::Infallible;
use std::error::Error;
use std::fmt::{self, Debug, Display, Formatter};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

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

/// Whether a call may be stopped: [`Never`], or by what [`Stops`] has.
pub trait Stop: sealed::Sealed {
    /// How a call is stopped.
    #[doc(hidden)]
    type Halt: Send;

    /// What comes of an item.
    #[doc(hidden)]
    type Step<R: Send>: Step<Output = R, Break = Self::Halt>;

    /// What comes of a call, or of a stop before it.
    #[doc(hidden)]
    fn step<R: Send>(called: Result<R, Self::Halt>) -> Self::Step<R>;

    /// The call begins.
    #[doc(hidden)]
    fn start(&mut self);

    /// Whether it goes on with another item.
    #[doc(hidden)]
    fn check(&self) -> Result<(), Self::Halt>;

    /// The reason that a stop has.
    #[doc(hidden)]
    fn reason(halt: Self::Halt) -> StopReason;

    /// Whether it may stop at all.
    #[doc(hidden)]
    const MAY: bool;
}

/// The call goes on to the end of its input.
#[derive(Clone, Copy, Debug, Default)]
pub struct Never;

impl Never {
    /// The result of a call that cannot have been stopped.
    #[inline]
    pub(crate) fn result<R>(called: Result<R, Infallible>) -> R {
        match called {
            Ok(result) => result,
            Err(never) => match never {},
        }
    }
}

impl Stop for Never {
    type Halt = Infallible;
    type Step<R: Send> = Always<R>;
    const MAY: bool = false;

    #[inline]
    fn step<R: Send>(called: Result<R, Infallible>) -> Always<R> {
        Always(Never::result(called))
    }

    #[inline]
    fn start(&mut self) {}

    #[inline]
    fn check(&self) -> Result<(), Infallible> {
        Ok(())
    }

    fn reason(halt: Infallible) -> StopReason {
        match halt {}
    }
}

/// What stops a call: the tokens given to [`cancel_with`](crate::ParallelIter::cancel_with) and the shortest
/// [`timeout`](crate::ParallelIter::timeout).
#[derive(Clone, Debug, Default)]
pub struct Stops {
    pub(crate) tokens: Vec<CancelToken>,
    pub(crate) timeout: Option<Duration>,
    /// When the deadline passes, once the call has begun.
    end: Option<Instant>,
}

impl Stop for Stops {
    type Halt = StopReason;
    type Step<R: Send> = Result<R, StopReason>;
    const MAY: bool = true;

    #[inline]
    fn step<R: Send>(called: Result<R, StopReason>) -> Result<R, StopReason> {
        called
    }

    fn start(&mut self) {
        // One that lies beyond what the clock can tell never passes.
        self.end = self.timeout.and_then(|timeout| Instant::now().checked_add(timeout));
    }

    #[inline]
    fn check(&self) -> Result<(), StopReason> {
        if self.tokens.iter().any(CancelToken::is_cancelled) {
            return Err(StopReason::Cancelled);
        }
        match self.end {
            Some(end) if Instant::now() >= end => Err(StopReason::TimedOut),
            _ => Ok(()),
        }
    }

    fn reason(halt: StopReason) -> StopReason {
        halt
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Never {}
    impl Sealed for super::Stops {}
}

/// Why the engine's call ended: it was stopped, or an item said so.
pub(crate) enum Halt<H, B> {
    Stop(H),
    Break(B),
}
