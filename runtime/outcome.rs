//! Decides what a call comes to: the results in the order of the input, or the panic that the loop would have met first.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// A panic, and the index of the item it belongs to.
pub(crate) struct Failure {
    pub(crate) index: usize,
    pub(crate) payload: Box<dyn Any + Send>,
}

/// Runs `work` and catches its panic. What it leaves half done is only dropped, for the panic is resumed in the end.
pub(crate) fn catch<R>(work: impl FnOnce() -> R) -> Result<R, Box<dyn Any + Send>> {
    catch_unwind(AssertUnwindSafe(work))
}

/// Drops what nobody will see; should that panic, it is not the panic of the call.
fn discard<T>(value: T) {
    // Not dropped in turn: the payload of a panic can itself panic when it is.
    std::mem::forget(catch(|| drop(value)));
}

/// What has been finished so far.
pub(crate) struct Outcome<R> {
    /// The results of each chunk, behind the index of its first item.
    parts: Vec<(usize, Vec<R>)>,
    /// The lowest failure.
    failure: Option<Failure>,
}

impl<R> Outcome<R> {
    pub(crate) fn new() -> Self {
        Outcome { parts: Vec::new(), failure: None }
    }

    pub(crate) fn finished(&mut self, start: usize, results: Vec<R>) {
        self.parts.push((start, results));
    }

    /// Records a failure; of several the lowest is kept, which is the one the loop would have met.
    pub(crate) fn failed(&mut self, failure: Failure) {
        let is_lowest = self.failure.as_ref().is_none_or(|lowest| failure.index < lowest.index);
        discard(if is_lowest { self.failure.replace(failure) } else { Some(failure) });
    }

    /// The results, or the failure's panic.
    pub(crate) fn into_results(self) -> Vec<R> {
        let Outcome { mut parts, failure } = self;
        if let Some(failure) = failure {
            discard(parts);
            resume_unwind(failure.payload);
        }
        parts.sort_unstable_by_key(|(start, _)| *start);
        let mut results = Vec::with_capacity(parts.iter().map(|(_, part)| part.len()).sum());
        for (_, mut part) in parts {
            results.append(&mut part);
        }
        results
    }
}
