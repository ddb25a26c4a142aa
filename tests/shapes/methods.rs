//! Methods with every kind of `self`.

use parallelize::parallelize;
use std::pin::Pin;
use std::sync::Arc;

#[derive(Clone)]
pub struct Model {
    gain: f64,
    names: Vec<String>,
}

impl Model {
    fn new() -> Self {
        Model { gain: 2.0, names: vec!["a".to_owned(), "b".to_owned()] }
    }

    #[parallelize(over = x)]
    pub fn eval(&self, x: f64, bias: f64) -> f64 {
        self.gain * x + bias
    }

    #[parallelize(over = index)]
    fn name(&self, index: usize, _reason: &str) -> &str {
        &self.names[index]
    }

    #[parallelize(over = x)]
    fn named<'a>(&'a self, x: usize, other: &'a str) -> (&'a str, &'a str) {
        (&self.names[x], other)
    }

    #[parallelize]
    fn by_value(self, x: usize) -> String {
        self.names[x].clone()
    }

    #[parallelize(over = x)]
    fn by_value_mut(mut self, x: f64, y: f64) -> f64 {
        self.gain *= y;
        self.gain * x
    }

    #[parallelize(over = x)]
    fn by_arc(self: Arc<Self>, x: f64) -> (f64, Arc<Self>) {
        (self.gain * x, self)
    }

    #[parallelize(over = x)]
    fn by_box(self: Box<Self>, x: f64) -> f64 {
        self.gain * x
    }

    #[parallelize(over = x)]
    fn typed(self: &Self, x: f64, _y: &str) -> &str {
        if x > 0.0 { &self.names[0] } else { &self.names[1] }
    }

    #[parallelize(over = x)]
    fn typed_value(self: Self, x: f64) -> f64 {
        self.gain * x
    }

    #[parallelize(over = x)]
    fn behind_arc(self: &Arc<Self>, x: f64) -> f64 {
        self.gain * x
    }

    #[parallelize(over = x)]
    fn pinned(self: Pin<&Self>, x: f64) -> f64 {
        self.gain * x
    }
}

#[test]
fn by_reference() {
    let model = Model::new();
    assert_eq!(model.eval_parallel([1.0, 2.0], 0.5), [2.5, 4.5]);
    let names: Vec<&str> = model.name_parallel(vec![1, 0], &String::from("local"));
    assert_eq!(names, ["b", "a"]);
    assert_eq!(model.named_parallel([0], "other"), [("a", "other")]);
}

#[test]
fn by_value() {
    assert_eq!(Model::new().by_value_parallel([0, 1]), ["a", "b"]);
    assert_eq!(Model::new().by_value_mut_parallel([1.0, 2.0], 2.0), [4.0, 8.0]);
}

#[test]
fn typed_self() {
    let model = Arc::new(Model::new());
    assert_eq!(Arc::clone(&model).by_arc_parallel([1.0])[0].0, 2.0);
    assert_eq!(Box::new(Model::new()).by_box_parallel([1.0]), [2.0]);
    assert_eq!(model.typed_parallel([1.0, -1.0], &String::from("local")), ["a", "b"]);
    assert_eq!(Model::new().typed_value_parallel([1.0]), [2.0]);
    assert_eq!(model.behind_arc_parallel([1.0]), [2.0]);
    assert_eq!(Pin::new(&*model).pinned_parallel([1.0]), [2.0]);
}

pub struct Wrapper<'a, T> {
    inner: &'a T,
}

impl<'a, T: Clone + Sync> Wrapper<'a, T> {
    #[parallelize(over = x)]
    fn combine<U>(&self, x: U, y: &U) -> (&'a T, U)
    where
        T: Send,
        U: Clone,
    {
        let _ = y.clone();
        (self.inner, x)
    }
}

#[test]
fn methods_of_generic_types() {
    let value = 3;
    let wrapper = Wrapper { inner: &value };
    assert_eq!(wrapper.combine_parallel(vec!["a"], &"b"), [(&3, "a")]);
}

pub struct Unbounded<T>(Vec<T>);

impl<T> Unbounded<T> {
    #[parallelize(over = index)]
    fn at(&self, index: usize, shift: usize) -> usize {
        let _: &T = &self.0[index];
        index + shift
    }
}

#[test]
fn a_generic_type_needs_no_bounds_at_its_impl() {
    assert_eq!(Unbounded(vec!['a', 'b']).at_parallel(0..2, 5), [5, 6]);
}

pub struct Circle(f64);

impl Circle {
    #[parallelize(over = x)]
    fn with_another(&self, x: f64, other: &Self, third: &Circle) -> f64 {
        self.0 + x + other.0 + third.0
    }

