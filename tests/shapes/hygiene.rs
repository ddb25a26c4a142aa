//! Hygiene: names of arguments, types and macros that could collide with the generated code.

#![allow(non_camel_case_types)]

mod shadowed {
    use parallelize::parallelize;

    pub struct Vec;
    pub struct Send;
    pub struct Sync;
    pub enum Result {}
    pub enum Option {}
    pub struct Clone;
    pub struct Box;
    pub trait IntoIterator {}
    pub trait Iterator {}
    pub mod core {}
    pub mod std {}
    pub mod rayon {}
    #[allow(unused_macros)]
    macro_rules! vec {
        () => {};
    }

    #[parallelize(over = x)]
    pub fn shadowing<T: ::std::marker::Copy>(x: u8, y: T, _z: &Vec) -> (u8, T) {
        (x, y)
    }
}

#[test]
fn user_types_may_shadow_those_of_std() {
    assert_eq!(shadowed::shadowing_parallel([1], 'y', &shadowed::Vec), [(1, 'y')]);
}

mod shadowed_crate {
    /// A module named like the crate, which the generated code calls `::parallelize`.
    pub mod parallelize {}

    #[::parallelize::parallelize(over = x)]
    pub fn identity(x: u8) -> u8 {
        x
    }
}

#[test]
fn a_module_may_be_named_like_the_crate() {
    assert_eq!(shadowed_crate::identity_parallel([1]), [1]);
}

use parallelize::parallelize;

#[parallelize(over = same)]
fn same(same: u8, y: u8) -> u8 {
    same + y
}

#[parallelize(over = x)]
fn as_fixed(x: u8, as_fixed: u8) -> u8 {
    x + as_fixed
}

#[parallelize(over = x)]
fn generated(x: u8, generated_parallel: u8) -> u8 {
    x + generated_parallel
}

#[test]
fn arguments_may_be_named_like_the_function() {
    assert_eq!(same_parallel([1], 1), [2]);
    assert_eq!(as_fixed_parallel([1], 1), [2]);
    assert_eq!(generated_parallel([1], 1), [2]);
}

#[parallelize(over = input)]
fn like_locals(input: u8, item: u8, __original: u8, result: u8, f: u8, run: u8, private: u8, __self: u8) -> u8 {
    input + item + __original + result + f + run + private + __self
}

#[test]
fn arguments_may_be_named_like_generated_code() {
    assert_eq!(like_locals_parallel([1], 1, 1, 1, 1, 1, 1, 1), [8]);
}

#[parallelize(over = str)]
fn like_types(str: &str, u8: u8, usize: &usize, string: String, f64: f64) -> usize {
    str.len() + *usize + u8 as usize + string.len() + f64 as usize
}

#[parallelize(over = x)]
fn fixed_like_its_type(x: u8, str: &str, u8: u8) -> (u8, usize) {
    (x + u8, str.len())
}

#[test]
fn arguments_may_be_named_like_types() {
    assert_eq!(like_types_parallel(["a"], 1, &1, String::new(), 1.0), [4]);
    assert_eq!(fixed_like_its_type_parallel([1], "a", 1), [(2, 1)]);
}

#[parallelize(over = r#type)]
fn r#match(r#type: u8, r#fn: u8, r#in: &u8) -> u8 {
    r#type + r#fn + *r#in
}

#[parallelize(over = type, name = r#loop)]
fn raw_or_not(r#type: u8) -> u8 {
    r#type
}

#[test]
fn raw_identifiers() {
    assert_eq!(match_parallel([1], 1, &1), [3]);
    assert_eq!(r#loop([1]), [1]);
}

#[parallelize(over = X)]
#[allow(non_snake_case)]
fn upper(X: impl Into<u8>, x: impl Into<u8>, x2: (impl Into<u8>, impl Into<u8>)) -> u8 {
    X.into() + x.into() + x2.0.into() + x2.1.into()
}

#[parallelize(over = x)]
fn lifetime_names<'__y>(x: (&str, &str), y: &'__y str, x2: &str) -> &'__y str {
    if x.0 == x.1 { y } else { &y[x2.len()..] }
}

#[test]
fn names_given_by_the_macro_are_unique() {
    assert_eq!(upper_parallel([1], 1, (1, 1)), [4]);
    assert_eq!(lifetime_names_parallel([("a", "a")], "y", "z"), ["y"]);
}

macro_rules! define {
    ($vis:vis fn $name:ident($mapped:ident: $ty:ty, $fixed:ident: $fixed_ty:ty) -> $result:ty $body:block) => {
        #[parallelize(over = $mapped)]
        $vis fn $name($mapped: $ty, $fixed: $fixed_ty) -> $result $body
    };
    ($name:ident) => {
        #[parallelize(over = x)]
        fn $name(x: u8, y: &u8) -> u8 {
            x + *y
        }
    };
}

define!(
    pub(crate) fn made(x: &[u8], by: &(u8, u8)) -> Option<u8> {
        x.first().map(|x| x * by.0)
    }
);
define!(hidden);

#[test]
fn functions_defined_by_macros() {
    let items: Vec<&[u8]> = vec![&[2], &[]];
    assert_eq!(made_parallel(items, &(3, 4)), [Some(6), None]);
    assert_eq!(hidden_parallel([1], &1), [2]);
}

macro_rules! method {
    ($this:ident, $body:expr) => {
        #[parallelize(over = x)]
        fn method(&$this, x: u8) -> u8 {
            $body + x
        }
    };
}

struct Made(u8);

impl Made {
    method!(self, self.0);
}

#[test]
fn methods_defined_by_macros() {
    assert_eq!(Made(1).method_parallel([1]), [2]);
}

mod model {
    pub struct Model;

    impl Model {
        #[parallelize::parallelize(over = x, call = crate::shapes::hygiene::model::Model::eval)]
        pub fn eval(x: u8, model: u8, crate_: u8) -> u8 {
            x + model + crate_
        }
    }
}

#[parallelize(over = x, call = model::Model::eval, name = through_a_module)]
fn through(x: u8, model: u8, parallelize: u8) -> u8 {
    model::Model::eval(x, model, parallelize)
}

#[parallelize(over = x)]
#[allow(non_snake_case)]
fn named_like_a_parameter<T: Into<u8>>(x: u8, T: T) -> u8 {
    x + T.into()
}

#[test]
fn arguments_may_be_named_like_what_leads_to_the_function() {
    assert_eq!(model::Model::eval_parallel([1], 1, 1), [3]);
    assert_eq!(through_a_module([1], 1, 1), [3]);
    assert_eq!(named_like_a_parameter_parallel([1], 1), [2]);
}

#[parallelize(over = r#gen)]
fn generation(r#gen: u8, by: u8) -> u8 {
    r#gen * by
}

#[parallelize(over = by, name = r#gen)]
fn fixed_generation(r#gen: u8, by: u8) -> u8 {
    r#gen * by
}

#[test]
fn a_name_that_became_a_keyword() {
    assert_eq!(generation_parallel([2], 3), [6]);
    assert_eq!(r#gen(2, [3]), [6]);
}
