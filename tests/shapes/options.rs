//! `skip_none` and `catch_panics` on functions of every shape.

use super::lazy::streamed;
use parallelize::{ItemPanic, parallelize};
use std::fmt::{Debug, Display};
use std::panic::resume_unwind;

type Maybe<T> = Option<T>;

/// Panics without calling the panic hook, which would print a message.
fn panic(message: &'static str) -> ! {
    resume_unwind(Box::new(message))
}

/// Converts each panic to a text with its index and message, which can be compared.
fn told<R>(results: impl IntoIterator<Item = Result<R, ItemPanic>>) -> Vec<Result<R, String>> {
    results.into_iter().map(|result| result.map_err(|panic| panic.to_string())).collect()
}

#[parallelize(over = x, skip_none)]
fn even(x: u32, by: u32) -> Option<u32> {
    if x % 2 == 0 { Some(x * by) } else { None }
}

#[parallelize(over = word, skip_none, threads = 2)]
fn nonempty<'t>(word: &'t str, stop: &str) -> Maybe<&'t str> {
    if word.is_empty() || word == stop { None } else { Some(word) }
}

#[parallelize(over = x, skip_none)]
fn found<T: PartialOrd>(x: &T, all: &[T]) -> std::option::Option<usize> {
    all.iter().position(|one| one >= x)
}

#[parallelize(over = x, skip_none)]
fn unit(x: u8, least: u8) -> Option<()> {
    if x >= least { Some(()) } else { None }
}

#[test]
fn skip_none() {
    let serial: Vec<u32> = (0..100).filter_map(|x| even(x, 3)).collect();
    assert_eq!(even_parallel(0..100, 3), serial);
    assert_eq!(even_parallel_iter(0..100, 3).collect::<Vec<_>>(), serial);
    assert_eq!(streamed(even_parallel_iter(0..100, 3).threads(2)), serial);
    let text = String::from("a  b stop");
    let serial: Vec<&str> = text.split(' ').filter_map(|word| nonempty(word, "stop")).collect();
    assert_eq!(nonempty_parallel(text.split(' '), "stop"), serial);
    assert_eq!(streamed(nonempty_parallel_iter(text.split(' '), &String::from("stop"))), serial);
    assert_eq!(found_parallel(&[0, 2, 9], &[1, 2]), [0, 1]);
    assert_eq!(found_parallel_iter(&[0, 2, 9], &[1, 2]).threads(2).collect::<Vec<_>>(), [0, 1]);
    assert_eq!(unit_parallel(0..9, 7), [(); 2]);
    for () in unit_parallel_iter(0..9, 7) {}
}

#[parallelize(over = x, catch_panics)]
fn small(x: u32, limit: u32) -> u32 {
    if x < limit { x } else { panic("large") }
}

#[parallelize(over = slot, catch_panics)]
fn fill(slot: &mut u32, value: u32) {
    if *slot == value {
        panic("full");
    }
    *slot = value;
}

#[parallelize(over = line, catch_panics)]
fn words<'t, T: AsRef<str> + ?Sized>(line: &'t T, from: usize) -> impl Iterator<Item = &'t str> {
    line.as_ref()[from..].split(' ')
}

#[parallelize(over = x, catch_panics)]
fn shown(x: u8, suffix: &impl Display) -> Result<impl Display, String> {
    if x > 0 { Ok(format!("{}{}", x, suffix)) } else { Err("zero".to_owned()) }
}

#[test]
fn catch_panics() {
    let serial: Vec<Result<u32, String>> =
        (0..100).map(|x| if x < 50 { Ok(small(x, 50)) } else { Err(format!("item {} panicked: large", x)) }).collect();
    assert_eq!(told(small_parallel(0..100, 50)), serial);
    assert_eq!(told(small_parallel_iter(0..100, 50).collect::<Vec<_>>()), serial);
    assert_eq!(told(small_parallel_iter(0..100, 50).threads(2)), serial);
    let mut slots = [1, 2, 3];
    assert_eq!(told(fill_parallel(&mut slots, 2)), [Ok(()), Err("item 1 panicked: full".to_owned()), Ok(())]);
    assert_eq!(slots, [2; 3]);
    assert_eq!(streamed(fill_parallel_iter(&mut slots, 2)).iter().filter(|one| one.is_err()).count(), 3);
    let text = String::from("a bb\nccc");
    let lines: Vec<&str> = words_parallel(text.lines(), 1).into_iter().flat_map(Result::unwrap).collect();
    assert_eq!(lines, ["", "bb", "cc"]);
    assert_eq!(words_parallel_iter(text.lines(), 1).into_iter().flat_map(Result::unwrap).collect::<Vec<_>>(), lines);
    let shown = streamed(shown_parallel_iter(0..2, &'!').threads(2));
    let shown: Vec<String> =
        shown.into_iter().map(|one| one.unwrap().map_or_else(|no| no, |x| x.to_string())).collect();
    assert_eq!(shown, ["zero", "1!"]);
    assert_eq!(shown_parallel(0..2, &'!').iter().filter(|one| one.as_ref().unwrap().is_ok()).count(), 1);
}

