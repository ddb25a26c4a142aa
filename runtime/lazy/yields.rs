//! What an item yields: every result of the function, or only the values of an `Option`.

use crate::lazy::item_panic::ItemPanic;
use crate::unwind::catch;
use std::panic::resume_unwind;

/// What items yield if the function returns `R`: every result ([`Every`]), or the values of those
/// that are not `None` ([`SkipNone`]).
///
/// You do not need to name this trait: it decides which type the terminals of a
/// [`ParallelIter`](crate::ParallelIter) collect.
pub trait Yield<R>: sealed::Sealed {
    /// The type of what an item yields.
    type Item;

    /// A place for a value of type `U`, which is created from what an item yields, if it yields.
    #[doc(hidden)]
    type Slot<U: Send>: Send;

    /// Returns what one result yields.
    #[doc(hidden)]
    fn one(result: R) -> Option<Self::Item>;

    /// Returns what all results yield.
    #[doc(hidden)]
    fn all(results: Vec<R>) -> Vec<Self::Item>;

    /// Calls `run`, which fills a vector with results, and adds to `items` what these yield.
    #[doc(hidden)]
    fn add<E>(items: &mut Vec<Self::Item>, run: impl FnOnce(&mut Vec<R>) -> E) -> E;

    /// Calls `f` with what a result yields, and puts the value that it returns in a slot.
    #[doc(hidden)]
    fn attempt<U: Send, B>(result: R, f: impl FnOnce(Self::Item) -> Result<U, B>) -> Result<Self::Slot<U>, B>;

    /// Returns the values in the slots.
    #[doc(hidden)]
    fn open<U: Send>(slots: Vec<Self::Slot<U>>) -> Vec<U>;

    /// Returns the value in one slot, if there is one.
    #[doc(hidden)]
    fn open_one<U: Send>(slot: Self::Slot<U>) -> Option<U>;

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
    type Slot<U: Send> = U;

    #[inline]
    fn one(result: R) -> Option<R> {
        Some(result)
    }

    #[inline]
    fn all(results: Vec<R>) -> Vec<R> {
        results
    }

    fn add<E>(items: &mut Vec<R>, run: impl FnOnce(&mut Vec<R>) -> E) -> E {
        run(items)
    }

    #[inline]
    fn attempt<U: Send, B>(result: R, f: impl FnOnce(R) -> Result<U, B>) -> Result<U, B> {
        f(result)
    }

    fn open<U: Send>(slots: Vec<U>) -> Vec<U> {
        slots
    }

    fn open_one<U: Send>(slot: U) -> Option<U> {
        Some(slot)
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
}

impl<T> Optional for Option<T> {
    type Some = T;

    #[inline]
    fn some(self) -> Option<T> {
        self
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
}

impl<R: Optional> Yield<R> for SkipNone {
    type Item = R::Some;
    type Slot<U: Send> = Option<U>;

    #[inline]
    fn one(result: R) -> Option<R::Some> {
        result.some()
    }

    fn all(results: Vec<R>) -> Vec<R::Some> {
        results.into_iter().filter_map(R::some).collect()
    }

    fn add<E>(items: &mut Vec<R::Some>, run: impl FnOnce(&mut Vec<R>) -> E) -> E {
        let mut results = Vec::new();
        let end = catch(|| run(&mut results));
        items.extend(results.into_iter().filter_map(R::some));
        end.unwrap_or_else(|payload| resume_unwind(payload))
    }

    #[inline]
    fn attempt<U: Send, B>(result: R, f: impl FnOnce(R::Some) -> Result<U, B>) -> Result<Option<U>, B> {
        result.some().map(f).transpose()
    }

    fn open<U: Send>(slots: Vec<Option<U>>) -> Vec<U> {
        slots.into_iter().flatten().collect()
    }

    fn open_one<U: Send>(slot: Option<U>) -> Option<U> {
        slot
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
