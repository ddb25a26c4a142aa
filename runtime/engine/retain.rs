//! Which results a call retains if it ends before its input.

use crate::engine::outcome::{Cause, InOrder, Outcome};
use crate::engine::slots::Parts;
use crate::report::trace::Trace;
use std::panic::resume_unwind;

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

/// Returns the results of a shared call that go into the output, and what ended it.
///
/// `output` returns the result of what a part contains.
pub(crate) fn conclude<'vec, C, R, B>(
    outcome: Outcome<'vec, C, B>,
    retain: &mut Retain<'_, R>,
    trace: &Trace,
    output: impl Fn(C) -> Option<R>,
) -> (Parts<'vec, C>, Option<Cause<B>>) {
    let InOrder { finished, out_of_order, cause } = outcome.in_order();
    trace.finished(count_items(&out_of_order));
    match (&mut *retain, &cause) {
        (Retain::All(retained), Some(Cause::Break(_))) => push(retained, out_of_order, output),
        // The serial loop would not have run these items. A `Part` ignores panics of drops.
        _ => drop(out_of_order),
    }
    if matches!(retain, Retain::Nothing) && cause.is_some() {
        trace.finished(count_items(&finished));
        return (Vec::new(), cause);
    }
    (finished, cause)
}

/// Ends a call as the item that ended it, if there is one.
pub(crate) fn end_call<B>(cause: Option<Cause<B>>) -> Result<(), B> {
    match cause {
        None => Ok(()),
        Some(Cause::Break(value)) => Err(value),
        Some(Cause::Panic(payload)) => resume_unwind(payload),
    }
}

/// Returns the number of items that have run in `parts`.
fn count_items<R>(parts: &Parts<R>) -> usize {
    parts.iter().map(|(_, part)| part.len()).sum()
}

/// Adds the results of chunks, each with the index of its item.
///
/// `parts` has the index of the first item of each chunk. `output` returns the result of what a
/// part contains.
fn push<C, R>(retained: &mut OutOfOrder<R>, parts: Parts<C>, output: impl Fn(C) -> Option<R>) {
    for (start, mut part) in parts {
        let results = part.take_indexed();
        retained.extend(results.filter_map(|(index, carried)| Some((start + index, output(carried)?))));
    }
}
