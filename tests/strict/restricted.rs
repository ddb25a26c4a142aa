//! The attribute in a module with restriction lints of clippy, as some crates turn them on.
#![deny(
    clippy::absolute_paths,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    clippy::alloc_instead_of_core,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::default_numeric_fallback,
    clippy::exhaustive_enums,
    clippy::exhaustive_structs,
    clippy::expect_used,
    clippy::field_scoped_visibility_modifiers,
    clippy::if_then_some_else_none,
    clippy::indexing_slicing,
    clippy::let_underscore_untyped,
    clippy::min_ident_chars,
    clippy::missing_docs_in_private_items,
    clippy::missing_inline_in_public_items,
    clippy::missing_trait_methods,
    clippy::multiple_inherent_impl,
    clippy::panic,
    clippy::pattern_type_mismatch,
    clippy::pub_use,
    clippy::question_mark_used,
    clippy::redundant_type_annotations,
    clippy::same_name_method,
    clippy::shadow_reuse,
    clippy::shadow_same,
    clippy::shadow_unrelated,
    clippy::single_call_fn,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core,
    clippy::undocumented_unsafe_blocks,
    clippy::unseparated_literal_suffix,
    clippy::unwrap_used
)]

extern crate alloc;

use self::alloc::string::String;
use self::alloc::vec::Vec;
use ::core::clone::Clone;
use ::core::convert::Into;
use ::core::future::{Future, ready};
use ::core::iter::Iterator;
use ::core::marker::{Send, Sync};
use ::core::option::Option;
use ::core::result::Result;
use ::renamed::parallelize;

/// Scales a number.
#[inline]
#[must_use]
#[parallelize(over = number, threads = 2, crate = ::renamed)]
pub fn scale(number: f64, by: f64, offset: &f64) -> f64 {
    (number * by).max(*offset).sin()
}

/// Appends to each of several buffers.
#[inline]
#[parallelize(over = zip(buffer, text), per_thread(scratch = String::new()), crate = ::renamed)]
pub fn append(buffer: &mut String, text: &str, scratch: &mut String) {
    scratch.clear();
    scratch.push_str(text);
    buffer.push_str(scratch);
}

/// Returns pairs, with a type that is almost too complex.
///
/// # Errors
///
/// Returns the text if it is empty.
#[inline]
#[parallelize(over = text, try_collect, crate = ::renamed)]
pub fn pairs(text: String, first: u8) -> Result<Vec<(u8, u8, u8)>, String> {
    text.bytes().next().map_or(Result::Err(text), |last| Result::Ok(self::alloc::vec![(first, last, last)]))
}

/// Is not unsafe, despite its name.
#[inline]
#[must_use]
#[parallelize(over = number, skip_none, crate = ::renamed)]
pub const fn not_unsafe(number: u8, by: u8) -> Option<u8> {
    number.checked_mul(by)
}

/// Clones the larger one.
#[inline]
#[parallelize(over = one, crate = ::renamed)]
pub fn larger<Item: Clone + Into<u64>>(one: Item, other: &Item) -> Item {
    if one.clone().into() > other.clone().into() { one } else { other.clone() }
}

/// Scales a number later.
#[inline]
#[parallelize(over = number, in_flight = 2, crate = ::renamed)]
pub async fn scale_later(number: f64, by: f64, offset: &f64) -> f64 {
    ready(()).await;
    scale(number, by, offset)
}

/// Returns pairs later.
///
/// # Errors
///
/// Returns the text if it is empty.
#[inline]
#[parallelize(over = text, try_collect, crate = ::renamed)]
pub async fn pairs_later(text: String, first: u8) -> Result<Vec<(u8, u8, u8)>, String> {
    ready(()).await;
    pairs(text, first)
}

/// A line.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Line {
    /// The factor.
    slope: f64,
}

impl Line {
    /// Creates a line.
    #[inline]
    #[must_use]
    #[parallelize(over = slope, call = Self::new, crate = ::renamed)]
    pub const fn new(slope: f64) -> Self {
        Self { slope }
    }

    /// Returns the value at `number`.
    #[inline]
    #[must_use]
    #[parallelize(over = number, catch_panics, crate = ::renamed)]
    pub fn at(&self, number: f64) -> f64 {
        (self.slope * number).sin()
    }
}

/// Something that has a size.
pub trait Measure: Sync {
    /// Returns the size at a scale.
    #[parallelize(over = scale, crate = ::renamed)]
    fn size(&self, scale: f64, unit: &str) -> f64;

    /// Returns the size later.
    #[parallelize(over = scale, crate = ::renamed)]
    fn later(&self, scale: f64, unit: &str) -> impl Future<Output = f64> + Send;

    /// Returns the size if it is finite.
    #[inline]
    #[parallelize(over = scale, skip_none, crate = ::renamed)]
    fn finite(&self, scale: f64) -> Option<f64> {
        Option::Some(self.size(scale, "")).filter(|size| size.is_finite())
    }
}
