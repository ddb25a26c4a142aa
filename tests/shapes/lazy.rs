//! The lazy versions of free functions of every shape.

use parallelize::parallelize;
use std::collections::{BTreeSet, HashMap};
use std::fmt::Display;
use std::ops::Mul;
use std::rc::Rc;
use std::sync::Arc;

/// Collects a lazy call in generic code that does not know its type.
pub(super) fn streamed<R>(calls: impl IntoIterator<Item = R>) -> Vec<R> {
    let mut results = Vec::new();
    for result in calls {
        results.push(result);
    }
    results
}

/// Compares every way to run a lazy call with the serial loop.
macro_rules! check {
    ($calls:expr, $serial:expr) => {{
        let serial: Vec<_> = $serial.collect();
        assert_eq!($calls.collect::<Vec<_>>(), serial);
        assert_eq!($calls.threads(2).collect::<Vec<_>>(), serial);
        let mut looped = Vec::new();
        for result in $calls {
            looped.push(result);
        }
        assert_eq!(looped, serial);
        assert_eq!(crate::shapes::lazy::streamed($calls.threads(2)), serial);
        assert_eq!($calls.catch_panics().collect::<Result<Vec<_>, parallelize::ItemPanic>>().unwrap(), serial);
    }};
}

pub(super) use check;

#[parallelize(over = x)]
fn plain(x: u32, steps: u32, table: &[u32], name: String) -> u32 {
    table.iter().sum::<u32>() * x + steps + name.len() as u32
}

#[parallelize(over = slot)]
fn fill(slot: &mut u32, value: u32) {
    *slot = value;
}

#[parallelize(over = x, threads = 2, name = through)]
fn closures(
    x: i32,
    by: impl Fn(i32) -> i32 + Clone,
    object: &(dyn Fn(i32) -> i32 + Sync),
    pick: fn(i32) -> i32,
) -> i32 {
    pick(object(by(x)))
}

#[test]
fn plain_functions() {
    let (table, name, offset) = (vec![1, 2], "name".to_owned(), 5);
    check!(plain_parallel_iter(0..100, 3, &table, name.clone()), (0..100).map(|x| plain(x, 3, &table, name.clone())));
    let mut slots = vec![0; 100];
    fill_parallel_iter(&mut slots, 9).collect::<()>();
    assert_eq!(slots, vec![9; 100]);
    for () in fill_parallel_iter(slots.iter_mut().skip(1), 8) {}
    assert_eq!((slots[0], slots[1], slots[99]), (9, 8, 8));
    let (by, object) = (|x| x + offset, |x| x * offset);
    check!(through_iter(0..9, by, &object, i32::abs), (0..9).map(|x| closures(x, by, &object, i32::abs)));
}

#[parallelize(over = x)]
fn scale<T>(x: T, by: T) -> T
where
    T: Mul<Output = T>,
{
    x * by
}

#[parallelize(over = key)]
fn get<'m, K: Eq + std::hash::Hash, V>(key: &K, map: &'m HashMap<K, V>, default: &'m V) -> &'m V {
    map.get(key).unwrap_or(default)
}

#[parallelize(over = x)]
fn padded<const WIDTH: usize, T: Display, U: From<u8> + ?Sized>(x: T, _: &U) -> [String; WIDTH] {
    [(); WIDTH].map(|()| x.to_string())
}

#[parallelize(over = items)]
fn largest<I: IntoIterator<Item = u8>>(items: I, floor: I::Item, by: Option<&I>) -> I::Item {
    items.into_iter().max().unwrap_or(floor) + by.is_some() as u8
}

#[parallelize(over = x)]
fn product<'a, T>(x: &'a T, by: &'a T) -> <&'a T as Mul<&'a T>>::Output
where
    &'a T: Mul<&'a T>,
{
    x * by
}

#[test]
fn generics() {
    check!(scale_parallel_iter([1.5, 2.5].iter().copied(), 2.0), [1.5, 2.5].iter().map(|x| scale(*x, 2.0)));
    let map: HashMap<&str, i32> = vec![("a", 1)].into_iter().collect();
    check!(get_parallel_iter(&["a", "b"], &map, &0), ["a", "b"].iter().map(|key| get(key, &map, &0)));
    check!(padded_parallel_iter::<2, _, u8>(0..3, &1), (0..3).map(|x| padded::<2, _, u8>(x, &1)));
    let rows = [vec![1, 5], vec![2]];
    check!(largest_parallel_iter(rows.clone(), 3, None), rows.iter().map(|row| largest(row.clone(), 3, None)));
    check!(product_parallel_iter(&[1, 2], &3), [1, 2].iter().map(|x| product(x, &3)));
}

#[derive(Debug, PartialEq)]
pub struct Row<'a>(&'a [u8]);

#[parallelize]
fn trim(line: &str) -> &str {
    line.trim()
}

#[parallelize(over = index)]
fn element(index: usize, values: &[String]) -> &str {
    &values[index]
}

#[parallelize(over = x)]
fn longer<'a, 'b: 'a>(x: &'b str, y: &'a str, _row: &Row<'_>) -> &'a str {
    if x.len() >= y.len() { x } else { y }
}

#[parallelize(over = x)]
fn first<'a>(x: &'a str, _y: &str) -> &'a str {
    x
}

#[parallelize(over = pair)]
fn deep(pair: (Row<'_>, Option<&str>), by: &(dyn Fn(&str) -> usize + Sync), or: &'static str) -> usize {
    pair.0.0.len() + by(pair.1.unwrap_or(or))
}

#[parallelize(over = cells)]
fn row(cells: &[u8]) -> Row<'_> {
    Row(cells)
}

