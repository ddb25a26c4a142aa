//! Decides what a shared call comes to: the results in the order of the input, up to the failure that the loop would have met first.

use crate::engine::slots::Part;
use crate::unwind::{Payload, discard};

/// Why a call ends before its input does.
pub(crate) enum Cause<B> {
    /// An item said so.
    Break(B),
    Panic(Payload),
}

/// A failure, and the index of the item it belongs to.
pub(crate) struct Failure<B> {
    index: usize,
    cause: Cause<B>,
}

impl<B> Failure<B> {
    pub(crate) fn panic(index: usize, payload: Payload) -> Self {
        Failure { index, cause: Cause::Panic(payload) }
    }

    pub(crate) fn new(index: usize, cause: Cause<B>) -> Self {
        Failure { index, cause }
    }
}

/// What has been finished so far.
pub(crate) struct Outcome<'vec, R, B> {
    /// The results of each chunk, behind the index of its first item.
    parts: Vec<(usize, Part<'vec, R>)>,
    /// The lowest failure.
    failure: Option<Failure<B>>,
}

impl<'vec, R, B> Outcome<'vec, R, B> {
    pub(crate) fn new() -> Self {
        Outcome { parts: Vec::new(), failure: None }
    }

    /// Records the results of a chunk.
    pub(crate) fn finished(&mut self, start: usize, part: Part<'vec, R>) {
        self.parts.push((start, part));
    }

    /// Records a failure. Of several the lowest is kept: since chunks are handed out in order and those below a failure are finished, it is
    /// the one that the loop would have met.
    pub(crate) fn failed(&mut self, failure: Failure<B>) {
        let is_lowest = self.failure.as_ref().is_none_or(|lowest| failure.index < lowest.index);
        discard(if is_lowest { self.failure.replace(failure) } else { Some(failure) });
    }

    /// The results in order.
    pub(crate) fn in_order(self) -> InOrder<'vec, R, B> {
        let Outcome { mut parts, failure } = self;
        parts.sort_unstable_by_key(|(start, _)| *start);
        // Of the chunk that fails, what it has finished.
        let end = failure.as_ref().map_or(parts.len(), |failure| parts.partition_point(|part| part.0 <= failure.index));
        let out_of_order = parts.split_off(end);
        let finished = parts.into_iter().map(|(_, part)| part).collect();
        InOrder { finished, out_of_order, cause: failure.map(|failure| failure.cause) }
    }
}

/// What has been finished, in order.
pub(crate) struct InOrder<'vec, R, B> {
    /// Up to the failure, if there is one.
    pub(crate) finished: Vec<Part<'vec, R>>,
    /// Above it, each chunk behind the index of its first item.
    pub(crate) out_of_order: Vec<(usize, Part<'vec, R>)>,
    /// What failed.
    pub(crate) cause: Option<Cause<B>>,
}
