//! Compares the outcome of a call with that of the serial loop.

use crate::case::{Cancel, Case, Form, Shape};
use crate::seen::{End, Report, Seen};
use crate::serial::{self, Serial};
use crate::watch::fail;

/// Fails if the call has not returned what the serial loop returns or, if it was stopped, a part.
pub(crate) fn compare(case: &Case, report: &Report) {
    let ends_itself = matches!(report.end, End::All | End::Failed(_) | End::Panicked(_));
    let seen = report.results.len().max(report.out_of_order.last().map_or(0, |(index, _)| index + 1));
    // Of a call that has not run to its end, only the beginning of the loop is of interest.
    let limit = if ends_itself || case.skip_none { usize::MAX } else { seen + 1 };
    let serial = serial::run(case, limit);
    if let Err(difference) = difference(case, report, &serial) {
        let Serial { results, panicked, is_complete } = &serial;
        let (found, wanted) = (around(&report.results, results), around(results, &report.results));
        fail(&format!(
            "{difference}\nof {case:?}\n\
             found {} results .. {found:?}, {} out of order, {:?}\n\
             wanted {} results .. {wanted:?}, complete: {is_complete}, {panicked:?}",
            report.results.len(),
            report.out_of_order.len(),
            report.end,
            results.len(),
        ));
    }
}

/// Returns the results around the first difference.
fn around<'a>(results: &'a [Seen], others: &[Seen]) -> &'a [Seen] {
    let first = results.iter().zip(others).take_while(|(result, other)| result == other).count();
    &results[first.saturating_sub(2)..results.len().min(first + 3)]
}

fn difference(case: &Case, report: &Report, serial: &Serial) -> Result<(), &'static str> {
    let is = |condition: bool, difference| if condition { Ok(()) } else { Err(difference) };

    // What the serial loop yields, with the index of its item, and the error that ends it.
    let mut wanted: Vec<(usize, Seen)> = serial.results.iter().copied().enumerate().collect();
    let mut error = None;
    if is_tried(case) {
        let is_error = |seen: &Seen| matches!(seen, Seen::Error(_) | Seen::Nothing);
        if let Some(index) = serial.results.iter().position(is_error) {
            error = Some(serial.results[index]);
            wanted.truncate(index);
        }
    }
    if case.skip_none {
        wanted.retain(|(_, seen)| *seen != Seen::Nothing);
    }
    let count = report.results.len();
    let is_prefix = count <= wanted.len() && report.results.iter().eq(wanted[..count].iter().map(|(_, seen)| seen));
    let is_whole = is_prefix && count == wanted.len();
    let returns_nothing = matches!(case.form, Form::Eager | Form::Collect | Form::TryCollect);

    let is_cancelled_before = case.stop.cancel == Some(Cancel::Before);
    let has_item = !serial.results.is_empty() || serial.panicked.is_some_and(|panicked| !panicked.of_input);
    if is_cancelled_before && has_item && report.end != End::Left {
        is(matches!(report.end, End::Stopped(_)) && count == 0, "the token was cancelled before the call")?;
    }
    match report.end {
        End::All => {
            is(serial.is_complete && error.is_none(), "the serial loop does not end regularly")?;
            is(is_whole, "the results differ")
        }
        End::Failed(found) => {
            is(error == Some(found), "the first error differs")?;
            is(count == 0, "an error has results")
        }
        End::Panicked(found) => {
            is(error.is_none() && serial.panicked == Some(found), "the first panic differs")?;
            is(if returns_nothing { count == 0 } else { is_whole }, "the results before the panic differ")
        }
        End::Left => {
            let limit = match case.form {
                Form::Stream(limit) => limit,
                Form::TryForEach(limit) => limit.max(1),
                _ => return Err("nobody has left"),
            };
            is(is_prefix && count == limit, "the results of a stream that was left differ")
        }
        End::Stopped(_) => {
            is(is_prefix, "the completed results differ")?;
            let later = &report.out_of_order;
            let mut last = count.checked_sub(1).map(|last| wanted[last].0);
            for (index, seen) in later {
                // The item in the gap has no result.
                is(last.is_none_or(|last| *index > last), "the results out of order are not in order")?;
                last = Some(*index);
                is(is_behind(*index, count, case), "there is no gap before the results out of order")?;
                is(is_value(serial, *index, *seen), "a result out of order differs")?;
            }
            Ok(())
        }
    }
}

/// Returns whether errors end the call.
fn is_tried(case: &Case) -> bool {
    case.form == Form::TryCollect || case.form == Form::Eager && case.shape == Shape::Attempt
}

/// Returns whether an item comes after the gap behind `completed` results.
fn is_behind(index: usize, completed: usize, case: &Case) -> bool {
    if case.skip_none { index >= completed } else { index > completed }
}

/// Returns whether an item has this result.
fn is_value(serial: &Serial, index: usize, seen: Seen) -> bool {
    match serial.results.get(index) {
        Some(result) => *result == seen,
        // The serial loop has ended before this item, which may have run.
        None => serial.panicked.is_some(),
    }
}