#[test]
fn lifetimes() {
    let text = String::from(" a \n b");
    check!(trim_parallel_iter(text.lines()), text.lines().map(trim));
    let values = vec!["a".to_owned(), "b".to_owned()];
    check!(element_parallel_iter(vec![1, 0], &values), vec![1, 0].into_iter().map(|index| element(index, &values)));
    let (cells, calls) = (vec![1, 2, 3], |text: &str| text.len());
    let rows = || cells.chunks(2).map(|cells| (Row(cells), None));
    check!(
        longer_parallel_iter(text.lines(), "long", &Row(&cells)),
        text.lines().map(|x| longer(x, "long", &Row(&[])))
    );
    check!(deep_parallel_iter(rows(), &calls, "or"), rows().map(|pair| deep(pair, &calls, "or")));
    check!(row_parallel_iter(cells.chunks(2)), cells.chunks(2).map(row));
    let kept = {
        let other = String::from("other");
        first_parallel_iter(text.lines(), &other).collect::<BTreeSet<_>>()
    };
    assert_eq!(kept, text.lines().collect());
}

#[parallelize(over = x)]
fn opaque(x: &impl Display, all: &[impl AsRef<str>], pairs: impl IntoIterator<Item = impl Display>) -> String {
    format!("{}{}{}", x, all.len(), pairs.into_iter().map(|pair| pair.to_string()).collect::<String>())
}

#[parallelize(over = x)]
fn shared(x: impl Into<u8>, f: Arc<impl Fn(u8) -> u8 + Send>) -> u8 {
    let counted = Rc::new(x.into());
    f(*counted)
}

#[parallelize(over = line)]
fn words(line: &str, min: usize) -> impl Iterator<Item = &str> + '_ {
    line.split(' ').filter(move |word| word.len() >= min)
}

#[parallelize(over = line)]
fn captured<'a>(line: &'a str, least: usize) -> impl Iterator<Item = &'a str> + use<'a> {
    line.split(' ').filter(move |word| word.len() >= least)
}

#[parallelize(over = x)]
fn tried<T: Display + Clone>(x: &T, or: T) -> Result<(impl Display, Option<impl Iterator<Item = T>>), String> {
    if x.to_string().is_empty() { Err("empty".to_owned()) } else { Ok((x.clone(), Some(std::iter::once(or)))) }
}

#[test]
fn impl_trait() {
    check!(opaque_parallel_iter(&[1, 2], &["a"], [7, 8]), [1, 2].iter().map(|x| opaque(x, &["a"], vec![7, 8])));
    let add = Arc::new(|x| x + 1);
    check!(shared_parallel_iter([1_u8, 2], Arc::clone(&add)), (1..3).map(|x: u8| shared(x, Arc::clone(&add))));
    let text = String::from("a bb\nccc");
    let serial: Vec<Vec<&str>> = text.lines().map(|line| words(line, 2).collect()).collect();
    assert_eq!(
        words_parallel_iter(text.lines(), 2).into_iter().map(Iterator::collect).collect::<Vec<Vec<_>>>(),
        serial
    );
    let captured = captured_parallel_iter(text.lines(), 2).threads(2).collect::<Vec<_>>();
    assert_eq!(captured.into_iter().map(Iterator::collect).collect::<Vec<Vec<_>>>(), serial);
    let tried = streamed(tried_parallel_iter(&["a", ""], "b"));
    assert_eq!(tried[0].as_ref().map(|(ok, _)| ok.to_string()), Ok("a".to_owned()));
    assert_eq!(tried[1].as_ref().map(|_| ()), Err(&"empty".to_owned()));
}

#[parallelize(over = t)]
fn patterns(mut t: u8, (from, to): (u8, u8), Row(cells): &Row<'_>, mut by @ [first, ..]: [u8; 2], _: String) -> u8 {
    by[0] += 1;
    t += from + to + cells[0] + by[0] + first;
    t
}

/// # Safety
///
/// `index` is less than the length of `values`.
#[parallelize(over = index)]
unsafe fn unchecked(index: usize, &(first, _): &(u8, u8), ref values: &[u8]) -> u8 {
    first + unsafe { *values.get_unchecked(index) }
}

#[parallelize(over = x)]
#[track_caller]
const fn add(x: u8, y: u8) -> u8 {
    x + y
}

#[parallelize(over = x)]
#[cfg(test)]
#[deprecated(note = "for the test")]
#[expect(unused_variables)]
#[must_use]
extern "C" fn foreign(x: u8, unused: u8) -> u8 {
    x
}

#[parallelize(over = x)]
fn recursive(x: u32, depth: u32) -> u32 {
    if depth == 0 { x } else { recursive_parallel_iter(0..x, depth - 1).into_iter().sum::<u32>() + 1 }
}

#[test]
#[allow(deprecated)]
fn patterns_and_qualifiers() {
    #[parallelize(over = x)]
    fn inside<T: Copy>(x: u8, y: T) -> (u8, T) {
        (x, y)
    }
    let (row, text) = (Row(&[1]), String::new);
    check!(
        patterns_parallel_iter(1..3, (1, 2), &row, [3, 4], text()),
        (1..3).map(|t| patterns(t, (1, 2), &row, [3, 4], text()))
    );
    let of = |index| unsafe { unchecked(index, &(1, 2), &[7, 8]) };
    check!(unsafe { unchecked_parallel_iter([1, 0], &(1, 2), &[7, 8]) }, vec![1, 0].into_iter().map(of));
    check!(add_parallel_iter(0..9, 1), (0..9).map(|x| add(x, 1)));
    check!(foreign_parallel_iter(0..9, 1), (0..9).map(|x| foreign(x, 1)));
    check!(recursive_parallel_iter(0..7, 2), (0..7).map(|x| recursive(x, 2)));
    check!(inside_parallel_iter(0..3, 'c'), (0..3).map(|x| inside(x, 'c')));
}
