//! The attribute in a crate without the prelude that forbids as many lints as possible.
#![no_implicit_prelude]
#![deny(warnings, clippy::pedantic, clippy::cargo, clippy::impl_trait_in_params, future_incompatible, rust_2018_idioms)]
#![forbid(
    clippy::all,
    clippy::nursery,
    missing_docs,
    unsafe_code,
    dead_code,
    elided_lifetimes_in_paths,
    missing_debug_implementations,
    non_ascii_idents,
    non_camel_case_types,
    non_snake_case,
    non_upper_case_globals,
    redundant_lifetimes,
    single_use_lifetimes,
    trivial_bounds,
    unnameable_types,
    unreachable_pub,
    unused_imports,
    unused_lifetimes,
    unused_parens,
    unused_qualifications,
    unused_results,
    unused_variables,
    variant_size_differences
)]
#![allow(clippy::cargo_common_metadata, clippy::multiple_crate_versions)]

#[cfg(test)]
extern crate std;

#[cfg(feature = "distributed")]
pub mod distributed;
pub mod restricted;
pub mod written_by_macros;

use ::core::clone::Clone;
use ::core::convert::{From, Into};
use ::core::fmt::Display;
use ::core::future::{Future, ready};
use ::core::iter::Iterator;
use ::core::marker::{Send, Sized, Sync};
use ::core::ops::Fn;
use ::core::option::Option;
use ::core::result::Result;
use ::renamed::parallelize;
use ::std::string::String;

/// Scales a number.
#[parallelize(over = x, crate = ::renamed)]
#[must_use]
pub fn scale(x: f64, by: f64, offset: &f64) -> f64 {
    x * by + offset
}

/// Finds a word in a line.
#[allow(clippy::impl_trait_in_params)]
#[parallelize(over = line, crate = ::renamed)]
pub fn words<'a>(line: &'a str, least: usize, add: &impl Fn(&'a str) -> usize) -> (Option<&'a str>, usize) {
    (line.split(' ').find(|word| word.len() >= least), add(line))
}

/// Converts a number to another type.
#[parallelize(over = x, crate = ::renamed)]
pub fn converted<T: From<u8> + Clone>(x: u8, like: &T) -> (T, T) {
    (T::from(x), Clone::clone(like))
}

/// Consumes a fixed value, which the generated functions clone.
#[parallelize(over = name, crate = ::renamed)]
#[must_use]
pub fn consume(mut name: String, suffix: String) -> String {
    name.push_str(&suffix);
    ::core::mem::drop(suffix);
    name
}

/// Returns the larger of two numbers.
///
/// The documentation of the generated functions does not repeat this paragraph.
#[parallelize(over = x, crate = ::renamed)]
#[must_use]
pub const fn r#match(x: u8, r#type: u8) -> u8 {
    if x > r#type { x } else { r#type }
}

/// A module named like a function, to which links in the generated documentation must not lead.
pub mod scale {}

/// Fills a slot.
#[parallelize(over = slot, crate = ::renamed)]
pub fn fill(slot: &mut u8, value: u8) {
    slot.clone_from(&value);
}

/// Divides an even number.
#[parallelize(over = x, skip_none, catch_panics, threads = 2, crate = ::renamed)]
#[must_use]
pub fn halve(x: u32, by: &u32) -> Option<u32> {
    (x & 1 == 0).then(|| x / by)
}

/// Finds a given word in a line.
///
/// # Errors
///
/// Returns `missing` if the line does not contain the word.
#[parallelize(over = line, try_collect, crate = ::renamed)]
pub fn find<'t>(line: &'t str, word: &str, missing: String) -> Result<&'t str, String> {
    line.split(' ').find(|other| *other == word).ok_or(missing)
}

/// Scales a number for display.
#[parallelize(over = x, catch_panics, crate = ::renamed)]
#[must_use]
pub fn shown(x: f64, by: f64) -> impl Display + Clone {
    x * by
}

