//! The results of a call so far, and the number of items that have run.

use crate::engine::slots::{Part, Parts};
use crate::report::trace::Trace;

/// The results of the first items of a call. Reports the number of items to the trace when the call
/// ends, however it ends.
pub struct Results<'call, R> {
    /// The results, in input order.
    pub(crate) list: &'call mut Vec<R>,
    /// The number of items that have run and have no result.
    pub(crate) skipped: usize,
    trace: &'call Trace,
}

impl<'call, R> Results<'call, R> {
    /// Creates the results of a call that appends to the empty vector `list`.
    pub(crate) fn new(list: &'call mut Vec<R>, trace: &'call Trace) -> Self {
        Results { list, skipped: 0, trace }
    }

    /// Returns the number of items that have run. It is the index of the next item.
    #[inline]
    pub(crate) fn items(&self) -> usize {
        self.list.len() + self.skipped
    }

    /// Adds the result of the next item, if it has one.
    #[inline]
    pub(crate) fn push(&mut self, result: Option<R>) {
        match result {
            Some(result) => self.list.push(result),
            None => self.skipped += 1,
        }
    }

    /// Appends the results of several parts.
    pub(crate) fn append_all<'part, C: 'part>(
        &mut self,
        parts: Parts<'part, C>,
        output: impl Fn(C) -> Option<R> + Copy,
    ) {
        for (_, part) in parts {
            self.append(part, output);
        }
    }

    /// Appends the results of the next items. `output` returns the result of what a part contains.
    pub(crate) fn append<C>(&mut self, mut part: Part<'_, C>, output: impl Fn(C) -> Option<R>) {
        self.skipped += part.skipped();
        let results = part.take_results();
        self.list.reserve(results.len());
        self.list.extend(results.into_iter().filter_map(output));
    }
}

impl<R> Drop for Results<'_, R> {
    #[inline]
    fn drop(&mut self) {
        self.trace.finished(self.items());
    }
}
