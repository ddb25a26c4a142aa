//! Several mapped parameters, `per_thread` and `per_item` on functions of every shape.

use super::lazy::streamed;
use parallelize::parallelize;
use std::collections::HashMap;
use std::fmt::Debug;
use std::hash::Hash;

#[parallelize(over = zip(x, y))]
fn zipped<'a, T: PartialEq, U>(x: &'a T, y: U, all: &[T]) -> Option<(&'a T, U)> {
    if all.contains(x) { Some((x, y)) } else { None }
}

#[parallelize(over = product(x, y))]
fn multiplied<'a, K: Hash + Eq, V: Copy>(x: &'a K, y: V, map: &HashMap<&'a K, V>) -> (&'a K, V, Option<V>) {
    (x, y, map.get(x).copied())
}

#[parallelize(over = product(x, y))]
fn elided(x: &str, y: &str, by: usize) -> String {
    format!("{}{}", x, y.repeat(by))
}

#[parallelize(over = zip(a, b, c))]
fn three(a: u8, by: u8, b: &u8, c: [u8; 2]) -> u8 {
    (a + b + c[0] + c[1]) * by
}

#[parallelize(over = product(e, d, c, b, a))]
fn five(a: u8, b: char, c: &str, d: bool, e: Option<u8>) -> String {
    format!("{}{}{}{}{:?}", a, b, c, d, e)
}

#[parallelize]
fn marked(#[over] (x, _): (u8, u8), by: u8, #[over] [y, ..]: [u8; 3], #[over] z: impl Into<u8>) -> u8 {
    (x + y + z.into()) * by
}

#[test]
fn several() {
    let (xs, all) = (vec![1, 2, 3], [1, 3]);
    let serial: Vec<_> = xs.iter().zip("abc".chars()).map(|(x, y)| zipped(x, y, &all)).collect();
    assert_eq!(zipped_parallel(&xs, "abc".chars(), &all), serial);
    assert_eq!(streamed(zipped_parallel_iter(&xs, "abc".chars(), &all)), serial);
    let map: HashMap<_, _> = xs.iter().take(1).map(|x| (x, 'm')).collect();
    let serial: Vec<_> = xs.iter().flat_map(|x| "ab".chars().map(move |y| (x, y))).collect();
    let serial: Vec<_> = serial.into_iter().map(|(x, y)| multiplied(x, y, &map)).collect();
    assert_eq!(multiplied_parallel(&xs, "ab".chars(), &map), serial);
    assert_eq!(streamed(multiplied_parallel_iter(&xs, "ab".chars(), &map)), serial);
    let text = String::from("a b");
    assert_eq!(elided_parallel(text.split(' '), ["x"], 2), ["axx", "bxx"]);
    assert_eq!(streamed(elided_parallel_iter(["x"], text.split(' '), 1)), ["xa", "xb"]);
    assert_eq!(three_parallel(1..3, 2, &[3, 4], vec![[5, 6], [7, 8]]), [30, 42]);
    assert_eq!(streamed(three_parallel_iter(1..3, 2, &[3, 4], vec![[5, 6], [7, 8]])), [30, 42]);
    let mut serial = Vec::new();
    for e in [None, Some(1)] {
        for d in [true, false] {
            for c in ["x", "y"] {
                for b in ['p', 'q'] {
                    serial.extend([1, 2].map(|a| five(a, b, c, d, e)));
                }
            }
        }
    }
    assert_eq!(five_parallel([1, 2], "pq".chars(), ["x", "y"], [true, false], [None, Some(1)]), serial);
    assert_eq!(streamed(five_parallel_iter([1, 2], "pq".chars(), ["x", "y"], [true, false], [None, Some(1)])), serial);
    assert_eq!(marked_parallel([(1, 2)], 3, [[4, 5, 6]], [7_u8]), [36]);
    assert_eq!(streamed(marked_parallel_iter([(1, 2)], 3, [[4, 5, 6]], [7_u8])), [36]);
}

/// A state that borrows what the items borrow.
#[parallelize(over = line, per_thread(words = Vec::new(), empty = vec![0; n]))]
fn words<'t>(line: &'t str, words: &mut Vec<&'t str>, n: usize, empty: &mut Vec<u8>) -> (Option<&'t str>, usize) {
    words.clear();
    words.extend(line.split(' '));
    (words.get(n).copied(), empty.len())
}

#[parallelize(over = line, per_thread(words = Vec::new()))]
fn elided_state(line: &str, words: &mut Vec<&str>) -> usize {
    words.clear();
    words.push("x");
    line.len() + words.len()
}