    #[parallelize(over = x)]
    fn nearer(&self, x: &Self) -> &Self {
        if x.0 < self.0 { self } else { &Circle(0.0) }
    }

    #[parallelize(over = other)]
    fn larger<'a>(&'a self, other: &'a Self) -> &'a Self {
        if other.0 > self.0 { other } else { self }
    }
}

#[test]
fn several_of_the_same_type() {
    let circle = Circle(1.0);
    let third = Circle(3.0);
    assert_eq!(circle.with_another_parallel([1.0], &Circle(2.0), &third), [7.0]);
    assert_eq!(circle.nearer_parallel([&third])[0].0, 0.0);
    assert_eq!(circle.larger_parallel([&third])[0].0, 3.0);
}

pub struct Pool<Item> {
    items: Vec<Item>,
}

impl<Item> Pool<Item> {
    #[parallelize(over = item)]
    fn pair(&self, item: Item, index: usize) -> (Item, Option<&Item>)
    where
        Item: Send + Sync,
    {
        (item, self.items.get(index))
    }

    #[parallelize(over = item)]
    fn by_reference(&self, item: &Item, other: &Item) -> usize
    where
        Item: PartialEq + Sync,
    {
        self.items.iter().filter(|one| *one == item || *one == other).count()
    }
}

impl<Value: Ord + Send + Sync> Pool<Value> {
    #[parallelize(over = x)]
    fn floor(&self, x: &Value) -> Option<&Value> {
        self.items.iter().filter(|item| *item <= x).max()
    }

    #[parallelize(over = x, call = Self::smaller)]
    fn smaller(x: Value, y: Value) -> Value
    where
        Value: Clone,
    {
        x.min(y)
    }
}

#[test]
fn parameters_of_the_impl_by_any_name() {
    let pool = Pool { items: vec![1, 3, 5] };
    assert_eq!(pool.pair_parallel([7], 1), [(7, Some(&3))]);
    assert_eq!(pool.by_reference_parallel(&[1, 2], &5), [2, 1]);
    assert_eq!(pool.floor_parallel(&[4, 0]), [Some(&3), None]);
    assert_eq!(Pool::smaller_parallel([1, 9], 5), [1, 5]);
}

pub struct Parser<'s> {
    text: &'s str,
}

impl<'s> Parser<'s> {
    #[parallelize(over = x)]
    fn typed_by_name(self: &Parser<'s>, x: &str) -> &str {
        if x.is_empty() { "" } else { self.text }
    }

    #[parallelize(over = at)]
    fn rest(&self, at: usize) -> &'s str {
        &self.text[at..]
    }
}

#[test]
fn types_with_a_lifetime() {
    let text = String::from("text");
    let rest = {
        let parser = Parser { text: &text };
        assert_eq!(parser.typed_by_name_parallel(["a", ""]), ["text", ""]);
        parser.rest_parallel([2])
    };
    assert_eq!(rest, ["xt"]);
}

#[derive(Clone, Copy)]
pub struct Local {
    factor: u8,
}

mod local {
    pub struct Factor(pub u8);

    #[parallelize::parallelize(over = x)]
    pub fn times(x: u8, by: &self::Factor) -> u8 {
        x * by.0
    }
}

impl Local {
    #[parallelize(over = x)]
    fn consume_with(self, x: u8, other: Self) -> Self {
        Local { factor: self.factor * x * other.factor }
    }
}

#[test]
fn self_as_a_path() {
    assert_eq!(local::times_parallel([2], &local::Factor(3)), [6]);
    assert_eq!(Local { factor: 2 }.consume_with_parallel([3], Local { factor: 5 })[0].factor, 30);
}
