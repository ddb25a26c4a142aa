//! Evidence of what a parameter tells about its input: an input of a known type can be split.

use crate::input::split::{Input, Splitter};
use std::marker::PhantomData;

/// Evidence that the macro has, in addition to the type of the input.
pub trait Evidence {
    /// Returns an input that can be split, if its type is known.
    fn input<I: IntoIterator>(&self, input: I) -> Input<I::IntoIter>;
}

/// Returns the input of a call.
#[inline]
pub fn input<I: IntoIterator>(evidence: &impl Evidence, input: I) -> Input<I::IntoIter> {
    evidence.input(input)
}

/// No evidence but the type of the items.
pub struct NoEvidence;

impl Evidence for NoEvidence {
    #[inline]
    fn input<I: IntoIterator>(&self, input: I) -> Input<I::IntoIter> {
        Input { items: input.into_iter(), splitter: Splitter::of_items() }
    }
}

/// The items are references to values of type `U`, or to slices of them.
pub struct References<U>(PhantomData<fn() -> U>);

impl<U> Evidence for References<U> {
    #[inline]
    fn input<I: IntoIterator>(&self, input: I) -> Input<I::IntoIter> {
        Input { items: input.into_iter(), splitter: Splitter::of_references::<U>() }
    }
}

/// The type behind the reference in the signature.
pub struct Behind<U: ?Sized>(PhantomData<fn(&U)>);

impl<U: ?Sized> Behind<U> {
    /// Creates the evidence that the items are references to values of type `U`.
    #[inline]
    #[must_use]
    #[allow(clippy::new_without_default)] // Only for generated code.
    pub fn new() -> Self {
        Behind(PhantomData)
    }
}

/// Evidence of references to values of a type with a size, or to slices of them.
pub trait KnownReferences<U> {
    /// Returns the evidence.
    fn __evidence_of_items(&self) -> References<U>;
}

impl<U> KnownReferences<U> for Behind<U> {
    #[inline]
    fn __evidence_of_items(&self) -> References<U> {
        References(PhantomData)
    }
}

impl<U> KnownReferences<U> for Behind<[U]> {
    #[inline]
    fn __evidence_of_items(&self) -> References<U> {
        References(PhantomData)
    }
}

/// The fallback for references to other types (autoref specialization).
///
/// Method lookup tries `Behind<U>` first. It reaches `&Behind<U>`, and so this trait, only if there
/// is no [`KnownReferences`] for it.
pub trait OrNoEvidence {
    /// Returns the evidence.
    fn __evidence_of_items(&self) -> NoEvidence;
}

impl<U: ?Sized> OrNoEvidence for &Behind<U> {
    #[inline]
    fn __evidence_of_items(&self) -> NoEvidence {
        NoEvidence
    }
}