/// The expressions use names that are bound by the patterns of fixed parameters.
#[parallelize(
    over = x,
    per_thread(buffer = Vec::with_capacity(width * 2)),
    per_item(place = |i| i * height, twice = |index| { let double = |n| n + index; double(index) })
)]
fn patterns(
    x: usize,
    (width, height): (usize, usize),
    buffer: &mut Vec<usize>,
    place: usize,
    Pair { left, right: [first, ..] }: &Pair,
    mut twice: usize,
    mut width_of_all: usize,
) -> (usize, usize) {
    assert!(buffer.capacity() >= width * 2);
    buffer.clear();
    buffer.extend([left, first]);
    twice += 1;
    width_of_all += width;
    (x + place + height, twice + width_of_all + buffer.len())
}

#[derive(Clone)]
pub struct Pair {
    left: usize,
    right: [usize; 2],
}

/// Neither a field named like a parameter nor a closure parameter with that name counts as a use of
/// the parameter.
#[parallelize(over = x, per_thread(buffer = vec![pair.left; 1]), per_item(seed = |right| right + pair.right[0]))]
fn fields(x: usize, left: usize, mut right: String, pair: &Pair, buffer: &mut Vec<usize>, seed: &mut usize) -> usize {
    right.push('x');
    *seed += 1;
    x + left + right.len() + pair.left + buffer.len() + *seed
}

/// The expression modifies its own copy of the fixed argument.
#[parallelize(over = x, per_thread(state = { n += 1; n }))]
fn changed(x: u32, mut n: u32, state: &mut u32) -> u32 {
    n += 1;
    x + n + *state
}

#[parallelize(over = x, per_thread(state = T::default(), buffer = [0; N]), per_item(at = |i| (i, T::default())))]
fn generic<T: Default + PartialEq + Debug, const N: usize>(
    x: [T; N],
    state: &mut T,
    buffer: &mut [usize; N],
    at: (usize, T),
) -> usize {
    assert_eq!(*state, at.1);
    buffer[0] += 0;
    x.iter().filter(|x| *x == state).count() + at.0 + buffer[0]
}

type Call = Box<dyn Fn(u32) -> u32 + Send>;

#[parallelize(over = x, per_thread(calls = Box::new(move |y| y * by)), per_item(more = |i| Box::new(move |y| y + i as u32 + by)))]
fn closures(x: u32, by: u32, calls: &mut Call, more: Call) -> u32 {
    calls(x) + more(x) + by
}

#[test]
fn states() {
    let lines = String::from("a b\nc d");
    let serial = [(Some("b"), 1), (Some("d"), 1)];
    assert_eq!(words_parallel(lines.lines(), 1), serial);
    assert_eq!(streamed(words_parallel_iter(lines.lines(), 1)), serial);
    assert_eq!(elided_state_parallel(lines.lines()), streamed(elided_state_parallel_iter(lines.lines())));
    let pair = Pair { left: 1, right: [2, 3] };
    let serial: Vec<_> =
        (0..9).map(|x| patterns(x, (2, 3), &mut Vec::with_capacity(4), 3 * x, &pair, 2 * x, 1)).collect();
    assert_eq!(patterns_parallel(0..9, (2, 3), &pair, 1), serial);
    assert_eq!(streamed(patterns_parallel_iter(0..9, (2, 3), &pair, 1)), serial);
    let serial: Vec<_> =
        (0..9).map(|x| fields(x, 1, String::new(), &pair, &mut vec![1], &mut (x + pair.right[0]))).collect();
    assert_eq!(fields_parallel(0..9, 1, String::new(), &pair), serial);
    assert_eq!(streamed(fields_parallel_iter(0..9, 1, String::new(), &pair)), serial);
    assert_eq!(changed_parallel(0..3, 1), [4, 5, 6]);
    assert_eq!(streamed(changed_parallel_iter(0..3, 1)), [4, 5, 6]);
    assert_eq!(closures_parallel(0..2, 3), [6, 11]);
    assert_eq!(streamed(closures_parallel_iter(0..2, 3)), [6, 11]);
    assert_eq!(generic_parallel([[0, 1], [0, 0]]), [1, 3]);
    assert_eq!(streamed(generic_parallel_iter([["", "x"], ["", ""]])), [1, 3]);
}

#[derive(Clone)]
pub struct Model<'m, T> {
    values: &'m [T],
    name: String,
}