#[parallelize(over = x, skip_none, catch_panics)]
fn both<T: Copy + Into<u32> + Debug>(x: T, limit: u32) -> Maybe<(T, u32)> {
    if x.into() > limit {
        panic("large")
    } else if x.into() == limit {
        None
    } else {
        Some((x, limit))
    }
}

#[derive(Clone)]
pub struct Model<'m, T>(&'m [T]);

impl<'m, T: Copy + PartialOrd + Send + Sync> Model<'m, T> {
    #[parallelize(over = x, catch_panics, skip_none)]
    fn at(&self, x: usize, least: T) -> Option<&'m T> {
        Some(&self.0[x]).filter(|one| **one >= least)
    }

    #[parallelize(over = x, skip_none, name = all)]
    fn owned(self, x: usize) -> Option<Self> {
        self.0.get(..x).map(Model)
    }

    #[parallelize(over = x, call = Self::checked, catch_panics)]
    fn checked(x: T, least: T) -> T {
        if x < least { panic("small") } else { x }
    }
}

impl Model<'_, u8> {
    #[parallelize(over = x, skip_none)]
    fn borrowed(&self, x: usize) -> Maybe<&u8> {
        self.0.get(x)
    }
}

pub trait Shape {
    type Area;

    #[parallelize(over = x, skip_none, catch_panics)]
    fn area(&self, x: f64, least: f64) -> Option<Self::Area>;

    #[parallelize(over = x, catch_panics)]
    fn unit(&self, x: f64) {
        let _ = self.area(x, 0.0);
    }
}

impl Shape for f64 {
    type Area = f64;

    fn area(&self, x: f64, least: f64) -> Option<f64> {
        if x < 0.0 { panic("negative") } else { Some(self * x).filter(|area| *area >= least) }
    }
}

fn through_a_bound<S: Shape<Area = f64> + Sync>(shape: &S) {
    let told_of = [Ok(6.0), Err("item 2 panicked: negative".to_owned())];
    assert_eq!(told(shape.area_parallel([3.0, 1.0, -1.0], 5.0)), told_of);
    assert_eq!(told(shape.area_parallel_iter([3.0, 1.0, -1.0], 5.0)), told_of);
    assert_eq!(shape.unit_parallel_iter([1.0, -1.0]).collect::<Vec<_>>().iter().filter(|one| one.is_err()).count(), 1);
    assert_eq!(told(shape.unit_parallel([1.0])), [Ok(())]);
}

#[test]
fn both_options_and_methods() {
    let all = [Ok((1_u8, 2)), Err("item 2 panicked: large".to_owned())];
    assert_eq!(told(both_parallel(1_u8..4, 2)), all);
    assert_eq!(told(both_parallel_iter(1_u8..4, 2).collect::<Vec<_>>()), all);
    assert_eq!(told(both_parallel_iter(1_u8..4, 2).threads(2)), all);
    let values = vec![1, 2];
    let model = Model(&values);
    let some: Vec<&u8> = model.at_parallel(0..3, 2).into_iter().filter_map(Result::ok).collect();
    assert_eq!(some, [&2]);
    assert_eq!(told(model.at_parallel_iter(0..3, 2))[0], Ok(&2));
    assert_eq!(model.clone().all([2, 3]).len(), 1);
    assert_eq!(model.clone().all_iter([2, 3]).collect::<Vec<_>>()[0].0, model.0);
    assert_eq!(told(Model::checked_parallel([1, 3], 2)), told(Model::checked_parallel_iter([1, 3], 2)));
    assert_eq!(model.borrowed_parallel([1, 9]), streamed(model.borrowed_parallel_iter([1, 9])));
    through_a_bound(&2.0);
}

#[parallelize(over = x)]
fn plain(x: u8, least: u8) -> Maybe<u8> {
    if x == 3 { panic("three") } else { Some(x).filter(|x| *x >= least) }
}

#[test]
fn the_methods_of_a_lazy_call_do_the_same() {
    let serial: Vec<u8> = (0..3).filter_map(|x| plain(x, 1)).collect();
    assert_eq!(plain_parallel_iter(0..3, 1).skip_none().collect::<Vec<_>>(), serial);
    assert_eq!(streamed(plain_parallel_iter(0..3, 1).threads(2).skip_none()), serial);
    let caught = told(plain_parallel_iter(0..5, 1).skip_none().catch_panics());
    assert_eq!(caught, [Ok(1), Ok(2), Err("item 3 panicked: three".to_owned()), Ok(4)]);
    assert_eq!(told(plain_parallel_iter(0..5, 1).catch_panics().skip_none().collect::<Vec<_>>()), caught);
}
