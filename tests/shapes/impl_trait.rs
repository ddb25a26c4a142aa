//! `impl Trait` as the type of a mapped parameter, of a fixed parameter, and of the result.

use parallelize::parallelize;
use std::fmt::Display;
use std::rc::Rc;
use std::sync::Arc;

#[parallelize(over = x)]
fn mapped(x: impl Into<f64>, by: f64) -> f64 {
    x.into() * by
}

#[test]
fn mapped_impl() {
    assert_eq!(mapped_parallel([1_u8, 2], 2.0), [2.0, 4.0]);
    assert_eq!(mapped_parallel(vec![1.5_f32], 2.0), [3.0]);
}

#[parallelize(over = x)]
fn fixed(x: f64, f: impl Fn(f64) -> f64, g: &impl Fn(f64) -> f64) -> f64 {
    g(f(x))
}

#[test]
fn fixed_impl() {
    let k = 3.0;
    assert_eq!(fixed_parallel([1.0, 2.0], |x| x + k, &|x| x * k), [12.0, 15.0]);
}

#[parallelize(over = x)]
fn nested(x: u8, all: &[impl AsRef<str>], pairs: impl IntoIterator<Item = impl Display>) -> String {
    let pairs: Vec<String> = pairs.into_iter().map(|pair| pair.to_string()).collect();
    format!("{}{}{}", x, all.len(), pairs.concat())
}

#[test]
fn nested_impl() {
    assert_eq!(nested_parallel([1], &["a", "b"], [7, 8]), ["1278"]);
}

#[parallelize(over = x)]
fn shared(x: u8, f: Arc<impl Fn(u8) -> u8 + Send>) -> u8 {
    f(x)
}

#[test]
fn impl_in_a_smart_pointer() {
    assert_eq!(shared_parallel([1, 2], Arc::new(|x| x + 1)), [2, 3]);
}

#[parallelize(over = x)]
fn returned(x: u32, suffix: &'static str) -> impl Display {
    format!("{}{}", x, suffix)
}

#[test]
fn returned_impl() {
    let shown: Vec<String> = returned_parallel([1, 2], "!").into_iter().map(|one| one.to_string()).collect();
    assert_eq!(shown, ["1!", "2!"]);
}

#[parallelize(over = line)]
fn words(line: &str, min: usize) -> impl Iterator<Item = &str> + '_ {
    line.split(' ').filter(move |word| word.len() >= min)
}

#[test]
fn returned_impl_that_borrows() {
    let text = String::from("a bb\nccc");
    let words: Vec<Vec<&str>> = words_parallel(text.lines(), 2).into_iter().map(Iterator::collect).collect();
    assert_eq!(words, [vec!["bb"], vec!["ccc"]]);
}

#[parallelize(over = x)]
fn tried(x: i32) -> Result<impl Display, String> {
    if x < 0 { Err(format!("{} is negative", x)) } else { Ok(x) }
}

#[test]
fn returned_impl_in_a_result() {
    let results: Vec<Result<String, String>> =
        tried_parallel(vec![1, -1]).into_iter().map(|one| one.map(|ok| ok.to_string())).collect();
    assert_eq!(results, [Ok("1".to_owned()), Err("-1 is negative".to_owned())]);
}

#[parallelize(over = x)]
fn from_generic<T: Into<u64>>(x: T, add: impl Fn(u64) -> u64) -> u64 {
    add(x.into())
}

#[test]
fn impl_with_a_type_parameter() {
    assert_eq!(from_generic_parallel([1_u32, 2], |x| x + 1), [2, 3]);
    assert_eq!(from_generic_parallel::<u8, _>([1, 2], |x| x + 1), [2, 3]);
}

#[test]
fn what_is_local_to_an_item_needs_no_send() {
    #[parallelize(over = x)]
    fn local(x: u8, by: u8) -> u8 {
        let counted = Rc::new(x);
        *counted * by
    }
    assert_eq!(local_parallel([1, 2], 3), [3, 6]);
}

#[parallelize(over = x)]
fn mapped_behind(x: &impl Display, suffix: &str) -> String {
    format!("{}{}", x, suffix)
}

#[parallelize(over = all)]
fn mapped_slice(all: &[impl AsRef<str>], by: usize) -> usize {
    all.len() * by
}

#[parallelize(over = all)]
fn mapped_mutable(all: &mut (impl Iterator<Item = u8> + ?Sized), by: u8) -> u8 {
    all.map(|x| x * by).sum()
}

#[test]
fn mapped_impl_behind_a_reference() {
    assert_eq!(mapped_behind_parallel(&[1, 2], "!"), ["1!", "2!"]);
    assert_eq!(mapped_slice_parallel([&["a", "b"][..]], 2), [4]);
    assert_eq!(mapped_mutable_parallel([&mut (0..3)], 2), [6]);
}