impl<'m, T: Copy + Default + PartialOrd + Send + Sync> Model<'m, T> {
    #[parallelize(
        over = zip(x, y),
        per_thread(buffer = Vec::with_capacity(self.values.len() + extra), name = format!("{}{}", self.name, extra)),
        per_item(at = |i| self.values[i % self.values.len()])
    )]
    fn method(
        &self,
        x: usize,
        buffer: &mut Vec<&'m T>,
        y: usize,
        extra: usize,
        name: &mut String,
        at: T,
    ) -> Option<(&'m T, T)> {
        assert!(buffer.capacity() >= self.values.len() + extra && name.starts_with(&self.name));
        buffer.clear();
        buffer.extend(self.values.get(x + y));
        buffer.pop().map(|value| (value, at))
    }

    #[parallelize(over = product(x, y), name = combined, per_thread(buffer = self.values.to_vec()))]
    fn owned(self, x: usize, y: usize, buffer: &mut Vec<T>) -> bool {
        self.values[x] < buffer[y]
    }

    #[parallelize(over = x, call = Self::called, per_thread(state = Self::fresh(like)), per_item(index = |i| i))]
    fn called(x: T, like: &T, state: &mut T, index: usize) -> (T, usize) {
        if x < *like { (*state, index) } else { (x, index) }
    }

    fn fresh(like: &T) -> T {
        *like
    }

    #[parallelize]
    fn borrowed(&self, #[over] x: usize, #[over] (y, _): (usize, u8)) -> &T {
        &self.values[x + y]
    }
}

impl Model<'_, u8> {
    #[parallelize(over = x, per_thread(state = Self { values: &[], name: self.name.clone() }))]
    fn of_itself(&self, x: usize, state: &mut Self) -> usize {
        state.name.len() + x
    }
}

pub trait Shape {
    type Area;
    const SIDES: usize;

    #[parallelize(over = zip(x, y), per_thread(sides = Vec::with_capacity(Self::SIDES)), per_item(index = |i| i))]
    fn area(&self, x: f64, y: f64, sides: &mut Vec<f64>, index: usize) -> Self::Area;

    #[parallelize(over = product(x, y), per_thread(unit = self.unit(by)))]
    fn scaled(&self, x: f64, y: f64, by: f64, unit: &mut f64) -> f64 {
        x * y * by * *unit
    }

    fn unit(&self, by: f64) -> f64;
}

impl Shape for f64 {
    type Area = (f64, usize);
    const SIDES: usize = 4;

    fn area(&self, x: f64, y: f64, sides: &mut Vec<f64>, index: usize) -> (f64, usize) {
        assert!(sides.capacity() >= 4);
        (self * x * y, index)
    }

    fn unit(&self, by: f64) -> f64 {
        self + by
    }
}

fn through_a_bound<S: Shape<Area = (f64, usize)> + Sync>(shape: &S) {
    assert_eq!(shape.area_parallel([1.0, 2.0], [3.0, 4.0]), [(6.0, 0), (16.0, 1)]);
    assert_eq!(streamed(shape.area_parallel_iter([1.0, 2.0], [3.0, 4.0])), [(6.0, 0), (16.0, 1)]);
    assert_eq!(shape.scaled_parallel([1.0, 2.0], [3.0], 1.0), [9.0, 18.0]);
    assert_eq!(streamed(shape.scaled_parallel_iter([1.0, 2.0], [3.0], 1.0)), [9.0, 18.0]);
}

#[test]
fn methods() {
    let values = [1, 2, 3];
    let model = Model { values: &values, name: "model".to_owned() };
    let all = [Some((&values[0], 1)), Some((&values[2], 2)), None];
    assert_eq!(model.method_parallel(0..3, [0, 1, 2], 7), all);
    assert_eq!(streamed(model.method_parallel_iter(0..3, [0, 1, 2], 7)), all);
    assert_eq!(model.clone().combined(0..2, 1..3), [true, true, false, true]);
    assert_eq!(streamed(model.clone().combined_iter(0..2, 1..3)), [true, true, false, true]);
    assert_eq!(Model::called_parallel([1, 5], &3), [(3, 0), (5, 1)]);
    assert_eq!(streamed(Model::called_parallel_iter([1, 5], &3)), [(3, 0), (5, 1)]);
    assert_eq!(model.borrowed_parallel([0, 1], [(1, 0), (1, 0)]), [&2, &3]);
    assert_eq!(streamed(model.borrowed_parallel_iter([0, 1], [(1, 0), (1, 0)])), [&2, &3]);
    let bytes = Model { values: &[0_u8], name: "four".to_owned() };
    assert_eq!(bytes.of_itself_parallel([1]), streamed(bytes.of_itself_parallel_iter([1])));
    through_a_bound(&2.0);
}

