//! The lazy versions of functions with names that could collide with the generated code.

use super::lazy::check;
use parallelize::parallelize;

mod shadowed {
    pub struct Vec;
    pub struct Send;
    pub struct Sync;
    pub enum Option {}
    pub struct Clone;
    pub trait IntoIterator {}
    pub trait Iterator {}
    pub trait Apply {}
    pub struct ParallelIter;
    pub mod core {}
    pub mod std {}
    pub mod parallelize {}

    #[::parallelize::parallelize(over = x)]
    pub fn shadowing<T: ::std::marker::Copy>(x: u8, y: T, _z: &Vec) -> (u8, T) {
        (x, y)
    }
}

#[parallelize(over = r#type, name = r#match)]
fn like_locals(r#type: u8, like_locals: u8, __original: u8, kept: &u8, u8: u8, r#match_iter: u8, f: u8) -> u8 {
    r#type + like_locals + __original + *kept + u8 + r#match_iter + f
}

#[parallelize(over = X)]
#[allow(non_snake_case)]
fn upper<'__y>(X: impl Into<u8>, x: &'__y [impl Into<u8> + Copy], y: (&str, &str)) -> Option<&'__y str> {
    if X.into() == x[0].into() { None } else { Some(if y.0 == y.1 { "same" } else { "other" }) }
}

#[parallelize(over = r#gen)]
fn generation(r#gen: u8, by: u8) -> u8 {
    r#gen * by
}

macro_rules! define {
    ($name:ident($mapped:ident: $ty:ty, $fixed:ident: $fixed_ty:ty) -> $result:ty $body:block) => {
        #[parallelize(over = $mapped)]
        fn $name($mapped: $ty, $fixed: $fixed_ty) -> $result $body
    };
}

define!(made(x: &[u8], by: &(u8, u8)) -> Option<u8> { x.first().map(|x| x * by.0) });

#[test]
fn hygiene() {
    let shadowed = &shadowed::Vec;
    check!(
        shadowed::shadowing_parallel_iter(0..3, 'y', shadowed),
        (0..3).map(|x| shadowed::shadowing(x, 'y', shadowed))
    );
    check!(match_iter(0..3, 1, 1, &1, 1, 1, 1), (0..3).map(|x| like_locals(x, 1, 1, &1, 1, 1, 1)));
    check!(upper_parallel_iter(0..3_u8, &[1_u8], ("a", "b")), (0..3_u8).map(|x| upper(x, &[1_u8], ("a", "b"))));
    check!(generation_parallel_iter(0..3, 2), (0..3).map(|x| generation(x, 2)));
    let rows: Vec<&[u8]> = vec![&[2], &[]];
    check!(made_parallel_iter(rows.iter().copied(), &(3, 4)), rows.iter().map(|row| made(row, &(3, 4))));
}
