//! Results of calls that wait until they are passed on: in input order, or as completed.

use crate::unwind::discard;
use std::collections::VecDeque;
use std::mem;

/// The results of calls that have begun.
pub(crate) trait Arrivals<O> {
    /// Counts a call that begins.
    fn begin(&mut self);

    /// Adds the result of the item with this index.
    fn put(&mut self, index: usize, result: O);

    /// Takes the next result to be passed on, with the index of its item.
    fn take(&mut self) -> Option<(usize, O)>;

    /// Returns the number of items that have begun and whose results have not been taken.
    fn held(&self) -> usize;

    /// Drops the results that must not be passed on, because the item with this index has failed.
    fn cut(&mut self, index: usize);

    /// Removes all results, each with the index of its item.
    fn take_rest(&mut self) -> Vec<(usize, O)>;
}

/// Results that are passed on in input order.
pub(crate) struct InOrder<O> {
    /// The index of the next item whose result is passed on.
    next: usize,
    /// The results from that item on, as far as they are there.
    results: VecDeque<Option<O>>,
}

impl<O> InOrder<O> {
    pub(crate) fn new() -> Self {
        InOrder { next: 0, results: VecDeque::new() }
    }
}

/// Drops the results one by one, and ignores panics from that, because nobody waits for them.
impl<O> Drop for InOrder<O> {
    fn drop(&mut self) {
        mem::take(&mut self.results).into_iter().for_each(discard);
    }
}

impl<O> Arrivals<O> for InOrder<O> {
    fn begin(&mut self) {
        self.results.push_back(None);
    }

    fn put(&mut self, index: usize, result: O) {
        self.results[index - self.next] = Some(result);
    }

    fn take(&mut self) -> Option<(usize, O)> {
        let result = self.results.front_mut()?.take()?;
        self.results.pop_front();
        self.next += 1;
        Some((self.next - 1, result))
    }

    fn held(&self) -> usize {
        self.results.len()
    }

    fn cut(&mut self, index: usize) {
        let below = (index - self.next).min(self.results.len());
        self.results.split_off(below).into_iter().for_each(discard);
    }

    fn take_rest(&mut self) -> Vec<(usize, O)> {
        (self.next..).zip(mem::take(&mut self.results)).filter_map(|(index, result)| Some((index, result?))).collect()
    }
}

/// Results that are passed on in the order in which the calls are completed.
pub(crate) struct AsCompleted<O> {
    results: VecDeque<(usize, O)>,
    held: usize,
}

impl<O> AsCompleted<O> {
    pub(crate) fn new() -> Self {
        AsCompleted { results: VecDeque::new(), held: 0 }
    }
}

/// As for [`InOrder`].
impl<O> Drop for AsCompleted<O> {
    fn drop(&mut self) {
        mem::take(&mut self.results).into_iter().for_each(discard);
    }
}

impl<O> Arrivals<O> for AsCompleted<O> {
    fn begin(&mut self) {
        self.held += 1;
    }

    fn put(&mut self, index: usize, result: O) {
        self.results.push_back((index, result));
    }

    fn take(&mut self) -> Option<(usize, O)> {
        let result = self.results.pop_front()?;
        self.held -= 1;
        Some(result)
    }

    fn held(&self) -> usize {
        self.held
    }

    fn cut(&mut self, _: usize) {
        // What is completed is passed on. Nothing begins any more, so what is held no longer
        // counts.
    }

    fn take_rest(&mut self) -> Vec<(usize, O)> {
        mem::take(&mut self.results).into()
    }
}

#[cfg(test)]
mod tests {
    use super::{Arrivals, AsCompleted, InOrder};

    #[test]
    fn results_are_taken_in_input_order() {
        let mut results = InOrder::new();
        (0..4).for_each(|_| results.begin());
        results.put(2, 'c');
        assert_eq!(results.take(), None);
        results.put(0, 'a');
        assert_eq!((results.take(), results.take()), (Some((0, 'a')), None));
        assert_eq!(results.held(), 3);
        // Item 2 fails: item 1 still comes.
        results.cut(2);
        results.put(1, 'b');
        assert_eq!((results.take(), results.take(), results.held()), (Some((1, 'b')), None, 0));
    }

    #[test]
    fn what_is_beyond_a_gap_is_the_rest() {
        let mut results = InOrder::new();
        (0..4).for_each(|_| results.begin());
        results.put(0, 'a');
        assert_eq!(results.take(), Some((0, 'a')));
        results.put(3, 'd');
        assert_eq!(results.take_rest(), [(3, 'd')]);
    }

    #[test]
    fn results_are_taken_as_completed() {
        let mut results = AsCompleted::new();
        (0..3).for_each(|_| results.begin());
        results.put(2, 'c');
        assert_eq!((results.take(), results.held()), (Some((2, 'c')), 2));
        results.put(0, 'a');
        results.cut(0);
        assert_eq!(results.take(), Some((0, 'a')));
    }
}
