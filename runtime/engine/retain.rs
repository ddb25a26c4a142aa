//! The results that are retained of a call that ends before its input does.

use crate::engine::slots::Part;

/// The results of items above the one that ended a call, each with its index.
pub(crate) type OutOfOrder<R> = Vec<(usize, R)>;

/// What is kept of a call that ends before its input does.
pub(crate) enum Retain<'call, R> {
    Nothing,
    /// What was finished before the end, in order.
    Completed,
    /// And what was finished above it, unless it ended by a panic.
    All(&'call mut OutOfOrder<R>),
}

/// Keeps the results of chunks with their indices.
pub(crate) fn push<R>(retained: &mut OutOfOrder<R>, parts: Vec<(usize, Part<R>)>) {
    for (start, mut part) in parts {
        for (index, result) in part.take_results().into_iter().enumerate() {
            retained.push((start + index, result));
        }
    }
}
