//! Every combination of mapping, states and result options equals the serial loop.
//!
//! Each combination runs eagerly, collected lazily, and as a stream.

use crate::on_threads;
use parallelize::ItemPanic;
use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// Computes the result of an item, with `buffer` as scratch memory.
fn compute(x: u64, y: u64, by: u64, buffer: &mut Vec<u64>, seed: u64) -> u64 {
    buffer.clear();
    buffer.extend([x * 31, y * 7, by, seed.wrapping_mul(0x9e37_79b9)]);
    buffer.iter().fold(17, |hash, part| hash.rotate_left(5) ^ part)
}

fn panics(value: u64) {
    if value % 11 == 5 {
        resume_unwind(Box::new(format!("at {value}")));
    }
}

/// Returns the items `(x, y)` of one kind of mapping.
fn items(way: &str) -> Vec<(u64, u64)> {
    match way {
        "one" => (0..300).map(|x| (x, 3)).collect(),
        "zip" => (0..300).map(|x| (x, 2 * x)).collect(),
        _ => (0..20).flat_map(|x| (0..15).map(move |y| (x, y))).collect(),
    }
}

/// Formats the results as text.
fn told(results: impl IntoIterator<Item = impl Debug>) -> Vec<String> {
    results.into_iter().map(|result| format!("{result:?}")).collect()
}

fn caught<R: Debug>(result: Result<R, ItemPanic>) -> Result<R, String> {
    result.map_err(|panic| panic.to_string())
}

/// Runs a call of the serial loop and converts its panic to the text of an [`ItemPanic`].
fn serial<R>(index: usize, call: impl FnOnce() -> R) -> Result<R, String> {
    catch_unwind(AssertUnwindSafe(call))
        .map_err(|payload| format!("item {index} panicked: {}", payload.downcast_ref::<String>().expect("text")))
}