/// Parameters named like identifiers of the generated code, and like the function.
#[parallelize(
    over = zip(__index, __this),
    per_thread(__states = vec![hygienic; __state], r#type = r#match + 1),
    per_item(__argument1 = |i| i + hygienic)
)]
fn hygienic(
    __index: usize,
    hygienic: usize,
    __this: usize,
    __state: usize,
    __states: &mut Vec<usize>,
    r#type: &mut usize,
    r#match: usize,
    __argument1: usize,
) -> [usize; 5] {
    [__index + hygienic, __this + __state, __states.len(), *r#type + r#match, __argument1]
}

#[parallelize(over = product(r#type, hygienic_product), per_thread(state = 1))]
fn hygienic_product(r#type: usize, hygienic_product: usize, state: &mut usize) -> usize {
    r#type * 10 + hygienic_product + *state
}

#[parallelize(over = zip(x, y), per_thread(state = *by), per_item(at = |i| i), threads = 2)]
unsafe fn dangerous(x: usize, y: &mut usize, by: &usize, state: &mut usize, at: &mut usize) -> usize {
    *y += x;
    *y + *by + *state + *at
}

#[parallelize(over = x, crate = parallelize, name = all, try_collect, per_thread(buffer = { let n = least * 2; vec![0; n] }))]
fn with_options(x: u8, least: usize, buffer: &mut Vec<u8>) -> Result<usize, u8> {
    if x > 9 { Err(x) } else { Ok(usize::from(x) + buffer.len().max(least)) }
}

#[parallelize(over = zip(x, y), per_item(seed = |i| i as u64))]
fn of_impl_trait<'t>(x: &'t str, y: usize, seed: u64) -> impl Iterator<Item = char> + 't {
    x.chars().cycle().skip(seed as usize).take(y)
}

#[parallelize(over = product(x, y), per_thread(state = 0))]
fn product_of_impl_trait(x: u8, y: u8, state: &mut u8) -> impl Debug + use<> {
    x + y + *state
}

#[parallelize(over = zip(slot, value), per_thread(state = 1))]
fn nothing(slot: &mut u8, value: u8, state: &mut u8) {
    *slot = value + *state;
}

#[test]
fn names_and_qualifiers() {
    assert_eq!(hygienic_parallel([1, 2], 3, [4, 5], 6, 7), [[4, 10, 6, 15, 3], [5, 11, 6, 15, 4]]);
    assert_eq!(streamed(hygienic_parallel_iter([1], 3, [4], 6, 7)), [[4, 10, 6, 15, 3]]);
    assert_eq!(hygienic_product_parallel([1, 2], [3]), streamed(hygienic_product_parallel_iter([1, 2], [3])));
    let mut ys = [1, 2];
    assert_eq!(unsafe { dangerous_parallel([1, 2], &mut ys, &2) }, [6, 9]);
    assert_eq!(streamed(unsafe { dangerous_parallel_iter([1, 2], &mut ys, &2) }), [7, 11]);
    assert_eq!(all([1, 2], 3), Ok(vec![7, 8]));
    assert_eq!(all_iter([1, 20], 3).try_collect::<Vec<_>>(), Err(20));
    let text: Vec<String> = of_impl_trait_parallel(["ab", "cd"], 2..4).into_iter().map(Iterator::collect).collect();
    assert_eq!(text, ["ab", "dcd"]);
    assert_eq!(streamed(of_impl_trait_parallel_iter(["ab"], [3])).into_iter().flatten().count(), 3);
    assert_eq!(format!("{:?}", product_of_impl_trait_parallel([1], 2..4)), "[3, 4]");
    assert_eq!(streamed(product_of_impl_trait_parallel_iter([1], 2..4)).len(), 2);
    let mut slots = [0; 2];
    nothing_parallel(&mut slots, [1, 2]);
    assert_eq!(slots, [2, 3]);
    for () in nothing_parallel_iter(&mut slots, [5, 6]) {}
    assert_eq!(slots, [6, 7]);
}

macro_rules! function {
    ($(#[$meta:meta])* $name:ident, $x:ident, $y:ident, $ty:ty, $make:expr, $state:ident) => {
        #[parallelize(over = zip($x, $y), per_thread($state = $make))]
        fn $name($x: $ty, $y: &$ty, $state: &mut $ty) -> $ty {
            $x + *$y + *$state
        }
    };
}

macro_rules! marked {
    ($name:ident, $(#[$meta:meta] $x:ident: $ty:ty),*) => {
        #[parallelize]
        fn $name($(#[$meta] $x: $ty),*) -> u32 {
            0 $(+ $x)*
        }
    };
}

function!(from_a_macro, a, b, u32, 2 + 3, c);
marked!(marked_in_a_macro, #[over] a: u32, #[over] b: u32);

#[test]
fn in_macros() {
    assert_eq!(from_a_macro_parallel([1], &[2]), [8]);
    assert_eq!(streamed(from_a_macro_parallel_iter([1], &[2])), [8]);
    assert_eq!(marked_in_a_macro_parallel([1], [2]), [3]);
}
