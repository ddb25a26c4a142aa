//! The serial loop, over the rest of an input or over a batch of it.

use crate::engine::step::Step;
use crate::engine::work::{BreakOf, OutputOf, Work};

/// Runs what is left of the input, and nothing else.
///
/// `work` is an argument of its own, not a field: of an argument the compiler knows that writing to the output does not change it, so what the function
/// has captured stays in registers, and several items may be run at a time. (Measured: a loop over 10^7 `u32` took half as long again without.)
#[inline]
pub(crate) fn finish_loop<W, I>(
    output: &mut Vec<OutputOf<W, I::Item>>,
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

/// Runs so many items, and returns whether the input has ended; not one more is pulled than is run.
#[inline]
pub(crate) fn batch<W, I>(
    output: &mut Vec<OutputOf<W, I::Item>>,
    input: &mut I,
    size: usize,
    work: &W,
    state: &mut W::State<'_>,
) -> Result<bool, BreakOf<W, I::Item>>
where
    I: Iterator,
    W: Work<I::Item>,
{
    let before = output.len();
    // `take` stops without asking for one more.
    finish_loop(output, input.take(size), work, state)?;
    Ok(output.len() - before < size)
}
