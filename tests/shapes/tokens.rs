//! The option `cancel` on functions of every shape.

use parallelize::{ItemToken as Token, parallelize};
use std::fmt::Display;

#[parallelize(over = line, cancel = token)]
fn elided(line: &str, token: &parallelize::ItemToken) -> usize {
    if token.is_cancelled() { 0 } else { line.len() }
}

#[parallelize(over = line, cancel = token, per_thread(words = Vec::new()), per_item(at = |i| i + least))]
fn borrowed<'t>(
    token: &Token,
    line: &'t str,
    words: &mut Vec<&'t str>,
    least: usize,
    at: usize,
) -> Option<(&'t str, usize)> {
    words.clear();
    words.extend(line.split(' ').filter(|word| word.len() > least && !token.is_cancelled()));
    words.pop().map(|word| (word, at))
}

#[parallelize(over = x, cancel = r#type, try_collect)]
#[allow(clippy::needless_pass_by_value)]
fn opaque_argument(
    x: impl Display + Send,
    __token: impl Fn(&str) -> bool + Clone + Sync,
    r#type: &Token,
) -> Option<u8> {
    let is_right = __token(&x.to_string()) && !r#type.is_cancelled();
    is_right.then_some(1)
}

#[parallelize(over = zip(x, y), cancel = token)]
fn opaque_result(x: u32, y: u32, token: &Token) -> impl Iterator<Item = u32> + use<> {
    let is_needed = !token.is_cancelled();
    (x..y).filter(move |_| is_needed)
}

/// # Safety
///
/// Nothing to uphold.
#[parallelize(over = x, cancel = token, catch_panics)]
unsafe fn unsafe_one(x: u8, token: &Token) -> u8 {
    x + u8::from(token.is_cancelled())
}

/// The token of an outer item is a fixed argument of an inner call.
#[parallelize(over = x)]
fn inner(x: u64, outer: &Token) -> u64 {
    if outer.is_cancelled() { 0 } else { x }
}

#[parallelize(over = n, cancel = token)]
fn outer(n: u64, token: &Token) -> u64 {
    inner_parallel(0..n, token).iter().sum()
}

struct Scale<T>(T);

impl<T: Copy + Send + Sync + std::ops::Mul<Output = T>> Scale<T> {
    #[parallelize(over = product(x, y), cancel = token)]
    fn method(&self, x: T, token: &Token, y: &T) -> Option<T> {
        (!token.is_cancelled()).then_some(self.0 * x * *y)
    }

    #[parallelize(over = x, cancel = token, call = Self::named, name = all)]
    fn named(x: T, token: &Token) -> T {
        assert!(!token.is_cancelled());
        x * x
    }
}

trait Shape: Sync {
    #[parallelize(over = scale, cancel = token, skip_none)]
    fn area(&self, scale: f64, token: &Token) -> Option<f64>;
}

impl Shape for f64 {
    fn area(&self, scale: f64, token: &Token) -> Option<f64> {
        (!token.is_cancelled()).then_some(self * scale * scale)
    }
}

macro_rules! function {
    ($name:ident, $token:ident, $ty:ty) => {
        #[parallelize(over = x, cancel = $token)]
        fn $name(x: u8, $token: &$ty, token: u8) -> u8 {
            x + token + u8::from($token.is_cancelled())
        }
    };
}

function!(of_a_macro, is_needed, Token);

#[test]
fn functions_of_every_shape() {
    assert_eq!(elided_parallel(["a", "bc"]), [1, 2]);
    assert_eq!(elided_parallel_iter(["a", "bc"]).into_iter().sum::<usize>(), 3);
    let text = String::from("a bcd ef");
    assert_eq!(borrowed_parallel([&text[..], "a"], 1), [Some(("ef", 1)), None]);
    assert!(borrowed_parallel_iter([&text[..]], 2).into_iter().eq([Some(("bcd", 2))]));
    assert_eq!(opaque_argument_parallel([1, 2], |text| text != "3"), Some(vec![1, 1]));
    assert_eq!(opaque_argument_parallel_iter([1, 3], |text| text != "3").try_collect::<Vec<_>>(), None);
    assert!(opaque_result_parallel([1, 5], [3, 6]).into_iter().flatten().eq([1, 2, 5]));
    // SAFETY: nothing to uphold.
    let caught = unsafe { unsafe_one_parallel(vec![1, 2]) };
    assert!(caught.into_iter().flatten().eq([1, 2]));
    assert_eq!(outer_parallel([3, 4]), [3, 6]);
    assert_eq!(Scale(2).method_parallel([1, 2], &[3, 4]), [Some(6), Some(8), Some(12), Some(16)]);
    assert_eq!(Scale::all([2.0, 3.0]), [4.0, 9.0]);
    assert_eq!(3.0.area_parallel([1.0, 2.0]), [3.0, 12.0]);
    assert_eq!(of_a_macro_parallel([1, 2], 5), [6, 7]);
}
