//! What stops the calls of an async function: a future or a checkpoint, and what terminals return
//! because of it.

use crate::concurrent::commit::Commit;
use crate::lazy::keeper::Keeper;
use crate::lazy::stop::Never;
use crate::lazy::stopped::{Interrupted, StopReason, Stopped};
use std::fmt::{self, Debug, Formatter};
use std::future::Pending;
use std::pin::Pin;
use std::task::{Context, Poll};

/// What may stop the calls of an async function: nothing ([`Never`]); or a future and a checkpoint
/// ([`Until`]).
///
/// You do not need to name this trait: it decides what the terminals of a
/// [`ConcurrentIter`](crate::ConcurrentIter) return.
pub trait StopSignal: sealed::Sealed {
    /// The output of `collect` and `try_collect`: `C`, or `Result<C, Interrupted<R>>` if the calls
    /// may be stopped.
    type Collected<C, R>;

    /// The output of the other terminals: `T`, or `Result<T, Stopped>` if the calls may be stopped.
    type Ended<T>;

    /// The type after a checkpoint has been added.
    #[doc(hidden)]
    type Stoppable: StopSignal;

    /// Adds a checkpoint.
    #[doc(hidden)]
    fn with_keeper(self, keeper: Kept) -> Self::Stoppable;

    /// Returns the checkpoint.
    #[doc(hidden)]
    fn keeper(&self) -> Kept;

    /// Returns why the calls stop now, if they do. Must not be called again after that.
    #[doc(hidden)]
    fn poll(&mut self, cx: &mut Context<'_>) -> Option<StopReason>;

    /// Waits until all results are in the checkpoint of the calls, if they have one. Returns
    /// whether they are. Must not be called again after that.
    #[doc(hidden)]
    fn poll_commit(&mut self, cx: &mut Context<'_>) -> Poll<bool>;

    /// Does the same, but blocks the thread.
    #[doc(hidden)]
    fn commit(&self) -> bool;

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

    type Stoppable = Until<Pending<()>>;

    fn with_keeper(self, keeper: Kept) -> Until<Pending<()>> {
        Until::new(std::future::pending(), keeper)
    }

    fn keeper(&self) -> Kept {
        Kept::default()
    }

    #[inline]
    fn poll(&mut self, _: &mut Context<'_>) -> Option<StopReason> {
        None
    }

    #[inline]
    fn poll_commit(&mut self, _: &mut Context<'_>) -> Poll<bool> {
        Poll::Ready(true)
    }

    #[inline]
    fn commit(&self) -> bool {
        true
    }

    fn collected<C, R>(end: Result<C, Interrupted<R>>) -> C {
        end.unwrap_or_else(|_| unreachable!("nothing stops the calls"))
    }

    fn ended<T>(end: Result<T, Stopped>) -> T {
        end.unwrap_or_else(|_| unreachable!("nothing stops the calls"))
    }
}

/// The checkpoint of calls, if they have one.
///
/// You do not need to name this type: it exists for the methods of [`StopSignal`].
#[derive(Default)]
pub struct Kept(pub(crate) Keeper);

/// The calls stop when a future of type `U` is ready, or when their checkpoint fails.
///
/// You do not need to name this type: [`until`](crate::ConcurrentIter::until) and `checkpoint`
/// return a [`ConcurrentIter`](crate::ConcurrentIter) with it.
pub struct Until<U> {
    signal: Pin<Box<U>>,
    keeper: Keeper,
    /// The last commit, once it has begun.
    commit: Option<Commit>,
}

impl<U> Until<U> {
    pub(crate) fn new(signal: U, keeper: Kept) -> Self {
        Until { signal: Box::pin(signal), keeper: keeper.0, commit: None }
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

    type Stoppable = Until<U>;

    fn with_keeper(self, keeper: Kept) -> Until<U> {
        Until { keeper: keeper.0, ..self }
    }

    fn keeper(&self) -> Kept {
        Kept(self.keeper.clone())
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Option<StopReason> {
        if self.keeper.has_failed() {
            return Some(StopReason::CheckpointFailed);
        }
        self.signal.as_mut().poll(cx).is_ready().then_some(StopReason::Cancelled)
    }

    fn poll_commit(&mut self, cx: &mut Context<'_>) -> Poll<bool> {
        if !self.keeper.is_there() {
            return Poll::Ready(true);
        }
        self.commit.get_or_insert_with(|| Commit::begin(&self.keeper)).poll(cx)
    }

    fn commit(&self) -> bool {
        self.keeper.finish()
    }

    fn collected<C, R>(end: Result<C, Interrupted<R>>) -> Result<C, Interrupted<R>> {
        end
    }

    fn ended<T>(end: Result<T, Stopped>) -> Result<T, Stopped> {
        end
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Never {}
    impl<U> Sealed for super::Until<U> {}
}