/// Adds two numbers of the same index.
#[parallelize(over = zip(x, y), per_item(at = |i| i), crate = ::renamed)]
#[must_use]
pub const fn sum(x: usize, y: usize, by: usize, at: usize) -> usize {
    (x + y) * by + at
}

/// Draws a number for a name.
#[parallelize(over = name, per_item(number = |i| _seed + i), crate = ::renamed)]
#[must_use]
pub const fn drawn(name: &str, _seed: usize, number: usize) -> usize {
    name.len() * number
}

/// Counts down, as long as the item is needed.
#[parallelize(over = n, cancel = token, crate = ::renamed)]
#[must_use]
pub fn counted(n: u32, token: &::renamed::ItemToken) -> usize {
    (0..n).take_while(|_| !token.is_cancelled()).count()
}

/// Combines two numbers.
#[parallelize(over = product(x, y), per_thread(buffer = String::with_capacity(width)), crate = ::renamed)]
#[must_use]
pub fn pair(x: u8, y: u8, (width, _): (usize, u8), buffer: &mut String) -> (u8, u8, usize) {
    buffer.clear();
    (x, y, buffer.len() + width)
}

/// Returns the first number of each pair.
#[parallelize(crate = ::renamed)]
#[must_use]
pub const fn first(#[over] (x, _): (u8, u8), #[over] [y, _]: [u8; 2]) -> (u8, u8) {
    (x, y)
}

/// Appends a suffix to a name.
#[parallelize(over = name, in_flight = 2, crate = ::renamed)]
pub async fn extended(name: &str, suffix: &str, times: usize) -> String {
    ready(()).await;
    let mut name: String = Into::into(name);
    name.push_str(&suffix.repeat(times));
    name
}

/// Finds a word in a line, once it is there.
///
/// # Errors
///
/// Returns `missing` if the line does not contain the word.
#[parallelize(over = line, try_collect, local, crate = ::renamed)]
pub async fn awaited<'t>(line: &'t str, word: &str, missing: String) -> Result<&'t str, String> {
    ready(()).await;
    find(line, word, missing)
}

/// Divides an even number later.
#[parallelize(over = zip(x, y), per_item(at = |i| i + _shift), skip_none, catch_panics, crate = ::renamed)]
pub async fn halved(x: usize, y: usize, _shift: usize, at: usize) -> Option<usize> {
    ready(()).await;
    (x & 1 == 0).then(|| x / y + at)
}

/// Waits.
#[parallelize(over = product(x, y), crate = ::renamed)]
pub async fn wait<T: Clone + Send>(x: T, y: u8, by: T) {
    let _ = ready((x, y, by)).await;
}

/// A model.
#[derive(Clone, Debug)]
pub struct Model {
    name: String,
}

impl Model {
    /// Creates a model.
    #[parallelize(over = name, crate = ::renamed)]
    #[must_use]
    pub fn new(name: &str, suffix: &str) -> Self {
        let mut name: String = Into::into(name);
        name.push_str(suffix);
        Self { name }
    }

    /// Returns a part of the name later.
    #[parallelize(over = from, crate = ::renamed)]
    pub async fn later(&self, from: usize, length: usize) -> &str {
        ready(()).await;
        self.part(from, length)
    }

    /// Returns a part of the name.
    #[parallelize(over = from, crate = ::renamed)]
    #[must_use]
    pub fn part(&self, from: usize, length: usize) -> &str {
        &self.name[from..from + length]
    }
}

/// Something that has a size.
pub trait Measure {
    /// Returns the size at a scale.
    #[parallelize(over = scale, crate = ::renamed)]
    fn size(&self, scale: f64, unit: &str) -> f64;

    /// Returns the size if it is finite.
    #[parallelize(over = scale, skip_none, crate = ::renamed)]
    fn finite(&self, scale: f64) -> Option<f64> {
        Option::Some(self.size(scale, "")).filter(|size| size.is_finite())
    }

    /// Compares two sizes.
    #[parallelize(over = other, crate = ::renamed)]
    fn more(other: &Self, than: &Self) -> bool
    where
        Self: Sized;
}

