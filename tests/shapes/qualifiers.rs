//! `unsafe`, `const`, `extern`, visibility and attributes.

use parallelize::parallelize;

/// Reads an element.
///
/// # Safety
///
/// `index` is less than the length of `values`.
#[parallelize(over = index)]
unsafe fn get_unchecked(index: usize, values: &[u8]) -> u8 {
    unsafe { *values.get_unchecked(index) }
}

#[test]
fn an_unsafe_function_has_an_unsafe_parallel_function() {
    assert_eq!(unsafe { get_unchecked_parallel([1, 0], &[7, 8]) }, [8, 7]);
}

#[parallelize(over = x)]
const fn add(x: u8, y: u8) -> u8 {
    x + y
}

#[test]
fn a_const_function_has_a_plain_parallel_function() {
    const THREE: u8 = add(1, 2);
    assert_eq!(add_parallel([1, 2], THREE), [4, 5]);
}

#[parallelize(over = x)]
extern "C" fn foreign(x: u8, y: u8) -> u8 {
    x + y
}

#[test]
fn an_extern_function_has_a_plain_parallel_function() {
    assert_eq!(foreign_parallel([1, 2], 1), [2, 3]);
}

mod inner {
    use parallelize::parallelize;

    #[parallelize(over = x)]
    pub(super) fn restricted(x: u8, y: u8) -> u8 {
        x - y
    }

    pub mod deeper {
        #[parallelize::parallelize(over = x)]
        pub(in crate::shapes) fn in_path(x: u8, y: u8) -> u8 {
            x - y
        }
    }
}

#[test]
fn the_parallel_function_has_the_same_visibility() {
    assert_eq!(inner::restricted_parallel([3], 1), [2]);
    assert_eq!(inner::deeper::in_path_parallel([3], 1), [2]);
}

#[parallelize(over = x)]
#[cfg(not(test))]
fn configured(x: u8) -> &'static str {
    let _ = x;
    "not a test"
}

#[parallelize(over = x)]
#[cfg(test)]
fn configured(x: u8) -> &'static str {
    let _ = x;
    "a test"
}

#[parallelize(over = x)]
#[cfg_attr(all(), cfg(test), inline)]
fn configured_twice(x: u8) -> &'static str {
    let _ = x;
    "a test"
}

#[test]
fn cfg_applies_to_both_functions() {
    assert_eq!(configured_parallel([1]), ["a test"]);
    assert_eq!(configured_twice_parallel([1]), ["a test"]);
}

#[parallelize(over = x)]
#[expect(unused_variables)]
#[deprecated(note = "for the test")]
#[inline]
#[must_use]
#[track_caller]
fn attributed(x: u8, unused: u8) -> u8 {
    x
}

#[test]
#[allow(deprecated)]
fn attributes_do_no_harm() {
    assert_eq!(attributed_parallel([1], 2), [1]);
}

#[parallelize(over = x)]
fn recursive(x: u32, depth: u32) -> u32 {
    if depth == 0 { x } else { recursive_parallel(0..x, depth - 1).into_iter().sum::<u32>() + 1 }
}

#[test]
fn a_function_may_call_its_parallel_function() {
    let serial: Vec<u32> = (0..7).map(|x| recursive(x, 3)).collect();
    assert_eq!(recursive_parallel(0..7, 3), serial);
}

#[test]
fn functions_inside_functions() {
    #[parallelize(over = x)]
    fn inside(x: u8, y: u8) -> u8 {
        x + y
    }
    let closure = |x: u8| {
        #[parallelize(over = x)]
        fn deeper<T: Copy>(x: u8, y: T) -> (u8, T) {
            (x, y)
        }
        deeper_parallel([x], 'c')
    };
    assert_eq!(inside_parallel([1], 2), [3]);
    assert_eq!(closure(1), [(1, 'c')]);
}

impl Nested {
    fn method(&self) -> Vec<u8> {
        #[parallelize(over = x)]
        fn inside_a_method(x: u8, y: u8) -> u8 {
            x + y
        }
        inside_a_method_parallel([self.0], 1)
    }
}

struct Nested(u8);

#[test]
fn functions_inside_methods() {
    assert_eq!(Nested(1).method(), [2]);
}

#[unsafe(no_mangle)]
#[cold]
#[doc(alias = "other")]
#[parallelize(over = x)]
pub extern "C" fn symbol_above(x: u8, y: u8) -> u8 {
    x + y
}

#[parallelize(over = x)]
#[unsafe(export_name = "symbol")]
#[inline(never)]
#[cfg_attr(all(), must_use, doc(alias = "other"))]
pub fn symbol_below(x: u8, y: u8) -> u8 {
    x + y
}

#[cfg_attr(all(), parallelize(over = x))]
fn conditionally_annotated(x: u8, y: u8) -> u8 {
    x + y
}

#[test]
fn attributes_of_symbols_stay_at_the_function() {
    assert_eq!(symbol_above_parallel([1, 2], 1), [2, 3]);
    assert_eq!(symbol_below_parallel([1, 2], 1), [2, 3]);
    assert_eq!(conditionally_annotated_parallel([1, 2], 1), [2, 3]);
}
