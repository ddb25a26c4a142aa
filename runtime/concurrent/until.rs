//! The future that stops the calls of an async function, and what terminals return because of it.

use crate::lazy::stop::Never;
use crate::lazy::stopped::{Interrupted, StopReason, Stopped};
use std::fmt::{self, Debug, Formatter};
use std::pin::Pin;
use std::task::Context;

/// What may stop the calls of an async function: nothing ([`Never`]), or a future ([`Until`]).
///
/// You do not need to name this trait: it decides what the terminals of a
/// [`ConcurrentIter`](crate::ConcurrentIter) return.
pub trait StopSignal: sealed::Sealed {
    /// The output of `collect` and `try_collect`: `C`, or `Result<C, Interrupted<R>>` if the calls
    /// may be stopped.
    type Collected<C, R>;

    /// The output of the other terminals: `T`, or `Result<T, Stopped>` if the calls may be stopped.
    type Ended<T>;

    /// Returns whether the calls stop now. Must not be called again after that.
    #[doc(hidden)]
    fn poll(&mut self, cx: &mut Context<'_>) -> bool;

    /// Wraps what has been collected, or what had finished when the calls were stopped.
    #[doc(hidden)]
    fn collected<C, R>(end: Result<C, Interrupted<R>>) -> Self::Collected<C, R>;

    /// Wraps the value of a terminal, or returns that the calls were stopped.
    #[doc(hidden)]
    fn ended<T>(end: Result<T, Stopped>) -> Self::Ended<T>;
}

impl StopSignal for Never {
    type Collected<C, R> = C;
    type Ended<T> = T;

    #[inline]
    fn poll(&mut self, _: &mut Context<'_>) -> bool {
        false
    }

    fn collected<C, R>(end: Result<C, Interrupted<R>>) -> C {
        end.unwrap_or_else(|_| unreachable!("nothing stops the calls"))
    }

    fn ended<T>(end: Result<T, Stopped>) -> T {
        end.unwrap_or_else(|_| unreachable!("nothing stops the calls"))
    }
}

/// The calls stop when a future of type `U` is ready.
///
/// You do not need to name this type: [`until`](crate::ConcurrentIter::until) returns a
/// [`ConcurrentIter`](crate::ConcurrentIter) with it.
pub struct Until<U> {
    signal: Pin<Box<U>>,
}

impl<U> Until<U> {
    pub(crate) fn new(signal: U) -> Self {
        Until { signal: Box::pin(signal) }
    }
}

impl<U> Debug for Until<U> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Until").finish_non_exhaustive()
    }
}

impl<U: Future> StopSignal for Until<U> {
    type Collected<C, R> = Result<C, Interrupted<R>>;
    type Ended<T> = Result<T, Stopped>;

    fn poll(&mut self, cx: &mut Context<'_>) -> bool {
        self.signal.as_mut().poll(cx).is_ready()
    }

    fn collected<C, R>(end: Result<C, Interrupted<R>>) -> Result<C, Interrupted<R>> {
        end
    }

    fn ended<T>(end: Result<T, Stopped>) -> Result<T, Stopped> {
        end
    }
}

/// Why calls stop at their signal.
pub(crate) const REASON: StopReason = StopReason::Cancelled;

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Never {}
    impl<U> Sealed for super::Until<U> {}
}
