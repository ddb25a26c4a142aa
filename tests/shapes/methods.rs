//! Methods, by every kind of `self`.

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