/// Tests one combination of mapping and states with every result option.
macro_rules! combination {
    ($name:ident [$($over:tt)*] $way:ident $input:tt [$($states:tt)*] [$($made:tt)*] [$($parameters:tt)*] $arguments:tt $buffer:expr, $seed:expr) => {
        mod $name {
            combination! { plain [$($over)* $($states)*] $way $input [$($made)*] [$($parameters)*] $arguments $buffer, $seed;
                u64, |value| value, |all| told(all), |all| told(all), |serial| told(serial) }
            combination! { skip_none [$($over)* $($states)* skip_none] $way $input [$($made)*] [$($parameters)*] $arguments $buffer, $seed;
                Option<u64>, |value: u64| (value % 3 > 0).then_some(value), |all| told(all), |all| told(all),
                |serial: Vec<Option<u64>>| told(serial.into_iter().flatten()) }
            combination! { try_collect [$($over)* $($states)* try_collect] $way $input [$($made)*] [$($parameters)*] $arguments $buffer, $seed;
                Result<u64, u64>, |value: u64| if value % 97 == 13 { Err(value) } else { Ok(value) },
                |all| told([all]), |all: Vec<Result<u64, u64>>| told([all.into_iter().collect::<Result<Vec<_>, _>>()]),
                |serial: Vec<Result<u64, u64>>| told([serial.into_iter().collect::<Result<Vec<_>, _>>()]) }
            combination! { catch_panics [$($over)* $($states)* catch_panics] $way $input [$($made)*] [$($parameters)*] $arguments $buffer, $seed;
                u64, |value| { panics(value); value },
                |all: Vec<_>| told(all.into_iter().map(caught)), |all: Vec<_>| told(all.into_iter().map(caught)),
                caught |serial: Vec<_>| told(serial) }
            combination! { both [$($over)* $($states)* skip_none, catch_panics] $way $input [$($made)*] [$($parameters)*] $arguments $buffer, $seed;
                Option<u64>, |value: u64| { panics(value); (value % 3 > 0).then_some(value) },
                |all: Vec<_>| told(all.into_iter().map(caught)), |all: Vec<_>| told(all.into_iter().map(caught)),
                caught |serial: Vec<Result<Option<u64>, String>>| told(serial.into_iter().filter_map(Result::transpose)) }
        }
    };
    (
        $name:ident [$($attribute:tt)*] $way:ident ($($input:tt)*) [$($made:ident)*] [$($parameters:tt)*] ($($arguments:tt)*)
        $buffer:expr, $seed:expr; $result:ty, $make:expr, $eager:expr, $lazy:expr, caught $loop:expr
    ) => {
        combination! { @ $name [$($attribute)*] $way ($($input)*) [$($made)*] [$($parameters)*] $buffer, $seed; $result, $make, $eager, $lazy, $loop,
            |index, call: &dyn Fn() -> $result| serial(index, call) }
    };
    (
        $name:ident [$($attribute:tt)*] $way:ident ($($input:tt)*) [$($made:ident)*] [$($parameters:tt)*] ($($arguments:tt)*)
        $buffer:expr, $seed:expr; $result:ty, $make:expr, $eager:expr, $lazy:expr, $loop:expr
    ) => {
        combination! { @ $name [$($attribute)*] $way ($($input)*) [$($made)*] [$($parameters)*] $buffer, $seed; $result, $make, $eager, $lazy, $loop,
            |_, call: &dyn Fn() -> $result| call() }
    };
    (
        @ $name:ident [$($attribute:tt)*] $way:ident ($($input:tt)*) [$($made:ident)*] [$($parameters:tt)*]
        $buffer:expr, $seed:expr; $result:ty, $make:expr, $eager:expr, $lazy:expr, $loop:expr, $call:expr
    ) => {
        mod $name {
            #[allow(unused_imports)]
            use super::super::super::{caught, compute, items, on_threads, panics, serial, told};
            use parallelize::parallelize;

            #[parallelize($($attribute)*)]
            fn item(x: u64, y: u64, by: u64 $($parameters)*) -> $result {
                ($make)(compute(x, y, by, $buffer, $seed))
            }

            #[test]
            fn equals_the_serial_loop() {
                let call = $call;
                let one = |(index, (x, y)): (usize, (u64, u64))| {
                    call(index, &|| combination!(@call item(x, y, 5) index [$($made)*]))
                };
                let expected = ($loop)(items(stringify!($way)).into_iter().enumerate().map(one).collect::<Vec<_>>());
                on_threads(|| {
                    assert_eq!(($eager)(combination!(@input item_parallel $($input)*)), expected);
                    assert_eq!(($lazy)(combination!(@input item_parallel_iter $($input)*).collect::<Vec<_>>()), expected);
                    assert_eq!(($lazy)(combination!(@input item_parallel_iter $($input)*).into_iter().collect::<Vec<_>>()), expected);
                });
            }
        }
    };
    (@call $f:ident($x:ident, $y:ident, $by:expr) $index:ident []) => { $f($x, $y, $by) };
    (@call $f:ident($x:ident, $y:ident, $by:expr) $index:ident [buffer]) => { $f($x, $y, $by, &mut Vec::new()) };
    (@call $f:ident($x:ident, $y:ident, $by:expr) $index:ident [seed]) => { $f($x, $y, $by, $index as u64) };
    (@call $f:ident($x:ident, $y:ident, $by:expr) $index:ident [buffer seed]) => { $f($x, $y, $by, &mut Vec::new(), $index as u64) };
    (@input $f:ident $x:expr, $y:expr) => { $f($x, $y, 5) };
}

/// Tests a kind of mapping without states, with `per_thread`, with `per_item`, and with both.
macro_rules! ways {
    ($($way:ident [$($over:tt)*] $input:tt)*) => { $(
        mod $way {
            combination! { nothing [$($over)*] $way $input [] [] [] () &mut Vec::new(), 1 }
            combination! { per_thread [$($over)*] $way $input [per_thread(buffer = Vec::with_capacity(4)),]
                [buffer] [, buffer: &mut Vec<u64>] () buffer, 1 }
            combination! { per_item [$($over)*] $way $input [per_item(seed = |i| i as u64),]
                [seed] [, seed: u64] () &mut Vec::new(), seed }
            combination! { each [$($over)*] $way $input [per_thread(buffer = Vec::with_capacity(4)), per_item(seed = |i| i as u64),]
                [buffer seed] [, buffer: &mut Vec<u64>, seed: u64] () buffer, seed }
        }
    )* };
}

ways! {
    one [over = x,] (0..300, 3)
    zip [over = zip(x, y),] (0..300, (0..300).map(|x| 2 * x))
    product [over = product(x, y),] (0..20, 0..15)
}
