//! The serial loop, over the rest of an input or over a batch of it.

use crate::engine::clock::{MIN_WAIT_TICKS, ticks};
use crate::engine::results::Results;
use crate::engine::step::Step;
use crate::engine::work::{BreakOf, OutputOf, Work};

/// Runs all items that remain, as the plain serial loop.
///
/// `work` is a parameter and not a field. The compiler then knows that writing to the output does
/// not change what the function has captured. It keeps the captured values in registers, and can
/// vectorize the loop. (Measured: with `work` in a field, a loop over 10^7 `u32` took half as long
/// again.)
#[inline]
pub(crate) fn finish_loop<W, I>(
    output: &mut Results<'_, OutputOf<W, I::Item>>,
    input: I,
    work: &W,
    state: &mut W::State<'_>,
) -> Result<(), BreakOf<W, I::Item>>
where
    I: Iterator,
    W: Work<I::Item>,
{
    W::Step::extend(output, input.map(|item| work.run(state, item)))
}

/// Runs `size` items, and returns whether the input has ended.
///
/// Pulls no item that it does not run.
#[inline]
pub(crate) fn batch<W, I>(
    output: &mut Results<'_, OutputOf<W, I::Item>>,
    input: &mut I,
    size: usize,
    work: &W,
    state: &mut W::State<'_>,
) -> Result<bool, BreakOf<W, I::Item>>
where
    I: Iterator,
    W: Work<I::Item>,
{
    let before = output.items();
    // `take` does not call `next()` after `size` items.
    finish_loop(output, input.take(size), work, state)?;
    Ok(output.items() - before < size)
}

/// What ended a batch of a block.
#[derive(PartialEq)]
pub(crate) enum BatchEnd {
    /// All items of the batch have run.
    Complete,
    /// The input has ended.
    InputEnded,
    /// The input has waited for the last item of the batch.
    Waited,
}

/// Runs `size` items like [`batch`], or fewer if the input waits: then the results so far should
/// not wait as well.
///
/// `is_short` tells that items run for a short time. One clock read per item is then enough.
#[inline]
pub(crate) fn watched_batch<W, I>(
    output: &mut Results<'_, OutputOf<W, I::Item>>,
    input: &mut I,
    size: usize,
    is_short: bool,
    work: &W,
    state: &mut W::State<'_>,
) -> Result<BatchEnd, BreakOf<W, I::Item>>
where
    I: Iterator,
    W: Work<I::Item>,
{
    let mut before_pull = ticks();
    for _ in 0..size {
        let Some(item) = input.next() else { return Ok(BatchEnd::InputEnded) };
        let pulled = ticks();
        output.push(W::Step::output(work.run(state, item).step()?));
        if pulled.wrapping_sub(before_pull) >= MIN_WAIT_TICKS {
            return Ok(BatchEnd::Waited);
        }
        before_pull = if is_short { pulled } else { ticks() };
    }
    Ok(BatchEnd::Complete)
}
