//! Functions of every shape with a checkpoint: a second run computes nothing, and functions of the
//! same code are told apart.

use crate::checkpoint::{Calls, File};
use parallelize::{Checkpoint, ItemToken, parallelize};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Debug;
use std::ops::AddAssign;
use std::sync::Arc;

/// Makes a call twice, each time with a file that is opened again. Checks the results, and that the
/// second call computes `again` items.
fn twice<R: Debug + PartialEq>(calls: &Calls, expected: &[R], again: usize, call: impl Fn(&Checkpoint) -> Vec<R>) {
    let file = File::new();
    assert_eq!(call(&file.open()), expected);
    calls.take();
    assert_eq!(call(&file.open()), expected);
    assert_eq!(calls.take(), again);
}

#[derive(Clone, Serialize)]
struct Model {
    factor: u32,
    calls: Arc<Calls>,
}

impl Model {
    fn new(factor: u32) -> Self {
        Model { factor, calls: Arc::default() }
    }

    #[parallelize(over = x, checkpoint)]
    fn eval(&self, x: u32, by: &str) -> u32 {
        self.calls.add();
        self.factor * x + u32::try_from(by.len()).expect("a short text")
    }

    #[parallelize(over = x, checkpoint)]
    fn eval_owned(self, x: u32, mut by: String) -> u32 {
        by.push('b');
        self.eval(x, &by)
    }

    #[parallelize(over = x, checkpoint, call = Self::scale)]
    fn scale(x: u32) -> u32 {
        x * 3
    }
}

#[test]
fn a_method_has_self_in_its_key() {
    let file = File::new();
    let store = file.open();
    for (factor, computed) in [(2, 3), (5, 3), (2, 0), (5, 0)] {
        let model = Model::new(factor);
        let outs: Vec<u32> = model.eval_parallel_iter(0..3, "ab").checkpoint(&store).collect().expect("a working file");
        assert_eq!(outs, [2, factor + 2, 2 * factor + 2]);
        assert_eq!(model.calls.take(), computed);
    }
    let model = Model::new(2);
    assert_eq!(model.eval_parallel_iter(0..3, "abc").checkpoint(&store).first(), Ok(Some(3)));
    assert_eq!(model.calls.take(), 1);
    let owned = || model.clone().eval_owned_parallel_iter(0..3, "a".to_owned()).checkpoint(&store);
    assert_eq!(owned().collect::<Vec<_>>().expect("a working file"), [2, 4, 6]);
    assert_eq!(model.calls.take(), 3);
    assert_eq!(owned().collect::<Vec<_>>().expect("a working file"), [2, 4, 6]);
    assert_eq!(model.calls.take(), 0);
    assert_eq!(
        Model::scale_parallel_iter([1, 2]).checkpoint(&store).collect::<Vec<_>>().expect("a working file"),
        [3, 6]
    );
}

trait Number: Copy + Default + AddAssign + Send + Sync {
    fn one() -> Self;
}

impl Number for u8 {
    fn one() -> Self {
        1
    }
}

impl Number for u64 {
    fn one() -> Self {
        2
    }
}

/// Whether there is one tells nothing of the type of a number.
#[parallelize(over = x, checkpoint)]
fn sum<T: Number, const N: usize>(x: usize, calls: &Calls) -> (usize, T) {
    calls.add();
    let mut sum = T::default();
    (0..N).for_each(|_| sum += T::one());
    (x, sum)
}

#[parallelize(over = x, checkpoint)]
fn pair<T>(x: T, other: T, calls: &Calls) -> (T, T)
where
    T: Clone + Send + Sync,
{
    calls.add();
    (x, other)
}

#[parallelize(over = x, checkpoint)]
fn any(x: impl Serialize + Into<u64> + Send, by: impl Serialize + Clone + Into<u64> + Sync, calls: &Calls) -> u64 {
    calls.add();
    x.into() + by.into()
}

