//! The lazy versions of methods, associated functions and trait methods.

use super::lazy::{check, streamed};
use parallelize::parallelize;
use std::ops::Mul;
use std::sync::Arc;

pub struct Row<'a>(&'a [u8]);

#[derive(Clone)]
pub struct Model<'m, T> {
    gain: T,
    name: &'m str,
}

impl<'m, T: Clone + Send + Sync + Mul<Output = T>> Model<'m, T> {
    #[parallelize(over = x)]
    fn eval(&self, x: T, _like: &T) -> T {
        self.gain.clone() * x
    }

    #[parallelize(over = from)]
    fn part<'a>(&'a self, from: usize, other: &'a str) -> (&'m str, &'a str) {
        (&self.name[from..], other)
    }

    #[parallelize]
    fn by_value(mut self, x: T) -> T {
        self.gain = self.gain * x;
        self.gain
    }

    #[parallelize(over = x)]
    fn new(x: T, name: &'m str) -> Self {
        Model { gain: x, name }
    }
}

impl Model<'_, u8> {
    #[parallelize(over = from)]
    fn rest(&self, from: usize, _row: &Row, _reason: &str) -> &str {
        &self.name[from..]
    }

    #[parallelize(over = x)]
    fn by_arc(self: Arc<Self>, x: u8) -> u8 {
        self.gain * x
    }

    #[parallelize(over = x)]
    fn typed(self: &Self, x: &Self) -> u8 {
        self.gain * x.gain
    }

    #[parallelize(over = x, call = Self::halve)]
    fn halve(x: u8, by: impl Into<u8>) -> u8 {
        x / by.into()
    }
}

#[test]
fn methods() {
    let name = String::from("name");
    let model = Model { gain: 2, name: &name };
    check!(model.eval_parallel_iter([1, 2], &0), (1..3).map(|x| model.eval(x, &0)));
    check!(model.part_parallel_iter(0..3, "other"), (0..3).map(|from| model.part(from, "other")));
    check!(model.clone().by_value_parallel_iter(0..3), (0..3).map(|x| model.clone().by_value(x)));
    let models = Model::new_parallel_iter(0..3, &name).collect::<Vec<_>>();
    check!(model.typed_parallel_iter(&models), models.iter().map(|x| model.typed(x)));
    check!(
        model.rest_parallel_iter(0..3, &Row(&[]), &String::new()),
        (0..3).map(|from| model.rest(from, &Row(&[]), ""))
    );
    let shared = Arc::new(model);
    check!(Arc::clone(&shared).by_arc_parallel_iter(0..3), (0..3).map(|x| Arc::clone(&shared).by_arc(x)));
    check!(Model::halve_parallel_iter([4, 6], 2), vec![4, 6].into_iter().map(|x| Model::halve(x, 2)));
}

pub trait Stage<Input: Send + Sync> {
    #[parallelize(over = input)]
    fn run(&self, input: Input, other: &Input) -> Option<Input>;

    #[parallelize(over = x)]
    fn consume(self, x: u8) -> (Self, u8)
    where
        Self: Sized,
    {
        (self, x)
    }
}

impl Stage<u8> for u8 {
    fn run(&self, input: u8, other: &u8) -> Option<u8> {
        input.checked_mul(*self + other)
    }
}

pub trait Lending {
    type Item<'a>
    where
        Self: 'a;

    #[parallelize(over = item)]
    fn weigh(&self, item: Self::Item<'_>, by: usize) -> usize {
        let _ = item;
        by
    }
}

impl Lending for u8 {
    type Item<'a> = &'a [u8];
}

fn through_a_bound<S: Stage<u8> + Clone + Send + Sync>(stage: &S) -> Vec<(S, u8)> {
    assert_eq!(streamed(stage.run_parallel_iter([1, 2], &1)), stage.run_parallel([1, 2], &1));
    stage.clone().consume_parallel_iter([1, 2]).threads(2).collect()
}

#[test]
fn traits() {
    check!(2.run_parallel_iter([3, 200], &1), vec![3, 200].into_iter().map(|x| 2.run(x, &1)));
    check!(2.weigh_parallel_iter([&[1][..]], 2), [[1]].iter().map(|x| 2.weigh(x, 2)));
    assert_eq!(through_a_bound(&2), (1..3).map(|x| 2.consume(x)).collect::<Vec<_>>());
    let stage: &dyn Stage<u8> = &2;
    assert_eq!(stage.run(3, &1), Some(9));
}
