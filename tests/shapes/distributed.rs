//! The option `distributed` on functions of every shape that it allows.

// The expressions of `per_item` use them.
#![allow(unused_variables)]

use super::lazy::streamed;
use parallelize::{ItemToken, parallelize};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

#[parallelize(over = x, distributed)]
fn plain(x: f64) -> f64 {
    x * 2.0
}

#[parallelize(over = row, distributed)]
pub fn borrowed<'a, 'b: 'a>(row: &'a [f64], name: &'b str, steps: u32, map: &BTreeMap<String, Vec<u8>>) -> Option<f64> {
    Some(row.iter().sum::<f64>() * f64::from(steps) + (name.len() + map.len()) as f64)
}

#[parallelize(over = x, distributed)]
pub(crate) fn owned(x: Vec<String>, by: Arc<str>, text: Cow<'static, str>, tuple: (u8, [i16; 3])) -> Vec<String> {
    x.into_iter().chain([by.to_string(), text.into_owned(), format!("{:?}", tuple)]).collect()
}

#[parallelize(over = x, distributed)]
fn nothing(x: u8, by: &u8) {
    assert!(x < *by);
}

#[parallelize(over = x, distributed)]
const fn constant(x: u8) -> u8 {
    x + 1
}

#[parallelize(over = x, distributed)]
unsafe fn dangerous(x: u8, by: &[u8]) -> u8 {
    x + by[0]
}

#[parallelize(over = x, distributed)]
extern "C" fn foreign(x: u8, by: u8) -> u8 {
    x + by
}

#[parallelize(distributed)]
fn patterns(#[over] (x, _): (u8, u8), [a, b]: [u8; 2], mut c: u8, _: &str) -> u8 {
    c += x;
    a + b + c
}

/// The names of parameters are those of generated code, and that of the function.
#[parallelize(over = zip(__item, __index), distributed, per_item(__result = |i| i))]
fn names(
    __item: u8,
    __index: &str,
    __bytes: u8,
    __processes: &u8,
    __threads: u8,
    __open: u8,
    __input: u8,
    __function: u8,
    r#type: u8,
    names: u8,
    __result: usize,
) -> usize {
    let sum = __item + __bytes + *__processes + __threads + __open + __input + __function + r#type + names;
    usize::from(sum) + __index.len() + __result
}

#[parallelize(
    over = product(x, y),
    distributed,
    skip_none,
    catch_panics,
    threads = 3,
    per_thread(buffer = Vec::with_capacity(least), other = String::new()),
    per_item(seed = |i| i as u64 + start),
    cancel = token,
    name = everything
)]
fn all(
    x: &str,
    y: Vec<u16>,
    least: usize,
    start: u64,
    buffer: &mut Vec<u8>,
    other: &mut String,
    seed: u64,
    token: &ItemToken,
) -> Option<u64> {
    assert!(!token.is_cancelled());
    buffer.clear();
    buffer.push(1);
    other.clear();
    if x.len() < least { None } else { Some(seed + y.len() as u64 + u64::from(buffer[0])) }
}

#[parallelize(over = x, distributed, try_collect)]
fn failing(x: u8, limit: u8) -> Result<(), String> {
    if x < limit { Ok(()) } else { Err(format!("{} is too large", x)) }
}

#[parallelize(over = x, distributed)]
#[cfg(not(all(unix, windows)))]
#[deprecated]
#[track_caller]
fn conditional(x: u8) -> u8 {
    x
}

#[parallelize(over = x, distributed)]
#[cfg_attr(all(), cfg(all(unix, windows)))]
fn absent(x: Absent) -> Absent {
    x
}

macro_rules! define {
    ($name:ident, $item:ty, $fixed:ty, $result:ty, $body:expr) => {
        #[parallelize(over = x, distributed)]
        fn $name(x: $item, y: $fixed) -> $result {
            let f: fn($item, $fixed) -> $result = $body;
            f(x, y)
        }
    };
}

define!(first_of_macro, &[f32], &str, String, |x, y| format!("{}{}", x.len(), y));
define!(second_of_macro, Vec<i64>, (u8, char), usize, |x, y| x.len() + usize::from(y.0));

