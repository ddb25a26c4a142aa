//! Decides what an item yields: the function's result, or what `skip_none` and `catch_panics` make of it.

use crate::lazy::item_panic::ItemPanic;
use crate::unwind::catch;
use std::panic::resume_unwind;

/// What the items yield whose function returns an `R`: every result ([`Every`]), or those that there are ([`SkipNone`]).
pub trait Yield<R>: sealed::Sealed {
    /// What is yielded.
    type Item;

    /// A place for what has been made of an item, should there be one.
    #[doc(hidden)]
    type Slot<U: Send>: Send;

    /// What is yielded for one result.
    #[doc(hidden)]
    fn one(result: R) -> Option<Self::Item>;

    /// What is yielded for all results.
    #[doc(hidden)]
    fn all(results: Vec<R>) -> Vec<Self::Item>;

    /// Has `run` make results, and adds what is yielded for them to `items`.
    #[doc(hidden)]
    fn add<E>(items: &mut Vec<Self::Item>, run: impl FnOnce(&mut Vec<R>) -> E) -> E;

    /// Tries something with what is yielded.
    #[doc(hidden)]
    fn attempt<U: Send, B>(result: R, f: impl FnOnce(Self::Item) -> Result<U, B>) -> Result<Self::Slot<U>, B>;

    /// What is in the slots.
    #[doc(hidden)]
    fn open<U: Send>(slots: Vec<Self::Slot<U>>) -> Vec<U>;

    /// What is in one slot.
    #[doc(hidden)]
    fn open_one<U: Send>(slot: Self::Slot<U>) -> Option<U>;

    /// How many items are yielded, of so many results at least.
    #[doc(hidden)]
    fn least(results: usize) -> usize;
}

/// Each item yields what the function returns.
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

/// An item yields the value of the [`Option`] that the function returns, or nothing: what
/// [`skip_none`](crate::ParallelIter::skip_none) makes of it.
#[derive(Clone, Copy, Debug)]
pub struct SkipNone;

/// A result that may be none, caught or not.
#[diagnostic::on_unimplemented(
    message = "`skip_none` needs a function that returns an `Option`",
    label = "`{Self}` is no `Option`",
    note = "without `skip_none`, all results are returned, whatever they are"
)]
pub trait Optional: sealed::Sealed {
    /// What it is if it is some.
    type Some;

    /// That, if it is.
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
