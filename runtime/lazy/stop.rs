//! What may stop a call, and what its terminals return because of that.

use crate::engine::step::{Always, Step};
use crate::lazy::cancel_token::CancelToken;
use crate::lazy::keeper::Keeper;
use crate::lazy::stopped::{Interrupted, StopReason, Stopped};
use std::convert::Infallible;
#[cfg(feature = "distributed")]
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

#[cfg(feature = "checkpoint")]
use crate::checkpoint::run::Run;

/// What may stop a call: nothing ([`Never`]); or tokens, a timeout and a checkpoint ([`Stops`]).
///
/// You do not need to name this trait: it decides what the terminals of a
/// [`ParallelIter`](crate::ParallelIter) return.
pub trait Stop: sealed::Sealed {
    /// The return type of `collect` and `try_collect`: `C`, or `Result<C, Interrupted<R>>` if the
    /// call may be stopped.
    type Collected<C, R>;

    /// The return type of the other terminals: `T`, or `Result<T, Stopped>` if the call may be
    /// stopped.
    type Ended<T>;

    /// The reason of a stop, or a type without values.
    #[doc(hidden)]
    type Halt: Send;

    /// What the engine is told of an item's result.
    #[doc(hidden)]
    type Step<R: Send>: Step<Output = R, Break = Self::Halt>;

    /// Whether the call may be stopped.
    #[doc(hidden)]
    const MAY: bool;

    /// Wraps the result of an item, or the stop before it.
    #[doc(hidden)]
    fn step<R: Send>(called: Result<R, Self::Halt>) -> Self::Step<R>;

    /// Starts the clock of the timeout.
    #[doc(hidden)]
    fn start(&mut self);

    /// Returns the tokens, the timeout and the checkpoint.
    #[doc(hidden)]
    fn stops(&self) -> Stops;

    /// Replaces what [`stops`](Self::stops) has returned.
    #[doc(hidden)]
    fn replace(&mut self, stops: Stops);

    /// Checks whether the call goes on with another item.
    #[doc(hidden)]
    fn check(&self) -> Result<(), Self::Halt>;

    /// Waits until all results of the call are in its checkpoint, if it has one. A checkpoint that
    /// has failed is a stop.
    #[doc(hidden)]
    fn finish(&self) -> Result<(), Self::Halt>;

    /// Returns what ends the call at an item that knows that it is cancelled.
    ///
    /// Without a stop, an item below it has ended the call, so the value does not matter.
    #[doc(hidden)]
    fn halt(&self) -> Self::Halt;

    /// Returns the reason of a stop.
    #[doc(hidden)]
    fn reason(halt: Self::Halt) -> StopReason;

    /// Wraps what a call has collected that was not stopped.
    #[doc(hidden)]
    fn collected<C, R>(collection: C) -> Self::Collected<C, R>;

    /// Wraps what a call had finished when it was stopped.
    #[doc(hidden)]
    fn interrupted<C, R>(
        halt: Self::Halt,
        finished: impl FnOnce(StopReason) -> Interrupted<R>,
    ) -> Self::Collected<C, R>;

    /// Wraps the value of a terminal, or returns that the call was stopped.
    #[doc(hidden)]
    fn ended<T>(value: T, stopped: Option<Stopped>) -> Self::Ended<T>;
}

/// Nothing stops the call: it runs to the end of its input.
///
/// You do not need to name this type: it is the default of
/// [`ParallelIter`](crate::ParallelIter)'s last parameter.
#[derive(Clone, Copy, Debug, Default)]
pub struct Never;

impl Never {
    /// Returns the result of an item of a call that cannot have been stopped.
    #[inline]
    pub(crate) fn result<R>(called: Result<R, Infallible>) -> R {
        match called {
            Ok(result) => result,
            Err(never) => match never {},
        }
    }
}

impl Stop for Never {
    type Collected<C, R> = C;
    type Ended<T> = T;
    type Halt = Infallible;
    type Step<R: Send> = Always<R>;
    const MAY: bool = false;

    #[inline]
    fn step<R: Send>(called: Result<R, Infallible>) -> Always<R> {
        Always(Never::result(called))
    }

    #[inline]
    fn start(&mut self) {}

    fn stops(&self) -> Stops {
        Stops::default()
    }

    #[inline]
    fn replace(&mut self, _: Stops) {}

    #[inline]
    fn check(&self) -> Result<(), Infallible> {
        Ok(())
    }

    #[inline]
    fn finish(&self) -> Result<(), Infallible> {
        Ok(())
    }

    fn halt(&self) -> Infallible {
        unreachable!("nothing stops the call")
    }

    fn reason(halt: Infallible) -> StopReason {
        match halt {}
    }

    fn collected<C, R>(collection: C) -> C {
        collection
    }

    fn interrupted<C, R>(halt: Infallible, _: impl FnOnce(StopReason) -> Interrupted<R>) -> C {
        match halt {}
    }

