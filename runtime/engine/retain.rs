//! Which results a call retains if it ends before its input.

use crate::engine::slots::Part;

/// The results of items above the one that ended a call, each with the index of its item.
pub(crate) type OutOfOrder<R> = Vec<(usize, R)>;

/// Which results a call must retain if it ends before its input.
pub(crate) enum Retain<'call, R> {
    /// None. The output may still have some of them.
    Nothing,
    /// The results of all items below the one that ended the call, in the output.
    Completed,
    /// Those results and, unless the call ends by a panic, the finished results of higher items.
    All(&'call mut OutOfOrder<R>),
}

/// Adds the results of chunks, each with the index of its item.
///
/// `parts` has the index of the first item of each chunk.
pub(crate) fn push<R>(retained: &mut OutOfOrder<R>, parts: Vec<(usize, Part<R>)>) {
    for (start, mut part) in parts {
        for (index, result) in part.take_results().into_iter().enumerate() {
            retained.push((start + index, result));
        }
    }
}
