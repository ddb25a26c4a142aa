//! Functions whose items may run in other processes.

use ::core::convert::{From, Into};
use ::core::option::Option;
use ::core::result::Result;
use ::renamed::parallelize;
use ::std::string::String;
use ::std::vec::Vec;

/// Scales a number.
#[parallelize(over = x, crate = ::renamed, distributed)]
#[must_use]
pub fn scale(x: f64, by: f64, offset: &f64) -> f64 {
    x * by + offset
}

/// Counts bytes.
#[parallelize(over = line, crate = ::renamed, distributed)]
#[must_use]
pub fn length<'a>(line: &'a [u8], word: &'a str, _unused: Vec<u8>) -> usize {
    line.len() + word.len()
}

/// Uses everything that a function may ask for.
#[parallelize(
    over = zip(x, y),
    per_thread(buffer = Vec::from([<String as From<&str>>::from(first)])),
    per_item(_seed = |i| i + first.len()),
    cancel = token,
    skip_none,
    catch_panics,
    threads = 2,
    crate = ::renamed,
    distributed
)]
pub fn counted(
    x: u8,
    y: &str,
    first: &'_ str,
    buffer: &mut Vec<String>,
    _seed: usize,
    token: &::renamed::ItemToken,
) -> Option<u8> {
    buffer.push(Into::into(y));
    if token.is_cancelled() || first.is_empty() { Option::None } else { Option::Some(x) }
}

/// Fails for large numbers.
///
/// # Errors
///
/// If the sum is too large.
#[parallelize(over = product(x, y), try_collect, crate = ::renamed, distributed)]
pub fn checked(x: u8, y: u8) -> Result<u8, String> {
    x.checked_add(y).ok_or_else(|| From::from("too large"))
}

/// Returns nothing.
#[parallelize(over = x, crate = ::renamed, distributed)]
pub const fn nothing(x: u8, _by: u8) {
    let _ = x;
}

macro_rules! define {
    ($visibility:vis $name:ident) => {
        #[parallelize(over = x, crate = ::renamed, distributed)]
        $visibility const fn $name(x: u8, by: u8) -> u8 {
            x + by
        }
    };
}

define!(pub(crate) of_macro);