    fn ended<T>(value: T, _: Option<Stopped>) -> T {
        value
    }
}

/// Tokens and a timeout that stop the call, or a checkpoint that fails.
///
/// You do not need to name this type:
/// [`cancel_with`](crate::ParallelIter::cancel_with), [`timeout`](crate::ParallelIter::timeout) and
/// `checkpoint` return a [`ParallelIter`](crate::ParallelIter) with it.
#[derive(Clone, Debug, Default)]
pub struct Stops {
    pub(crate) tokens: Vec<CancelToken>,
    /// The shortest timeout.
    pub(crate) timeout: Option<Duration>,
    /// The time at which the timeout expires, once the call has begun.
    expires: Option<Instant>,
    pub(crate) keeper: Keeper,
    /// What stops the call instead, if its items run in other processes.
    #[cfg(feature = "distributed")]
    pub(crate) cut: Option<Cut>,
}

/// The end of an input that has been cut off, because the call was stopped.
#[cfg(feature = "distributed")]
#[derive(Clone, Debug, Default)]
pub(crate) struct Cut(Arc<OnceLock<StopReason>>);

#[cfg(feature = "distributed")]
impl Cut {
    /// Notes that the call was stopped, and that its input goes on.
    pub(crate) fn note(&self, reason: StopReason) {
        // The first reason counts.
        let _ = self.0.set(reason);
    }
}

#[cfg(feature = "distributed")]
impl Stops {
    /// Returns how long a thread may wait for results before it checks again.
    pub(crate) fn patience(&self) -> Duration {
        const BETWEEN_CHECKS: Duration = Duration::from_millis(1);
        if !self.tokens.is_empty() || self.keeper.is_there() {
            return BETWEEN_CHECKS;
        }
        let left = self.expires.map(|expires| expires.saturating_duration_since(Instant::now()));
        left.map_or(Duration::from_secs(1), |left| left.clamp(Duration::from_micros(50), Duration::from_secs(1)))
    }
}

#[cfg(feature = "checkpoint")]
impl Stops {
    /// Lets the checkpoint of `run` stop the call if it fails.
    pub(crate) fn keep_with(&mut self, run: Run) {
        self.keeper = Keeper::new(run);
    }
}

impl From<Never> for Stops {
    fn from(_: Never) -> Self {
        Stops::default()
    }
}

impl From<CancelToken> for Stops {
    fn from(token: CancelToken) -> Self {
        Stops { tokens: vec![token], ..Stops::default() }
    }
}

impl Stop for Stops {
    type Collected<C, R> = Result<C, Interrupted<R>>;
    type Ended<T> = Result<T, Stopped>;
    type Halt = StopReason;
    type Step<R: Send> = Result<R, StopReason>;
    const MAY: bool = true;

    #[inline]
    fn step<R: Send>(called: Result<R, StopReason>) -> Result<R, StopReason> {
        called
    }

    fn start(&mut self) {
        // A timeout beyond the range of the clock never expires.
        self.expires = self.timeout.and_then(|timeout| Instant::now().checked_add(timeout));
    }

    fn stops(&self) -> Stops {
        self.clone()
    }

    fn replace(&mut self, stops: Stops) {
        *self = stops;
    }

    #[inline]
    fn check(&self) -> Result<(), StopReason> {
        #[cfg(feature = "distributed")]
        if self.cut.is_some() {
            return Ok(());
        }
        if self.tokens.iter().any(CancelToken::is_cancelled) {
            return Err(StopReason::Cancelled);
        }
        if self.keeper.has_failed() {
            return Err(StopReason::CheckpointFailed);
        }
        match self.expires {
            Some(expires) if Instant::now() >= expires => Err(StopReason::TimedOut),
            _ => Ok(()),
        }
    }

    fn finish(&self) -> Result<(), StopReason> {
        let is_kept = self.keeper.finish();
        #[cfg(feature = "distributed")]
        if let Some(reason) = self.cut.as_ref().and_then(|cut| cut.0.get()) {
            return Err(*reason);
        }
        if is_kept { Ok(()) } else { Err(StopReason::CheckpointFailed) }
    }

    fn halt(&self) -> StopReason {
        self.check().err().unwrap_or(StopReason::Cancelled)
    }

    fn reason(halt: StopReason) -> StopReason {
        halt
    }

    fn collected<C, R>(collection: C) -> Result<C, Interrupted<R>> {
        Ok(collection)
    }

    fn interrupted<C, R>(
        reason: StopReason,
        finished: impl FnOnce(StopReason) -> Interrupted<R>,
    ) -> Result<C, Interrupted<R>> {
        Err(finished(reason))
    }

    fn ended<T>(value: T, stopped: Option<Stopped>) -> Result<T, Stopped> {
        stopped.map_or(Ok(value), Err)
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Never {}
    impl Sealed for super::Stops {}
}

/// The two ways in which the engine's call may end early: it was stopped, or an item failed.
pub(crate) enum Halt<H, B> {
    Stop(H),
    Break(B),
}
