//! Functions and parameters with names that something else has too.

use parallelize::parallelize;

// Functions that are named like macros and attributes of the prelude.

#[parallelize(over = x)]
fn bench(x: u32, y: u32) -> u32 {
    x + y
}

#[parallelize(over = x)]
fn cfg(x: u32, y: u32) -> u32 {
    x * y
}

#[parallelize(over = x)]
fn test_case(x: u32, y: u32) -> u32 {
    x - y
}

#[parallelize(over = x)]
fn vec(x: u32, y: u32) -> u32 {
    x / y
}

#[test]
fn functions_named_like_macros_and_attributes() {
    assert_eq!(bench_parallel([1, 2], 3), [4, 5]);
    assert_eq!(cfg_parallel([1, 2], 3), [3, 6]);
    assert_eq!(test_case_parallel([4, 5], 3), [1, 2]);
    assert_eq!(vec_parallel_iter([4, 6], 2).collect::<Vec<_>>(), [2, 3]);
}

mod macros {
    macro_rules! local_log {
        () => {};
    }
    pub(super) use local_log as log;
    pub(super) use local_log as warn;
}
#[allow(unused_imports)] // `warn` is only in the way.
use macros::{log, warn};

#[parallelize(over = x)]
fn log(x: u32, y: u32) -> u32 {
    x + y
}

#[parallelize(over = x)]
fn warn(x: u32, y: u32) -> u32 {
    x - y
}

#[test]
fn functions_named_like_imported_macros() {
    log!();
    assert_eq!(log_parallel([1, 2], 3), [4, 5]);
    assert_eq!(warn_parallel([4, 5], 3), [1, 2]);
}

#[parallelize(over = zip(x, y))]
fn joined(x: u32, y: u32, x_and_y: u32) -> u32 {
    x + y + x_and_y
}

#[test]
fn a_parameter_named_like_several_together() {
    assert_eq!(joined_parallel([1, 2], [10, 20], 100), [111, 122]);
}

mod color {
    #[derive(Clone)]
    pub struct Rgb(pub u8);

    pub fn default() -> Rgb {
        Rgb(1)
    }
}

#[parallelize(over = x)]
fn paint(x: u8, color: color::Rgb) -> u8 {
    x + color.0
}

#[parallelize(over = x, per_item(color = |_| color::default()))]
fn tint(x: u8, color: color::Rgb) -> u8 {
    x + color.0
}

#[parallelize(over = paint_it)]
fn paint_it(paint_it: u8, by: u8) -> u8 {
    paint_it + by
}

#[test]
fn a_parameter_named_like_a_module_or_the_function() {
    assert_eq!(paint_parallel([1, 2], color::default()), [2, 3]);
    assert_eq!(tint_parallel([1, 2]), [2, 3]);
    assert_eq!(paint_it_parallel([1, 2], 1), [2, 3]);
}

/// A module in which no name of the language or the prelude means what it does elsewhere.
mod shadowed {
    use parallelize::parallelize;

    macro_rules! shadow {
        ($($name:ident)*) => { $(#[allow(non_camel_case_types, dead_code)] pub struct $name;)* };
    }
    shadow!(usize bool u8 i32 f64 str char Vec Box String Option Result Send Sync Sized Iterator IntoIterator Fn Clone);

    type Number = ::core::primitive::u32;

    #[parallelize(over = x, per_item(index = |i| i), per_thread(last = 0))]
    pub fn number(x: Number, by: &Number, index: ::core::primitive::usize, last: &mut Number) -> Number {
        *last = x;
        *last * *by + index as Number
    }

    #[parallelize(over = zip(x, y), catch_panics, threads = 2)]
    pub fn caught(x: Number, y: Number) -> Number {
        x + y
    }

    #[parallelize(over = product(x, y), try_collect)]
    pub fn tried(x: Number, y: Number) -> ::core::result::Result<Number, Number> {
        ::core::result::Result::Ok(x * y)
    }

    #[parallelize(over = x, skip_none)]
    pub fn some(x: Number) -> ::core::option::Option<Number> {
        ::core::option::Option::Some(x)
    }
}

#[test]
fn no_name_of_the_prelude_or_of_a_primitive_type_is_used() {
    assert_eq!(shadowed::number_parallel([1, 2], &10), [10, 21]);
    assert_eq!(shadowed::number_parallel_iter([1, 2], &10).collect::<Vec<_>>(), [10, 21]);
    assert!(shadowed::caught_parallel([1], [2]).iter().all(|result| matches!(result, Ok(3))));
    assert_eq!(shadowed::tried_parallel([1, 2], [3]), Ok(vec![3, 6]));
    assert_eq!(shadowed::some_parallel([1]), [1]);
}

/// A trait of the caller whose methods every type has, with the names of methods that generated
/// code calls.
mod blanket {
    use parallelize::parallelize;

    pub trait Blanket {
        fn evidence(&self) {}
        fn repeat(&self) {}
        fn with(&self) {}
        fn run(&self) {}
        fn lazy(&self) {}
        fn threads(&self) {}
        fn input(&self) {}
        fn split_front(&self) {}
        fn enumerate(&self) {}
        fn map(&self) {}
    }

    impl<T: ?Sized> Blanket for T {}

    #[parallelize(over = zip(number, word), threads = 2, per_item(index = |index| index))]
    pub fn zipped(number: &usize, word: &str, index: usize, by: usize) -> usize {
        (number + word.len() + index) * by
    }

    #[parallelize(over = product(x, y))]
    pub fn crossed(x: u32, y: &u32, by: u32) -> u32 {
        (x + y) * by
    }
}

#[test]
fn traits_of_the_caller_do_not_get_in_the_way() {
    assert_eq!(blanket::zipped_parallel(&[1, 2], ["a", "bb"], 2), [4, 10]);
    assert_eq!(blanket::zipped_parallel_iter(&[1, 2], ["a", "bb"], 2).collect::<Vec<_>>(), [4, 10]);
    assert_eq!(blanket::crossed_parallel([1, 2], &[3, 4], 2), [8, 10, 10, 12]);
    assert_eq!(blanket::crossed_parallel_iter([1, 2], &[3, 4], 2).collect::<Vec<_>>(), [8, 10, 10, 12]);
}
