//! What becomes of the end of a call: its result, or its panic.

use crate::lazy::item_panic::ItemPanic;
use crate::lazy::yields::{Every, Optional, SkipNone, Yield};
use crate::unwind::Payload;
use std::marker::PhantomData;

/// What items yield if the awaited function returns `R`: every result ([`Every`]), or the values of
/// those that are not `None` ([`SkipNone`]), with caught panics ([`Caught`]) or without.
///
/// You do not need to name this trait: it decides which type the terminals of a
/// [`ConcurrentIter`](crate::ConcurrentIter) collect.
pub trait Settle<R>: sealed::Sealed {
    /// The type of what an item yields.
    type Item;

    /// Returns what the item with this index yields, or the panic that ends the calls.
    #[doc(hidden)]
    fn settle(index: usize, end: Result<R, Payload>) -> Result<Option<Self::Item>, Payload>;
}

impl<R> Settle<R> for Every {
    type Item = R;

    #[inline]
    fn settle(_: usize, end: Result<R, Payload>) -> Result<Option<R>, Payload> {
        end.map(Some)
    }
}

impl<R: Optional> Settle<R> for SkipNone {
    type Item = R::Some;

    #[inline]
    fn settle(_: usize, end: Result<R, Payload>) -> Result<Option<R::Some>, Payload> {
        end.map(R::some)
    }
}

/// A panic of an item is a result like others, which `Y` yields.
///
/// You do not need to name this type:
/// [`catch_panics`](crate::ConcurrentIter::catch_panics) returns a
/// [`ConcurrentIter`](crate::ConcurrentIter) with it.
#[derive(Clone, Copy, Debug)]
pub struct Caught<Y>(PhantomData<Y>);

impl<R, Y: Yield<Result<R, ItemPanic>>> Settle<R> for Caught<Y> {
    type Item = Y::Item;

    fn settle(index: usize, end: Result<R, Payload>) -> Result<Option<Y::Item>, Payload> {
        Ok(Y::one(end.map_err(|payload| ItemPanic::new(index, payload))))
    }
}

/// What items yield before panics are caught.
pub trait Uncaught: sealed::Sealed {}

impl Uncaught for Every {}
impl Uncaught for SkipNone {}

/// What items yield before each `None` is left out.
pub trait WithNone: sealed::Sealed {
    /// The same without each `None`.
    type SkipNone;
}

impl WithNone for Every {
    type SkipNone = SkipNone;
}

impl WithNone for Caught<Every> {
    type SkipNone = Caught<SkipNone>;
}

mod sealed {
    use super::{Caught, Every, SkipNone};

    pub trait Sealed {}
    impl Sealed for Every {}
    impl Sealed for SkipNone {}
    impl<Y> Sealed for Caught<Y> {}
}