#[test]
fn a_generic_function_has_its_types_in_the_key() {
    let (file, calls) = (File::new(), Calls::default());
    let store = file.open();
    for computed in [2, 0] {
        let small = sum_parallel_iter::<u8, 3>(0..2, &calls).checkpoint(&store).collect::<Vec<_>>();
        assert_eq!((small.expect("a working file"), calls.take()), (vec![(0, 3), (1, 3)], computed));
        let large = sum_parallel_iter::<u64, 3>(0..2, &calls).checkpoint(&store).collect::<Vec<_>>();
        assert_eq!((large.expect("a working file"), calls.take()), (vec![(0, 6), (1, 6)], computed));
        let more = sum_parallel_iter::<u64, 4>(0..2, &calls).checkpoint(&store).collect::<Vec<_>>();
        assert_eq!((more.expect("a working file"), calls.take()), (vec![(0, 8), (1, 8)], computed));

        let texts = pair_parallel_iter(["a".to_owned()], "b".to_owned(), &calls).checkpoint(&store);
        let texts = texts.collect::<Vec<_>>().expect("a working file");
        assert_eq!((texts, calls.take()), (vec![("a".to_owned(), "b".to_owned())], computed / 2));

        let sums = any_parallel_iter([1_u8, 2], 3_u32, &calls).checkpoint(&store).collect::<Vec<_>>();
        assert_eq!((sums.expect("a working file"), calls.take()), (vec![4, 5], computed));
        let sums = any_parallel_iter([1_u16, 2], 3_u32, &calls).checkpoint(&store).collect::<Vec<_>>();
        assert_eq!((sums.expect("a working file"), calls.take()), (vec![4, 5], computed));
    }
}

/// A function that wraps a generic call needs the bounds of the lazy version.
fn wrapped<T>(xs: Vec<T>, calls: &Calls, store: &Checkpoint) -> Vec<(T, T)>
where
    T: Clone + Send + Sync + Serialize + DeserializeOwned,
{
    let other = xs[0].clone();
    pair_parallel_iter(xs, other, calls).checkpoint(store).collect().expect("a working file")
}

trait Shape: Serialize + Sync + Sized {
    fn side(&self) -> f64;

    #[parallelize(over = scale, checkpoint)]
    fn area(&self, scale: f64, calls: &Calls) -> f64 {
        calls.add();
        self.side() * scale
    }
}

#[derive(Serialize)]
struct Square(f64);

#[derive(Serialize)]
struct Circle(f64);

impl Shape for Square {
    fn side(&self) -> f64 {
        self.0
    }
}

impl Shape for Circle {
    fn side(&self) -> f64 {
        -self.0
    }
}

#[test]
fn a_trait_has_its_implementation_in_the_key() {
    fn areas(shape: &impl Shape, calls: &Calls, store: &Checkpoint) -> Vec<f64> {
        shape.area_parallel_iter([1.0, 2.0], calls).checkpoint(store).collect().expect("a working file")
    }
    let (file, calls) = (File::new(), Calls::default());
    let store = file.open();
    for computed in [2, 0] {
        assert_eq!((areas(&Square(2.0), &calls, &store), calls.take()), (vec![2.0, 4.0], computed));
        assert_eq!((areas(&Circle(2.0), &calls, &store), calls.take()), (vec![-2.0, -4.0], computed));
        assert_eq!(wrapped(vec![1, 2], &calls, &store), [(1, 1), (2, 1)]);
        calls.take();
    }
}

struct Grid<T>(T);

impl Grid<u8> {
    #[parallelize(over = x, checkpoint, call = Grid::<u8>::size)]
    fn size(x: u32) -> u32 {
        x + LEAST.with(|least| least.0)
    }
}

impl Grid<u16> {
    #[parallelize(over = x, checkpoint, call = Grid::<u16>::size)]
    fn size(x: u32) -> u32 {
        x + LEAST.with(|least| least.0)
    }
}

thread_local! {
    static LEAST: Grid<u32> = const { Grid(1) };
}

#[test]
fn functions_of_two_impl_blocks_are_told_apart() {
    let file = File::new();
    let store = file.open();
    let outs: Result<Vec<u32>, _> = Grid::<u8>::size_parallel_iter(0..3).checkpoint(&store).collect();
    assert_eq!((outs.expect("a working file").len(), store.summary().expect("a call").computed), (3, 3));
    let outs: Result<Vec<u32>, _> = Grid::<u16>::size_parallel_iter(0..3).checkpoint(&store).collect();
    assert_eq!((outs.expect("a working file").len(), store.summary().expect("a call").computed), (3, 3));
}

#[parallelize(over = x, checkpoint, per_item(seed = |i| i as u64), per_thread(buffer = Vec::new()))]
fn seeded(x: u64, seed: u64, buffer: &mut Vec<u64>, calls: &Calls) -> u64 {
    calls.add();
    buffer.clear();
    buffer.extend([x, seed]);
    buffer.iter().sum()
}

#[parallelize(over = x, checkpoint, cancel = token)]
fn patient(x: u64, token: &ItemToken, calls: &Calls) -> u64 {
    calls.add();
    if token.is_cancelled() { 0 } else { x }
}

