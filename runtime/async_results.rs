//! Collecting the results of an async function, if their type fits the options of the attribute.
//!
//! If it does not, that must be one error. It is an error of the return type of the parallel
//! function if that names the traits, and otherwise an error of a check in the body.

use crate::async_arguments::NeverFuture;
use crate::concurrent::concurrent_iter::ConcurrentIter;
use crate::concurrent::settle::Caught;
use crate::lazy::apply::Apply;
use crate::lazy::item_panic::ItemPanic;
use crate::lazy::try_trait::Try;
use crate::lazy::yields::{Optional, SkipNone};
use std::marker::PhantomData;

/// The results of type `R` of an async function.
pub struct Results<R>(PhantomData<fn() -> R>);

impl<R> Results<R> {
    /// Creates the description of the results.
    #[inline]
    #[must_use]
    #[allow(clippy::new_without_default)] // Only for generated code.
    pub fn new() -> Self {
        Results(PhantomData)
    }
}

/// Checks that results may end a call.
#[inline]
pub fn tried<R: Try>() {}

/// Checks that results may be `None`.
#[inline]
pub fn optional<R: Optional>() {}

/// Collecting the values of results, or the first error.
pub trait TryCollect<R: Try> {
    /// Runs the calls.
    fn __try_collect<Fut, I, F>(self, calls: ConcurrentIter<I, F>) -> impl Future<Output = R::Output<Vec<R::Item>>>
    where
        Fut: Future<Output = R>,
        I: Iterator,
        F: Apply<I::Item, Output = Fut, State = ()>;

    /// Runs the calls, which return `Result<(), E>` or `Option<()>`.
    fn __try_collect_unit<Fut, I, F>(self, calls: ConcurrentIter<I, F>) -> impl Future<Output = R::Output<()>>
    where
        R: Try<Item = ()>,
        Fut: Future<Output = R>,
        I: Iterator,
        F: Apply<I::Item, Output = Fut, State = ()>;
}

impl<R: Try> TryCollect<R> for Results<R> {
    #[inline]
    fn __try_collect<Fut, I, F>(self, calls: ConcurrentIter<I, F>) -> impl Future<Output = R::Output<Vec<R::Item>>>
    where
        Fut: Future<Output = R>,
        I: Iterator,
        F: Apply<I::Item, Output = Fut, State = ()>,
    {
        calls.try_collect()
    }

    #[inline]
    fn __try_collect_unit<Fut, I, F>(self, calls: ConcurrentIter<I, F>) -> impl Future<Output = R::Output<()>>
    where
        R: Try<Item = ()>,
        Fut: Future<Output = R>,
        I: Iterator,
        F: Apply<I::Item, Output = Fut, State = ()>,
    {
        calls.try_collect()
    }
}

/// Collecting the results that are not `None`.
pub trait CollectSome<R: Optional> {
    /// Runs the calls.
    fn __collect_some<Fut, I, F>(self, calls: ConcurrentIter<I, F, SkipNone>) -> impl Future<Output = Vec<R::Some>>
    where
        Fut: Future<Output = R>,
        I: Iterator,
        F: Apply<I::Item, Output = Fut, State = ()>;

    /// Runs the calls, whose panics are caught.
    fn __collect_some_caught<Fut, I, F>(
        self,
        calls: ConcurrentIter<I, F, Caught<SkipNone>>,
    ) -> impl Future<Output = Vec<Result<R::Some, ItemPanic>>>
    where
        Fut: Future<Output = R>,
        I: Iterator,
        F: Apply<I::Item, Output = Fut, State = ()>;
}

impl<R: Optional> CollectSome<R> for Results<R> {
    #[inline]
    fn __collect_some<Fut, I, F>(self, calls: ConcurrentIter<I, F, SkipNone>) -> impl Future<Output = Vec<R::Some>>
    where
        Fut: Future<Output = R>,
        I: Iterator,
        F: Apply<I::Item, Output = Fut, State = ()>,
    {
        calls.collect()
    }

    #[inline]
    fn __collect_some_caught<Fut, I, F>(
        self,
        calls: ConcurrentIter<I, F, Caught<SkipNone>>,
    ) -> impl Future<Output = Vec<Result<R::Some, ItemPanic>>>
    where
        Fut: Future<Output = R>,
        I: Iterator,
        F: Apply<I::Item, Output = Fut, State = ()>,
    {
        calls.collect()
    }
}

/// The fallback for results of another type (autoref specialization).
///
/// Method lookup tries `Results` first. It reaches `&Results`, and so this trait, only if there is
/// no [`TryCollect`] or [`CollectSome`] for the type.
pub trait OrNeverCollect {
    /// Drops the calls.
    fn __try_collect<T, O>(self, calls: T) -> NeverFuture<O>;

    /// Drops the calls.
    fn __try_collect_unit<T, O>(self, calls: T) -> NeverFuture<O>;

    /// Drops the calls.
    fn __collect_some<T, O>(self, calls: T) -> NeverFuture<O>;

    /// Drops the calls.
    fn __collect_some_caught<T, O>(self, calls: T) -> NeverFuture<O>;
}

impl<R> OrNeverCollect for &Results<R> {
    fn __try_collect<T, O>(self, _: T) -> NeverFuture<O> {
        NeverFuture::new()
    }

    fn __try_collect_unit<T, O>(self, _: T) -> NeverFuture<O> {
        NeverFuture::new()
    }

    fn __collect_some<T, O>(self, _: T) -> NeverFuture<O> {
        NeverFuture::new()
    }

    fn __collect_some_caught<T, O>(self, _: T) -> NeverFuture<O> {
        NeverFuture::new()
    }
}