/// Something that has a size later.
pub trait MeasureLater: Sync {
    /// Returns the size at a scale.
    #[parallelize(over = scale, crate = ::renamed)]
    fn size_later(&self, scale: f64, unit: &str) -> impl Future<Output = f64> + Send;
}

#[cfg(test)]
mod tests {
    use ::std::prelude::rust_2024::*;
    use ::std::{assert_eq, vec};

    /// Runs a future that never waits.
    fn run<F: Future>(future: F) -> F::Output {
        let mut context = ::core::task::Context::from_waker(::core::task::Waker::noop());
        match ::core::pin::pin!(future).poll(&mut context) {
            ::core::task::Poll::Ready(output) => output,
            ::core::task::Poll::Pending => ::std::panic!("it waits"),
        }
    }

    #[test]
    fn the_generated_async_functions_run() {
        assert_eq!(run(super::extended_parallel(["a", "b"], "c", 2)), ["acc", "bcc"]);
        assert_eq!(run(super::extended_parallel_iter(["a"], "c", 2).collect::<Vec<_>>()), ["acc"]);
        assert_eq!(run(super::awaited_parallel(["a b"], "b", String::new())), Ok(vec!["b"]));
        assert!(run(super::awaited_parallel_iter(["a"], "b", String::new()).try_collect::<Vec<_>>()).is_err());
        assert_eq!(run(super::halved_parallel([1, 2], [1, 2], 3))[0].as_ref().ok(), Some(&5));
        run(super::wait_parallel([1, 2], [3], 4));
        let models = [super::Model { name: "model".into() }];
        assert_eq!(run(models[0].later_parallel([0, 3], 2)), ["mo", "el"]);
        assert_eq!(run(super::written_by_macros::all_later()), [2, 2]);
    }

    #[test]
    fn the_generated_functions_run() {
        assert_eq!(super::scale_parallel([1.0, 2.0], 2.0, &1.0), [3.0, 5.0]);
        assert_eq!(super::words_parallel(["a bb"], 2, &str::len), [(Some("bb"), 4)]);
        assert_eq!(super::converted_parallel([1], &2_u32), [(1, 2)]);
        let mut slots = vec![0; 3];
        super::fill_parallel(&mut slots, 4);
        assert_eq!(slots, [4; 3]);
        assert_eq!(super::sum_parallel([1, 2], [3, 4], 5), [20, 31]);
        assert_eq!(super::sum_parallel_iter([1], [3], 5).collect::<Vec<_>>(), [20]);
        assert_eq!(super::pair_parallel([1], [2], (3, 4)), [(1, 2, 3)]);
        assert_eq!(super::pair_parallel_iter([1], [2], (3, 4)).collect::<Vec<_>>(), [(1, 2, 3)]);
        assert_eq!(super::first_parallel([(1, 2)], [[3, 4]]), [(1, 3)]);
        assert_eq!(super::first_parallel_iter([(1, 2)], [[3, 4]]).collect::<Vec<_>>(), [(1, 3)]);
        let models = super::Model::new_parallel(["mod"], "el");
        assert_eq!(models[0].part_parallel([0, 3], 2), ["mo", "el"]);
        assert_eq!(models[0].part_parallel_iter([0, 3], 2).collect::<Vec<_>>(), ["mo", "el"]);
        super::fill_parallel_iter(&mut slots, 5).for_each(::std::mem::drop);
        assert_eq!(slots, [5; 3]);
        assert_eq!(super::halve_parallel(1..3, &2)[0].as_ref().ok(), Some(&1));
        assert_eq!(super::halve_parallel_iter(1..3, &2).collect::<Vec<_>>().len(), 1);
        assert!(super::find_parallel_iter(["a"], "b", String::new()).try_collect::<Vec<_>>().is_err());
        assert_eq!(super::shown_parallel_iter([1.0], 2.0).collect::<Vec<_>>().len(), 1);
    }
}