#[test]
fn the_index_is_a_part_of_the_key_if_arguments_depend_on_it() {
    let (file, calls) = (File::new(), Calls::default());
    let store = file.open();
    for (items, computed) in [([10, 20, 30], 3), ([10, 20, 30], 0), ([10, 30, 20], 2)] {
        let outs = seeded_parallel_iter(items, &calls).checkpoint(&store).collect::<Vec<_>>().expect("a working file");
        assert_eq!((outs, calls.take()), (vec![items[0], items[1] + 1, items[2] + 2], computed));
    }
    for (items, computed) in [([10, 20, 30], 3), ([30, 10, 20], 0), ([10, 40, 20], 1)] {
        let outs = patient_parallel_iter(items, &calls).checkpoint(&store).collect::<Vec<_>>().expect("a working file");
        assert_eq!((outs, calls.take()), (items.to_vec(), computed));
    }
}

#[parallelize(over = zip(x, y), checkpoint)]
fn in_step(x: u32, y: &str, calls: &Calls) -> String {
    calls.add();
    format!("{x}{y}")
}

#[parallelize(over = product(x, y), checkpoint)]
fn combined(x: u32, mut y: String, calls: &Calls) -> String {
    calls.add();
    y.insert_str(0, &x.to_string());
    y
}

#[test]
fn several_mapped_parameters() {
    let calls = Calls::default();
    twice(&calls, &["1a".to_owned(), "2b".to_owned()], 0, |store| {
        in_step_parallel_iter([1, 2], ["a", "b"], &calls).checkpoint(store).collect().expect("a working file")
    });
    let expected = ["1a", "1b", "2a", "2b"].map(str::to_owned);
    twice(&calls, &expected, 0, |store| {
        combined_parallel_iter([1, 2], ["a".to_owned(), "b".to_owned()], &calls)
            .checkpoint(store)
            .collect()
            .expect("a working file")
    });
}

#[parallelize(over = x, checkpoint, try_collect)]
fn halved(x: u32, calls: &Calls) -> Result<u32, String> {
    calls.add();
    if x.is_multiple_of(2) { Ok(x / 2) } else { Err(format!("{x} is odd")) }
}

/// Only what is kept must not borrow.
#[parallelize(over = word, checkpoint)]
fn number<'t>(word: &'t str, calls: &Calls) -> Result<u32, &'t str> {
    calls.add();
    word.parse().map_err(|_| word)
}

#[parallelize(over = x, checkpoint, skip_none)]
fn even(x: u32, calls: &Calls) -> Option<u32> {
    calls.add();
    x.is_multiple_of(2).then_some(x)
}

#[parallelize(over = x, checkpoint, catch_panics)]
fn careful(x: u32, calls: &Calls) -> u32 {
    calls.add();
    assert!(x.is_multiple_of(2), "{x} is odd");
    x
}

#[parallelize(over = x, checkpoint, progress)]
fn noted(x: u32, calls: &Calls) {
    calls.add();
    assert!(x < 10);
}

#[test]
fn errors_and_panics_are_tried_again() {
    let calls = Calls::default();
    let errors = [Ok(0), Err("1 is odd".to_owned()), Ok(1)];
    twice(&calls, &errors, 1, |store| {
        halved_parallel_iter(0..3, &calls).checkpoint(store).collect().expect("a working file")
    });
    twice(&calls, &[0, 1, 2], 0, |store| {
        let halves = halved_parallel_iter([0, 2, 4], &calls).checkpoint(store);
        halves.try_collect().expect("a working file").expect("even numbers")
    });
    twice(&calls, &[Ok(1), Err("b")], 1, |store| {
        number_parallel_iter(["1", "b"], &calls).checkpoint(store).collect().expect("a working file")
    });
    // What was computed before an error is kept.
    let file = File::new();
    let failed = halved_parallel_iter([0, 2, 3], &calls).threads(1).checkpoint(&file.open());
    assert_eq!(failed.try_collect::<Vec<_>>(), Ok(Err("3 is odd".to_owned())));
    calls.take();
    let repaired = halved_parallel_iter([0, 2, 4], &calls).checkpoint(&file.open());
    assert_eq!((repaired.try_collect::<Vec<_>>(), calls.take()), (Ok(Ok(vec![0, 1, 2])), 1));

    twice(&calls, &[0, 2, 4], 0, |store| {
        even_parallel_iter(0..6, &calls).checkpoint(store).collect().expect("a working file")
    });
    let messages = ["0", "item 1 panicked: 1 is odd", "2"].map(str::to_owned);
    twice(&calls, &messages, 1, |store| {
        let results = careful_parallel_iter(0..3, &calls).checkpoint(store).collect::<Vec<_>>();
        let text = |result: Result<u32, parallelize::ItemPanic>| {
            result.map_or_else(|panic| panic.to_string(), |value| value.to_string())
        };
        results.expect("a working file").into_iter().map(text).collect()
    });
    twice(&calls, &[(), ()], 0, |store| {
        noted_parallel_iter(0..2, &calls).checkpoint(store).collect().expect("a working file")
    });
}

