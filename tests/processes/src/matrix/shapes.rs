//! Shapes of functions and options of the attribute.

use crate::matrix::{Case, Run, bits, same, steps};
use parallelize::parallelize;

pub(super) const CASES: &[Case] = &[
    ("zip", zip),
    ("product", product),
    ("per_item", per_item),
    ("per_thread", per_thread),
    ("threads", threads),
    ("skip_none", skip_none),
    ("name", name),
    ("unsafe", unsafe_function),
    ("functions in functions", inner),
    ("functions of a macro", of_macro),
];

#[parallelize(over = zip(base, exponent), distributed)]
fn power(base: f64, exponent: i32, scale: f64) -> f64 {
    base.powi(exponent) * scale
}

fn zip(_: Run) {
    let bases: Vec<f64> = (0..600).map(|i| 1.0 + f64::from(i) / 100.0).collect();
    let serial = bits(bases.iter().zip(0..).map(|(base, exponent)| power(*base, exponent % 9, 0.7)));
    let exponents = (0..600).map(|exponent| exponent % 9);
    same("zip", bits(power_parallel(bases.iter().copied(), exponents, 0.7)), serial);
}

#[parallelize(over = product(x, name), distributed)]
fn label(x: u16, name: &str, mark: char) -> String {
    format!("{name}{mark}{x}")
}

fn product(_: Run) {
    let names = ["a", "", "ccc"];
    let serial = (0..150).flat_map(|x| names.map(|name| label(x, name, '-'))).collect();
    same("product", label_parallel(0..150, names, '-'), serial);
}

#[parallelize(over = n, per_item(rng = |i| steps(_seed + i as u64, 5)), distributed)]
fn throw(n: u64, rng: u64, _seed: u64) -> u64 {
    rng % (n + 1)
}

#[parallelize(over = zip(a, b), per_item(place = |i| i), distributed)]
fn place_of(a: u8, b: &str, place: usize) -> String {
    format!("{place} {a}{b}")
}

fn per_item(_: Run) {
    let serial: Vec<u64> = (0..900).map(|n| throw(n, steps(40 + n, 5), 40)).collect();
    same("one", throw_parallel(0..900, 40), serial);
    let bs = ["x", "y"].iter().cycle().copied().take(200);
    let serial = bs.clone().enumerate().map(|(i, b)| place_of(i as u8, b, i)).collect();
    same("zip", place_of_parallel(0..200, bs), serial);
}

#[parallelize(over = row, per_thread(buffer = Vec::with_capacity(_size)), distributed)]
fn median(row: &[u32], buffer: &mut Vec<u32>, _size: usize) -> Option<u32> {
    buffer.clear();
    buffer.extend_from_slice(row);
    buffer.sort_unstable();
    buffer.get(row.len() / 2).copied()
}

fn per_thread(_: Run) {
    let numbers: Vec<u32> = (0..9_000).map(|n| (steps(n, 2) >> 40) as u32).collect();
    let mut buffer = vec![];
    let serial = numbers.chunks(11).map(|row| median(row, &mut buffer, 16)).collect();
    same("per_thread", median_parallel(numbers.chunks(11), 16), serial);
}

#[parallelize(over = n, threads = 1, distributed)]
fn with_one_thread(n: u64) -> u64 {
    steps(n, 50)
}

#[parallelize(over = n, threads = 3, distributed)]
fn with_three_threads(n: u64) -> u64 {
    steps(n, 50)
}

fn threads(_: Run) {
    let serial: Vec<u64> = (0..300).map(|n| steps(n, 50)).collect();
    same("one", with_one_thread_parallel(0..300), serial.clone());
    same("three", with_three_threads_parallel(0..300), serial.clone());
    same("two", with_one_thread_parallel_iter(0..300).threads(2).collect(), serial);
}

#[parallelize(over = n, skip_none, distributed)]
fn even(n: u32, limit: u32) -> Option<u32> {
    (n % 2 == 0 && n < limit).then_some(n / 2)
}

fn skip_none(_: Run) {
    same("skip_none", even_parallel(0..1_000, 400), (0..1_000).filter_map(|n| even(n, 400)).collect());
    same("none", even_parallel(0..1_000, 0), vec![]);
}

#[parallelize(over = n, name = all_squares, distributed)]
fn square(n: i64) -> i64 {
    n * n
}

fn name(_: Run) {
    same("name", all_squares(-50..50), (-50..50).map(square).collect());
}

/// # Safety
///
/// `n` must be below `limit`.
#[parallelize(over = n, distributed)]
unsafe fn trusting(n: u8, limit: u8) -> u8 {
    limit - n
}

#[allow(unsafe_code)]
fn unsafe_function(_: Run) {
    // Safety: all items are below the limit.
    let results = unsafe { trusting_parallel(0..100, 100) };
    same("unsafe", results, (1..=100).rev().collect());
}

fn inner(_: Run) {
    #[parallelize(over = n, distributed)]
    fn square(n: u32) -> u32 {
        n * n + 1
    }
    // The one outside of this function has the same name.
    same("inner", square_parallel(0..200), (0..200).map(square).collect());
}

macro_rules! adder {
    ($name:ident, $parallel:ident, $by:expr, $number:ty) => {
        #[parallelize(over = n, name = $parallel, distributed)]
        fn $name(n: $number) -> $number {
            n + $by
        }
    };
}

adder!(add_one, add_one_to_all, 1, u16);
adder!(add_half, add_half_to_all, 0.5, f64);

fn of_macro(_: Run) {
    same("u16", add_one_to_all(0..300), (0..300).map(add_one).collect());
    let halves = || (0..300).map(f64::from);
    same("f64", bits(add_half_to_all(halves())), bits(halves().map(add_half)));
}
