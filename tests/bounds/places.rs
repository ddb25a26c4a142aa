//! Functions in contexts that the attribute cannot see.

use parallelize::parallelize;

struct Model;

// A function with the same name, which the generated functions must not call.
fn scale(x: f64, by: f64) -> f64 {
    -x * by
}

impl Model {
    #[parallelize(over = x)]
//  ^ error: unresolved import `__in_an_impl_block_write_call_equals_Self_scale_
    fn scale(x: f64, by: f64) -> f64 {
        x * by
    }

    #[parallelize(over = x)]
//  ^ error: unresolved imports `__in_an_impl_block_write_call_equals_Self_alone_
    fn alone(x: f64, by: f64) -> f64 {
        x * by
    }
}

trait Shape {
    fn area(&self, scale: f64) -> f64;
}

impl Shape for Model {
    #[parallelize(over = scale)]
//  ^ error: method `area_parallel` is not a member of trait `Shape`
//  ^ error: method `area_parallel_iter` is not a member of trait `Shape`
    fn area(&self, scale: f64) -> f64 {
        scale
    }
}

struct Word<'a>(&'a str);

#[parallelize(over = word)]
fn hidden_lifetime(word: Word, suffix: &str) -> usize {
//                       ^ error: anonymous lifetimes in `impl Trait` are unstable: expected named lifetime
    word.0.len() + suffix.len()
}

fn main() {
    Model::scale_parallel([1.0], 2.0);
    scale(Model.area(1.0), 2.0);
}