#[test]
fn options_may_come_before_and_after() {
    let calls = Calls::default();
    twice(&calls, &[0, 2], 0, |store| {
        even_parallel_iter(0..3, &calls)
            .catch_panics()
            .progress("numbers")
            .checkpoint(store)
            .threads(2)
            .collect::<Vec<_>>()
            .expect("a working file")
            .into_iter()
            .map(|even| even.expect("no panic"))
            .collect()
    });
}

trait Method {
    fn apply(x: u32) -> u32;
}

struct Doubled;
impl Method for Doubled {
    fn apply(x: u32) -> u32 {
        2 * x
    }
}

struct Squared;
impl Method for Squared {
    fn apply(x: u32) -> u32 {
        x * x
    }
}

trait Step<M: Method>: Serialize + Sync + Sized {
    #[parallelize(over = x, checkpoint)]
    fn step(&self, x: u32) -> u32 {
        M::apply(x)
    }
}

#[derive(Serialize)]
struct Stepper;
impl Step<Doubled> for Stepper {}
impl Step<Squared> for Stepper {}

struct Steps<M>(M);

impl<M: Method> Steps<M> {
    #[parallelize(over = x, checkpoint, call = Steps::<M>::of)]
    fn of(x: u32) -> u32 {
        M::apply(x)
    }
}

#[test]
fn the_types_of_a_trait_and_of_an_impl_block_are_in_the_key() {
    let file = File::new();
    let store = file.open();
    for _ in 0..2 {
        let calls = <Stepper as Step<Doubled>>::step_parallel_iter(&Stepper, [3]).checkpoint(&store);
        assert_eq!(calls.collect::<Vec<_>>(), Ok(vec![6]));
        let calls = <Stepper as Step<Squared>>::step_parallel_iter(&Stepper, [3]).checkpoint(&store);
        assert_eq!(calls.collect::<Vec<_>>(), Ok(vec![9]));
        assert_eq!(Steps::<Doubled>::of_parallel_iter([3]).checkpoint(&store).collect::<Vec<_>>(), Ok(vec![6]));
        assert_eq!(Steps::<Squared>::of_parallel_iter([3]).checkpoint(&store).collect::<Vec<_>>(), Ok(vec![9]));
    }
    let _ = (Steps(Doubled).0, Steps(Squared).0);
}

fn add_one(store: &Checkpoint) -> Vec<u32> {
    const STEP: u32 = 1;
    #[parallelize(over = x, checkpoint)]
    fn add(x: u32) -> u32 {
        x + STEP
    }
    add_parallel_iter([3]).checkpoint(store).collect().expect("a working file")
}

fn add_two(store: &Checkpoint) -> Vec<u32> {
    const STEP: u32 = 2;
    #[parallelize(over = x, checkpoint)]
    fn add(x: u32) -> u32 {
        x + STEP
    }
    add_parallel_iter([3]).checkpoint(store).collect().expect("a working file")
}

#[test]
fn functions_inside_of_functions_are_told_apart() {
    let file = File::new();
    let store = file.open();
    for _ in 0..2 {
        assert_eq!((add_one(&store), add_two(&store)), (vec![4], vec![5]));
    }
}

mod aliased {
    use super::{Calls, parallelize};

    type Result = std::result::Result<u32, String>;

    #[parallelize(over = x, checkpoint)]
    pub(super) fn failing(x: u32, calls: &Calls) -> Result {
        calls.add();
        Err(format!("{x} is down"))
    }
}

#[test]
fn errors_behind_an_alias_that_is_called_result_are_tried_again() {
    let calls = Calls::default();
    twice(&calls, &[Err("1 is down".to_owned())], 1, |store| {
        aliased::failing_parallel_iter([1], &calls).checkpoint(store).collect().expect("a working file")
    });
}
