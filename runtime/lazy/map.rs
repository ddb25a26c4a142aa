//! `parallelize::map`: the lazy call of a closure, without an annotated function.

use crate::engine::memories::memory_of;
use crate::engine::settings::Settings;
use crate::input::split::{Input, Splitter};
use crate::lazy::parallel_iter::ParallelIter;

/// Maps a closure over an input, without an annotated function.
///
/// Returns a [`ParallelIter`], like the lazy version of an annotated function. Nothing runs until
/// you call one of its [terminals](ParallelIter#terminals) or loop over it. All of its
/// [options](ParallelIter#options) are methods. The results are those of the serial
/// `input.into_iter().map(f)`: the same values in the same order, the same first error and the same
/// first panic.
///
/// * `input` is any [`IntoIterator`] whose iterator and items are [`Send`], as for an annotated
///   function.
/// * `f` is a closure or a function of one item. Threads share it and its captured variables, so it
///   must be [`Fn`] and [`Sync`]: it may read what it captures, and modify atomics and the contents
///   of a [`Mutex`](std::sync::Mutex). To sum up or count, use the results instead, with
///   [`for_each`](ParallelIter::for_each).
///
/// The types of the items and of the results are inferred.
///
/// An annotated function is still the better choice if several places call it, and for
/// `per_thread`, `per_item`, `zip` and `product`.
///
/// # Panics
///
/// Does not panic, unless [`into_iter`](IntoIterator::into_iter) of the input does. For panics of
/// the closure, see [`collect`](ParallelIter::collect).
///
/// # Cost
///
/// Creating the call takes a few nanoseconds more than with an annotated function. The costs that
/// a call remembers for the next one belong to the type of the closure, so each closure has its
/// own. They take about 100 bytes per closure of the program, which are never freed.
///
/// Ranges, vectors, `xs.iter().copied()`, and slices, chunks and windows of numbers and strings are
/// split. Other inputs are advanced by one thread at a time. This includes zips, and slices of
/// other types, which an annotated function recognizes by its signature. The difference can be
/// measured if items take less than about 50 ns. For such items, map the indices instead:
/// `parallelize::map(0..xs.len(), |i| f(&xs[i], &ys[i]))`.
///
/// # Examples
///
/// ```
/// let table = [0.5, 1.5, 2.5];
/// let xs = [1.0, 2.0];
///
/// let sums: Vec<f64> = parallelize::map(&xs, |x| {
///     table.iter().map(|factor| x * factor).sum()
/// })
/// .collect();
/// assert_eq!(sums, [4.5, 9.0]);
/// ```
///
/// With options and other terminals:
///
/// ```
/// let text = "4\n8\n15\n16\n23\nforty-two";
///
/// let numbers: Result<Vec<u32>, _> =
///     parallelize::map(text.lines(), |line| line.parse::<u32>())
///         .threads(8)
///         .try_collect();
/// assert!(numbers.is_err());
///
/// for length in parallelize::map(text.lines(), |line| line.len()) {
///     assert!(length < 10);
/// }
/// ```
///
/// A closure cannot modify what it captures:
///
/// ```compile_fail,E0594
/// let mut sum = 0;
/// parallelize::map(0..100, |x| sum += x).collect::<()>();
/// ```
///
/// Modify it in the sink of `for_each` instead, which runs on the calling thread, in input order:
///
/// ```
/// let mut sum = 0;
/// parallelize::map(0..100, |x| x * x).for_each(|square| sum += square);
/// assert_eq!(sum, 328_350);
/// ```
#[inline]
pub fn map<I, R, F>(input: I, f: F) -> ParallelIter<I::IntoIter, F>
where
    I: IntoIterator<Item: Send, IntoIter: Send>,
    F: Fn(I::Item) -> R + Sync,
    R: Send,
{
    let input = Input { items: input.into_iter(), splitter: Splitter::guess() };
    ParallelIter::new(Settings::new(memory_of::<F>()), input, f)
}
