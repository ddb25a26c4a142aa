//! Type, const and lifetime parameters, with bounds and without.

use parallelize::parallelize;
use std::collections::HashMap;
use std::fmt::{Debug, Display};
use std::hash::Hash;
use std::ops::Mul;

#[parallelize(over = x)]
fn scale<T>(x: T, by: T) -> T
where
    T: Mul<Output = T>,
{
    x * by
}

#[test]
fn a_type_parameter_everywhere() {
    assert_eq!(scale_parallel([1.5, 2.5], 2.0), [3.0, 5.0]);
    assert_eq!(scale_parallel(0..3_u8, 2), [0, 2, 4]);
}

#[parallelize(over = key)]
fn get<'m, K: Eq + Hash, V>(key: &K, map: &'m HashMap<K, V>, default: &'m V) -> &'m V {
    map.get(key).unwrap_or(default)
}

#[test]
fn parameters_behind_references() {
    let map: HashMap<&str, i32> = vec![("a", 1)].into_iter().collect();
    assert_eq!(get_parallel(&["a", "b"], &map, &0), [&1, &0]);
}

#[parallelize(over = x)]
fn converted<T: From<u8> + Debug>(x: u8, suffix: &str) -> String {
    format!("{:?}{}", T::from(x), suffix)
}

#[test]
fn parameters_that_only_the_call_names() {
    assert_eq!(converted_parallel::<f32>([1], "f"), ["1.0f"]);
    assert_eq!(converted_parallel::<u32>([1], "u"), ["1u"]);
}

#[parallelize(over = row)]
fn dot<const N: usize>(row: [f64; N], weights: &[f64; N]) -> f64 {
    row.iter().zip(weights).map(|(a, b)| a * b).sum()
}

#[test]
fn const_generics() {
    assert_eq!(dot_parallel(vec![[1.0, 2.0], [3.0, 4.0]], &[1.0, 10.0]), [21.0, 43.0]);
}

#[parallelize(over = x)]
fn padded<const WIDTH: usize, T: Display>(x: T) -> String {
    format!("{:>1$}", x, WIDTH)
}

#[test]
fn const_generics_that_only_the_call_names() {
    assert_eq!(padded_parallel::<4, _>([1, 22]), ["   1", "  22"]);
}

#[parallelize(over = x)]
fn unsized_fixed<T: ?Sized + AsRef<str>>(x: usize, y: &T) -> usize {
    x + y.as_ref().len()
}

#[test]
fn unsized_parameters() {
    assert_eq!(unsized_fixed_parallel(0..2, "abc"), [3, 4]);
}

#[parallelize(over = items)]
fn largest<I>(items: I, floor: I::Item) -> I::Item
where
    I: IntoIterator,
    I::Item: Ord,
{
    items.into_iter().max().map_or_else(|| unreachable!(), |max| max.max(floor))
}

#[test]
fn associated_types() {
    assert_eq!(largest_parallel(vec![vec![1, 5], vec![2]], 3), [5, 3]);
}

#[parallelize(over = x)]
fn erased<T>(x: usize, shown: &HashMap<T, Box<dyn Fn(&T) -> String + Send + Sync>>) -> usize {
    x + shown.len()
}

#[test]
fn trait_objects_that_mention_a_parameter() {
    let shown: HashMap<u8, Box<dyn Fn(&u8) -> String + Send + Sync>> = HashMap::new();
    assert_eq!(erased_parallel([1], &shown), [1]);
}

#[parallelize(over = x)]
fn by_object<T>(x: T, show: &(dyn Fn(T) -> String + Sync)) -> String {
    show(x)
}

#[test]
fn a_borrowed_object_that_mentions_a_parameter() {
    let suffix = String::from("!");
    let show = |x: u8| format!("{}{}", x, suffix);
    assert_eq!(by_object_parallel([1, 2], &show), ["1!", "2!"]);
}

#[parallelize(over = x)]
fn wrapped<T: Clone + Into<f64>>(x: f64, wrapped: &Wrapper<'_, T>) -> f64 {
    x + wrapped.inner.clone().into()
}

struct Wrapper<'a, T> {
    inner: &'a T,
}

#[test]
fn anonymous_lifetimes_with_a_type_parameter() {
    assert_eq!(wrapped_parallel([1.0], &Wrapper { inner: &2.0_f32 }), [3.0]);
}

#[parallelize(over = x)]
fn nearest<'a, T: PartialOrd>(x: &T, all: &'a [T]) -> Option<&'a T> {
    all.iter().find(|one| *one >= x)
}

#[parallelize(over = x)]
fn same<T: PartialEq>(x: u8, y: Option<&T>, z: Option<&T>) -> (u8, bool) {
    (x, y == z)
}

#[parallelize(over = x)]
fn pairs<T: PartialEq>(x: (&T, &T), y: (&T, &T)) -> bool {
    x == y
}

#[test]
fn types_that_differ_only_in_a_lifetime() {
    assert_eq!(nearest_parallel(&[2, 9], &[1, 5]), [Some(&5), None]);
    let (one, two) = (String::from("1"), String::from("2"));
    assert_eq!(same_parallel([1], Some(&one), Some(&two)), [(1, false)]);
    assert_eq!(pairs_parallel([(&one, &two)], (&one, &two)), [true]);
}
