//! What an item yields: every result of the function, or only the values of an `Option`.

use crate::engine::step::{Absent, Sifted, Step};
use crate::lazy::item_panic::ItemPanic;
use crate::lazy::stop::Stop;

/// What items yield if the function returns `R`: every result ([`Every`]), or the values of those
/// that are not `None` ([`SkipNone`]).
///
/// You do not need to name this trait: it decides which type the terminals of a
/// [`ParallelIter`](crate::ParallelIter) collect.
pub trait Yield<R>: sealed::Sealed {
    /// The type of what an item yields.
    type Item;

    /// What the engine is told of a result.
    #[doc(hidden)]
    type Step<S: Stop>: Step<Output = Self::Item, Break = S::Halt>
    where
        R: Send;

    /// What the engine is told of a value of type `U`, which is created from what an item yields,
    /// if it yields.
    #[doc(hidden)]
    type Attempt<U: Send, B: Send>: Step<Output = U, Break = B>;

    /// Returns what one result yields.
    #[doc(hidden)]
    fn one(result: R) -> Option<Self::Item>;

    /// Wraps the result of an item, or the stop before it.
    #[doc(hidden)]
    fn step<S: Stop>(called: Result<R, S::Halt>) -> Self::Step<S>
    where
        R: Send;

    /// Calls `f` with what a result yields, and wraps the value that it returns.
    #[doc(hidden)]
    fn attempt<U: Send, B: Send>(
        called: Result<R, B>,
        f: impl FnOnce(Self::Item) -> Result<U, B>,
    ) -> Self::Attempt<U, B>;

    /// Returns the minimum number of items that a number of results yields.
    #[doc(hidden)]
    fn least(results: usize) -> usize;
}

/// Every item yields its result.
///
/// You do not need to name this type: it is the default of
/// [`ParallelIter`](crate::ParallelIter)'s third parameter.
#[derive(Clone, Copy, Debug)]
pub struct Every;

impl<R> Yield<R> for Every {
    type Item = R;
    type Step<S: Stop>
        = S::Step<R>
    where
        R: Send;
    type Attempt<U: Send, B: Send> = Result<U, B>;

    #[inline]
    fn one(result: R) -> Option<R> {
        Some(result)
    }

    #[inline]
    fn step<S: Stop>(called: Result<R, S::Halt>) -> S::Step<R>
    where
        R: Send,
    {
        S::step(called)
    }

    #[inline]
    fn attempt<U: Send, B: Send>(called: Result<R, B>, f: impl FnOnce(R) -> Result<U, B>) -> Result<U, B> {
        f(called?)
    }

    fn least(results: usize) -> usize {
        results
    }
}

/// An item yields the value of its [`Option`], or nothing if it is `None`.
///
/// You do not need to name this type: [`skip_none`](crate::ParallelIter::skip_none) returns a
/// [`ParallelIter`](crate::ParallelIter) with it.
#[derive(Clone, Copy, Debug)]
pub struct SkipNone;

/// A result that may be `None`: an [`Option`], or a `Result<Option<T>, ItemPanic>`.
///
/// You do not need to name this trait: it appears in the signatures of generated functions with
/// `skip_none`.
#[diagnostic::on_unimplemented(
    message = "`skip_none` needs a function that returns an `Option`",
    label = "`{Self}` is not an `Option`",
    note = "without `skip_none`, the results of all items are returned"
)]
pub trait Optional: sealed::Sealed {
    /// The type of the value: `T`, or `Result<T, ItemPanic>`.
    type Some;

    /// Returns the value, if there is one.
    fn some(self) -> Option<Self::Some>;

    /// Returns whether there is a value.
    #[doc(hidden)]
    fn is_some(&self) -> bool;
}

impl<T> Optional for Option<T> {
    type Some = T;

    #[inline]
    fn some(self) -> Option<T> {
        self
    }

    #[inline]
    fn is_some(&self) -> bool {
        Option::is_some(self)
    }
}

impl<R: Optional> Optional for Result<R, ItemPanic> {
    type Some = Result<R::Some, ItemPanic>;

    #[inline]
    fn some(self) -> Option<Result<R::Some, ItemPanic>> {
        match self {
            Ok(result) => result.some().map(Ok),
            Err(panic) => Some(Err(panic)),
        }
    }

    #[inline]
    fn is_some(&self) -> bool {
        self.as_ref().map_or(true, R::is_some)
    }
}

impl<R: Optional + Send> Absent for R {
    type Value = R::Some;

    #[inline]
    fn is_there(&self) -> bool {
        self.is_some()
    }

    #[inline]
    fn value(self) -> Option<R::Some> {
        self.some()
    }
}

impl<R: Optional> Yield<R> for SkipNone {
    type Item = R::Some;
    type Step<S: Stop>
        = Sifted<R, S::Halt>
    where
        R: Send;
    type Attempt<U: Send, B: Send> = Sifted<Option<U>, B>;

    #[inline]
    fn one(result: R) -> Option<R::Some> {
        result.some()
    }

    #[inline]
    fn step<S: Stop>(called: Result<R, S::Halt>) -> Sifted<R, S::Halt>
    where
        R: Send,
    {
        Sifted(called)
    }

    #[inline]
    fn attempt<U: Send, B: Send>(
        called: Result<R, B>,
        f: impl FnOnce(R::Some) -> Result<U, B>,
    ) -> Sifted<Option<U>, B> {
        Sifted(called.and_then(|result| result.some().map(f).transpose()))
    }

    fn least(_: usize) -> usize {
        0
    }
}

mod sealed {
    use super::{Every, ItemPanic, SkipNone};

    pub trait Sealed {}
    impl Sealed for Every {}
    impl Sealed for SkipNone {}
    impl<T> Sealed for Option<T> {}
    impl<R: Sealed> Sealed for Result<R, ItemPanic> {}
}