mod inner {
    pub mod deeper {
        #[parallelize::parallelize(over = x, distributed)]
        pub(in super::super) fn plain(x: f64) -> f64 {
            -x
        }
    }
}

#[test]
fn distributed() {
    assert_eq!(plain_parallel([1.0, 2.0]), [2.0, 4.0]);
    assert_eq!(streamed(plain_parallel_iter([1.0, 2.0])), [2.0, 4.0]);
    assert_eq!(inner::deeper::plain_parallel(vec![1.0]), [-1.0]);
    let map: BTreeMap<String, Vec<u8>> = Some(("a".to_owned(), vec![1])).into_iter().collect();
    let rows = [vec![1.0, 2.0], vec![], vec![3.0]];
    let serial: Vec<_> = rows.iter().map(|row| borrowed(row, "kg", 2, &map)).collect();
    assert_eq!(borrowed_parallel(rows.iter().map(|row| &row[..]), "kg", 2, &map), serial);
    assert_eq!(streamed(borrowed_parallel_iter(rows.iter().map(|row| &row[..]), "kg", 2, &map)), serial);
    let words = || vec![vec!["a".to_owned()], vec![]];
    let serial: Vec<_> = words().into_iter().map(|x| owned(x, "b".into(), "c".into(), (1, [2; 3]))).collect();
    assert_eq!(owned_parallel(words(), "b".into(), "c".into(), (1, [2; 3])), serial);
    assert_eq!(streamed(owned_parallel_iter(words(), "b".into(), "c".into(), (1, [2; 3]))), serial);
    nothing_parallel(0..9, &9);
    nothing_parallel_iter(0..9, &9).for_each(drop);
    assert_eq!(constant_parallel(0..3), [1, 2, 3]);
    assert_eq!(unsafe { dangerous_parallel(0..3, &[1]) }, [1, 2, 3]);
    assert_eq!(streamed(unsafe { dangerous_parallel_iter(0..3, &[1]) }), [1, 2, 3]);
    assert_eq!(foreign_parallel(0..3, 1), [1, 2, 3]);
    assert_eq!(patterns_parallel([(1, 2), (3, 4)], [5, 6], 7, ""), [19, 21]);
    assert_eq!(streamed(patterns_parallel_iter([(1, 2), (3, 4)], [5, 6], 7, "")), [19, 21]);
    assert_eq!(names_parallel([1, 2], ["a", "bc"], 1, &2, 3, 4, 5, 6, 7, 8), [38, 41]);
    assert_eq!(streamed(names_parallel_iter([1, 2], ["a", "bc"], 1, &2, 3, 4, 5, 6, 7, 8)), [38, 41]);
    let numbers: Vec<_> =
        everything(["ab", "c"], [vec![1], vec![2, 3]], 2, 5).into_iter().map(Result::unwrap).collect();
    assert_eq!(numbers, [7, 9]);
    let calls = everything_iter(["ab", "c"], [vec![1], vec![2, 3]], 2, 5);
    assert_eq!(calls.into_iter().map(Result::unwrap).collect::<Vec<_>>(), numbers);
    assert_eq!(failing_parallel(0..3, 3), Ok(()));
    assert_eq!(failing_parallel(0..5, 3), Err("3 is too large".to_owned()));
    assert_eq!(failing_parallel_iter(0..5, 3).try_collect::<()>(), Err("3 is too large".to_owned()));
    #[allow(deprecated)]
    let same = conditional_parallel(0..3);
    assert_eq!(same, [0, 1, 2]);
    assert_eq!(first_of_macro_parallel([&[1.0][..], &[]], "a"), ["1a", "0a"]);
    assert_eq!(second_of_macro_parallel([vec![1], vec![]], (2, 'a')), [3, 2]);
}

#[test]
fn distributed_in_a_function() {
    #[derive(Clone, Copy)]
    struct Local;
    fn shift(x: u8) -> u8 {
        let Local = Local;
        x + 1
    }
    #[parallelize(over = x, distributed)]
    fn plain(x: u8) -> u8 {
        shift(x)
    }
    assert_eq!(plain_parallel(0..3), [1, 2, 3]);
    assert_eq!(streamed(plain_parallel_iter(0..3)), [1, 2, 3]);
}
