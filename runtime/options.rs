//! Decides what editors say of the attribute's options: the same words as items, whose documentation is shown. No build has them.
#![allow(missing_docs, clippy::missing_docs_in_private_items)]

/// The argument that is mapped, by its name: `over = x`. Several: `over = zip(x, y)` walks them together, `over = product(x, y)` takes every combination.
pub fn over() {}

/// Arguments that each thread makes for itself, before its first item: `per_thread(buffer = Vec::new())` for `buffer: &mut Vec<_>`.
pub fn per_thread() {}

/// Arguments that are made for the item of an index: `per_item(rng = |i| Rng::new(i))`.
pub fn per_item() {}

/// The function returns a `Result` or an `Option`, and the twin the collected values, or the first failure in the order of the input.
pub fn try_collect() {}

/// The function returns an `Option`, and the `None`s are left out.
pub fn skip_none() {}

/// An item that panics yields an `ItemPanic`, and the others their results: each is a `Result`.
pub fn catch_panics() {}

/// At most so many threads work on a call, the caller counted: `threads = 4`.
pub fn threads() {}

/// A progress bar on a terminal: `progress`, or with a label `progress = "working"`. Needs the cargo feature `progress`.
pub fn progress() {}

/// What the twins are called: `name = g` for `g` and `g_iter`, not `f_parallel` and `f_parallel_iter`.
pub fn name() {}

/// How the twins call the function: `call = Self::f`, for an associated function whose signature does not mention `Self`.
pub fn call() {}
