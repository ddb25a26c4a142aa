//! Trait methods, required and provided; the trait stays dyn compatible.

use parallelize::parallelize;

pub trait Shape {
    type Scale;

    #[parallelize(over = scale)]
    fn area(&self, scale: Self::Scale, unit: f64) -> f64;

    #[parallelize(over = scale)]
    fn double(&self, scale: Self::Scale, unit: f64) -> f64 {
        2.0 * self.area(scale, unit)
    }

    #[parallelize(over = x)]
    fn build(x: f64, like: &Self) -> Self
    where
        Self: Sized;

    #[parallelize(over = x, call = Self::zero)]
    fn zero(x: f64) -> f64
    where
        Self: Sized,
    {
        x * 0.0
    }

    #[parallelize(over = x)]
    fn generic<T: Into<f64>>(&self, x: T) -> f64
    where
        Self: Sized,
    {
        x.into()
    }

    #[parallelize(over = x)]
    fn consume(self, x: f64) -> f64
    where
        Self: Sized;
}

#[derive(Clone, Debug, PartialEq)]
struct Square(f64);

impl Shape for Square {
    type Scale = f64;

    fn area(&self, scale: f64, unit: f64) -> f64 {
        self.0 * self.0 * scale * unit
    }

    fn build(x: f64, like: &Self) -> Self {
        Square(x + like.0)
    }

    fn consume(self, x: f64) -> f64 {
        self.0 + x
    }
}

#[test]
fn required_and_provided() {
    let square = Square(2.0);
    assert_eq!(square.area_parallel([1.0, 2.0], 1.0), [4.0, 8.0]);
    assert_eq!(square.double_parallel([1.0], 1.0), [8.0]);
    assert_eq!(Square::build_parallel([1.0], &square), [Square(3.0)]);
    assert_eq!(Square::zero_parallel([1.0]), [0.0]);
    assert_eq!(square.generic_parallel([1_u8]), [1.0]);
    assert_eq!(square.consume_parallel([1.0]), [3.0]);
}

#[test]
fn the_trait_stays_dyn_compatible() {
    let shape: &dyn Shape<Scale = f64> = &Square(1.0);
    assert_eq!(shape.double(1.0, 1.0), 2.0);
}

fn through_a_bound<S: Shape<Scale = f64> + Sync>(shape: &S) -> Vec<f64> {
    shape.area_parallel(vec![1.0, 3.0], 2.0)
}

#[test]
fn through_generic_code() {
    assert_eq!(through_a_bound(&Square(1.0)), [2.0, 6.0]);
}

pub trait Stage<Input: Send + Sync> {
    #[parallelize(over = input)]
    fn run(&self, input: Input, other: &Input) -> Option<Input>;
}

impl Stage<u8> for u8 {
    fn run(&self, input: u8, other: &u8) -> Option<u8> {
        input.checked_mul(*self + other)
    }
}

#[test]
fn parameters_of_the_trait() {
    assert_eq!(2.run_parallel([3, 200], &1), [Some(9), None]);
}

pub trait Lending {
    type Item<'a>
    where
        Self: 'a;

    #[parallelize(over = item)]
    fn weigh(&self, item: Self::Item<'_>, by: usize) -> usize;
}

impl Lending for Vec<u8> {
    type Item<'a> = &'a [u8];

    fn weigh(&self, item: &[u8], by: usize) -> usize {
        (self.len() + item.len()) * by
    }
}

#[test]
fn generic_associated_types() {
    assert_eq!(vec![1].weigh_parallel([&[1, 2][..]], 2), [6]);
}
