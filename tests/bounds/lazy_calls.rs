//! Calls of lazy versions with wrong arguments.

use parallelize::parallelize;
use std::cell::Cell;
use std::rc::Rc;

#[parallelize(over = word)]
fn weigh(word: &str, factor: f64, weight: impl Fn(&str) -> f64) -> f64 {
    weight(word) * factor
}

struct Model(Cell<f64>);

impl Model {
    #[parallelize(over = x)]
    fn eval(&self, x: f64) -> f64 {
        self.0.get() * x
    }
}

fn fixed(counted: &Rc<f64>) {
    weigh_parallel_iter(["a"], 1.0, |_| **counted);
//                                  ^ error: `Rc<f64>` cannot be shared between threads safely
}

fn input(counted: &Rc<f64>) {
    weigh_parallel_iter(["a"].into_iter().inspect(|_| drop(counted.clone())), 1.0, |_| 1.0);
//                      ^ error: `Rc<f64>` cannot be shared between threads safely
}

fn input_collected(counted: &Rc<f64>) {
    let inputs = ["a"].into_iter().inspect(|_| drop(counted.clone()));
    let _ = weigh_parallel_iter(inputs, 1.0, |_| 1.0).collect::<Vec<_>>();
//                              ^ error: `Rc<f64>` cannot be shared between threads safely
}

fn main() {
    let counted = Rc::new(1.0);
    fixed(&counted);
    input(&counted);
    input_collected(&counted);
    let _ = weigh_parallel_iter(["a"], 1.0, |_| 1.0).skip_none();
//                                                   ^ error: `skip_none` needs a function that returns an `Option`
    Model(Cell::new(1.0)).eval_parallel_iter([1.0]);
//                        ^ error: `Cell<f64>` cannot be shared
}
