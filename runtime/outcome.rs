//! Decides what a call comes to: the results in the order of the input, or the failure that the loop would have met first.

use crate::slots::Part;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// What a panic carries.
pub(crate) type Payload = Box<dyn Any + Send>;

/// Why a call ends before its input does.
pub(crate) enum Cause<B> {
    /// An item said so.
    Break(B),
    Panic(Payload),
}

/// A failure, and the index of the item it belongs to.
pub(crate) struct Failure<B> {
    pub(crate) index: usize,
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

/// Runs `work` and catches its panic. What it leaves half done is only dropped, for the panic is resumed in the end.
pub(crate) fn catch<R>(work: impl FnOnce() -> R) -> Result<R, Payload> {
    catch_unwind(AssertUnwindSafe(work))
}

/// Drops what nobody will see; should that panic, it is not the panic of the call.
fn discard<T>(value: T) {
    // Not dropped in turn: the payload of a panic can itself panic when it is.
    std::mem::forget(catch(|| drop(value)));
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

    /// The results in order, or what ended the call; its panic is resumed.
    pub(crate) fn into_parts(self) -> Result<Vec<Part<'vec, R>>, B> {
        let Outcome { mut parts, failure } = self;
        let Some(failure) = failure else {
            parts.sort_unstable_by_key(|(start, _)| *start);
            return Ok(parts.into_iter().map(|(_, part)| part).collect());
        };
        discard(parts);
        match failure.cause {
            Cause::Break(value) => Err(value),
            Cause::Panic(payload) => resume_unwind(payload),
        }
    }
}