#[parallelize(over = x)]
fn repeated<T: Clone>(x: &T, count: usize) -> impl Iterator<Item = T> {
    vec![x.clone(); count].into_iter()
}

#[test]
fn returned_impl_of_a_parameter() {
    let repeated: Vec<Vec<char>> = repeated_parallel(&['a', 'b'], 2).into_iter().map(Iterator::collect).collect();
    assert_eq!(repeated, [['a', 'a'], ['b', 'b']]);
}

#[parallelize(over = line)]
fn captured<'a>(line: &'a str, least: usize) -> impl Iterator<Item = &'a str> + use<'a> {
    line.split(' ').filter(move |word| word.len() >= least)
}

#[test]
fn returned_impl_with_precise_capturing() {
    let text = String::from("a bb");
    let words: Vec<Vec<&str>> = captured_parallel(text.lines(), 2).into_iter().map(Iterator::collect).collect();
    assert_eq!(words, [["bb"]]);
}

#[parallelize(over = x)]
fn skipped<'a>(x: &'a [u32], by: &str) -> impl Iterator<Item = &'a u32> + use<'a> {
    x.iter().skip(by.len())
}

#[parallelize(over = zip(x, y), per_item(index = |i| i))]
fn joined<'a>(x: &'a str, y: &str, by: &str, index: usize) -> (impl Display + use<'a>, impl Display + use<>) {
    (&x[by.len()..], y.len() + index)
}

#[parallelize(over = x, catch_panics)]
fn cloned<T: Clone + Sync, const N: usize>(x: &[T; N], by: usize) -> impl Iterator<Item = T> + use<'_, T, N> {
    x.iter().skip(by).cloned()
}

struct Holder<'h, T, const N: usize>(&'h [T; N]);

impl<'h, T: Clone + Send + Sync, const N: usize> Holder<'h, T, N> {
    #[parallelize(over = product(from, to))]
    fn between(&self, from: usize, to: usize, _by: &str) -> impl Iterator<Item = &'h T> + use<'h, T, N> {
        self.0[from..to].iter()
    }

    #[parallelize(over = array)]
    fn same(&self, array: [T; N], _by: &str) -> impl Iterator<Item = [T; N]> + use<T, N> {
        Some(array).into_iter()
    }
}

#[test]
fn returned_impl_outlives_what_it_does_not_capture() {
    let (rows, texts, arrays, numbers) = ([&[1, 2, 3][..], &[4]], ["ab", "cd"], [[5, 6]], [7, 8]);
    let short = || String::from("-");

    let eager = { skipped_parallel(rows, &short()) };
    let lazy: Vec<_> = { skipped_parallel_iter(rows, &short()).collect() };
    for results in [eager.into_iter().flatten().collect::<Vec<_>>(), lazy.into_iter().flatten().collect()] {
        assert_eq!(results, [&2, &3]);
    }

    let eager = { joined_parallel(texts, texts, &short()) };
    let lazy: Vec<_> = { joined_parallel_iter(texts, texts, &short()).collect() };
    assert_eq!(eager.iter().map(|(x, y)| format!("{}{}", x, y)).collect::<String>(), "b2d3");
    assert_eq!(lazy.iter().map(|(x, y)| format!("{}{}", x, y)).collect::<String>(), "b2d3");

    let eager = { cloned_parallel::<i32, 2, _>(&arrays, 1) };
    let lazy: Vec<_> = { cloned_parallel_iter(&arrays, 1).collect() };
    assert_eq!(eager.into_iter().flat_map(|result| result.expect("no panic")).collect::<Vec<_>>(), [6]);
    assert_eq!(lazy.into_iter().flat_map(|result| result.expect("no panic")).collect::<Vec<_>>(), [6]);

    let eager = { Holder(&numbers).between_parallel([0, 1], [1, 2], &short()) };
    let lazy: Vec<_> = { Holder(&numbers).between_parallel_iter([0, 1], [1, 2], &short()).collect() };
    assert_eq!(eager.into_iter().flatten().collect::<Vec<_>>(), [&7, &7, &8, &8]);
    assert_eq!(lazy.into_iter().flatten().collect::<Vec<_>>(), [&7, &7, &8, &8]);

    let eager = { Holder(&numbers).same_parallel(arrays, &short()) };
    assert_eq!(eager.into_iter().flatten().collect::<Vec<_>>(), arrays);
}

#[parallelize(over = x)]
fn of_an_array<const N: usize>(x: [u8; N], count: usize) -> impl Iterator<Item = [u8; N]> {
    std::iter::repeat(x).take(count)
}

#[test]
fn returned_impl_of_a_constant() {
    let arrays: Vec<[u8; 2]> = of_an_array_parallel([[1, 2]], 2).into_iter().flatten().collect();
    assert_eq!(arrays, [[1, 2], [1, 2]]);
}
