//! The outcome of a shared call: the results in input order, up to the failure that the serial loop
//! would have met first.

use crate::engine::slots::{Part, Parts};
use crate::unwind::Payload;
use std::collections::VecDeque;

/// What ended a call before the end of its input.
pub(crate) enum Cause<B> {
    /// An item returned a value that ends the call.
    Break(B),
    /// An item, the input or dropping a state panicked.
    Panic(Payload),
}

/// What ended a call, and the index of the item at which the serial loop would have met it.
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

/// The results and the failure of a call so far.
pub(crate) struct Outcome<'vec, R, B> {
    /// The index of the first item of each chunk, and the results of the chunk, in input order. A
    /// deque, because items behind a heavy one are finished after many others, near the front.
    parts: VecDeque<(usize, Part<'vec, R>)>,
    /// The number of first items that have run before.
    begin: usize,
    /// The number of first items whose parts have been taken, or that have run before.
    taken: usize,
    /// The failure with the lowest index.
    failure: Option<Failure<B>>,
}

impl<'vec, R, B> Outcome<'vec, R, B> {
    /// Creates the outcome of a call whose first `done` items have already run.
    pub(crate) fn new(done: usize) -> Self {
        Outcome { parts: VecDeque::new(), begin: done, taken: done, failure: None }
    }

    /// Returns the index of the failure, or `usize::MAX` if there is none.
    pub(crate) fn failing_index(&self) -> usize {
        self.failure.as_ref().map_or(usize::MAX, |failure| failure.index)
    }

    /// Returns whether a chunk has been finished, or its results have been taken.
    pub(crate) fn has_results(&self) -> bool {
        !self.parts.is_empty() || self.taken > self.begin
    }

    /// Adds the results of the chunk that begins at `start`.
    ///
    /// Joins small parts, because the calling thread may be busy for a long time before it takes
    /// them.
    pub(crate) fn add_part(&mut self, start: usize, part: Part<'vec, R>) {
        let place = self.parts.partition_point(|(other, _)| *other <= start);
        let part = match place.checked_sub(1).map(|before| &mut self.parts[before]) {
            Some((other, before)) if *other + before.len() == start => before.join(part),
            _ => Some(part),
        };
        if let Some(part) = part {
            self.parts.insert(place, (start, part));
        }
    }

    /// Takes results of the next items that have not been taken, if these have finished.
    pub(crate) fn take_next(&mut self) -> Option<Part<'vec, R>> {
        if self.parts.front()?.0 != self.taken {
            return None;
        }
        let (_, part) = self.parts.pop_front()?;
        self.taken += part.len();
        Some(part)
    }

    /// Takes the results of the first items, up to the first item that has not finished.
    pub(crate) fn take_first(&mut self) -> Parts<'vec, R> {
        let is_next = |(start, part): &&(usize, Part<'vec, R>)| {
            let is_next = *start == self.taken;
            self.taken += if is_next { part.len() } else { 0 };
            is_next
        };
        let count = self.parts.iter().take_while(is_next).count();
        self.parts.drain(..count).collect()
    }

    /// Takes the failure, if it is a panic.
    pub(crate) fn take_panic(&mut self) -> Option<Payload> {
        match self.failure.take()?.cause {
            Cause::Panic(payload) => Some(payload),
            Cause::Break(_) => unreachable!("an item has failed"),
        }
    }

    /// Adds the outcome of items behind these. Returns the higher of two failures.
    pub(crate) fn append(&mut self, other: Self) -> Option<Failure<B>> {
        self.parts.extend(other.parts);
        self.taken = self.taken.max(other.taken);
        other.failure.and_then(|failure| self.add_failure(failure))
    }

    /// Adds a failure, keeps the lowest one, and returns the other.
    ///
    /// Chunks are assigned in input order, and those below a failure are finished. So the lowest
    /// failure is the one that the serial loop would have met first.
    pub(crate) fn add_failure(&mut self, failure: Failure<B>) -> Option<Failure<B>> {
        let is_lowest = self.failure.as_ref().is_none_or(|lowest| failure.index < lowest.index);
        if is_lowest { self.failure.replace(failure) } else { Some(failure) }
    }

    /// Separates the results above the failure.
    pub(crate) fn in_order(self) -> InOrder<'vec, R, B> {
        let Outcome { parts, failure, .. } = self;
        let mut parts = Vec::from(parts);
        // This includes the chunk that failed, whose part has the results below the failure.
        let end = failure.as_ref().map_or(parts.len(), |failure| parts.partition_point(|part| part.0 <= failure.index));
        let out_of_order = parts.split_off(end);
        InOrder { finished: parts, out_of_order, cause: failure.map(|failure| failure.cause) }
    }
}

/// The outcome of a call in input order.
pub(crate) struct InOrder<'vec, R, B> {
    /// The results up to the failure, or all results if there is none.
    pub(crate) finished: Parts<'vec, R>,
    /// The results above the failure: the index of the first item of each chunk, and its results.
    pub(crate) out_of_order: Parts<'vec, R>,
    /// What ended the call, if it ended before its input.
    pub(crate) cause: Option<Cause<B>>,
}

#[cfg(test)]
mod tests {
    use super::{Cause, Failure, Outcome};

    fn failing(index: usize) -> Outcome<'static, (), usize> {
        let mut outcome = Outcome::new(0);
        assert!(outcome.add_failure(Failure::new(index, Cause::Break(index))).is_none());
        outcome
    }

    #[test]
    fn the_lowest_of_two_outcomes_fails() {
        for (first, second) in [(3, 7), (7, 3)] {
            let mut outcome = failing(first);
            let higher = outcome.append(failing(second)).expect("two failures");
            assert_eq!((outcome.failing_index(), higher.index), (3, 7));
            assert!(outcome.append(Outcome::new(0)).is_none());
        }
    }
}
