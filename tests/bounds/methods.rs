//! Methods of types that threads cannot share, and arguments of methods.

use parallelize::parallelize;
use std::cell::Cell;
use std::rc::Rc;

struct Model(Cell<f64>);

impl Model {
    // The generated function has the bound `&Self: Sync`, so the error is at the call. Only there
    // are the types known that a generic `Self` contains.
    #[parallelize(over = x)]
    fn eval(&self, x: f64) -> f64 {
        self.0.get() * x
    }

    #[parallelize(over = x)]
    fn counted(self: Rc<Self>, x: f64) -> f64 {
//                   ^ error: `Rc<Model>` cannot be shared
        self.0.get() * x
    }
}

struct Plain;

impl Plain {
    #[parallelize(over = x)]
    fn consume(self, x: f64) -> f64 {
//             ^ error: `Plain: Clone` is not satisfied
        x
    }

    // A concrete type is checked at the definition of the function, even without a call.
    #[parallelize(over = x)]
    fn own(&self, x: f64, model: &Model) -> f64 {
//                                ^ error: `Cell<f64>` cannot be shared
        model.0.get() * x
    }

    #[parallelize(over = x)]
    fn fixed(&self, x: f64, cell: &Cell<f64>) -> f64 {
//                                 ^ error: the fixed parameter `Plain::fixed_parallel::cell` cannot be shared
        cell.get() * x
    }
}

trait Shape {
    #[parallelize(over = scale)]
    fn area(&self, scale: f64, unit: Rc<str>) -> f64;
//                                   ^ error: the fixed parameter `unit` cannot be shared
}

fn main() {
    Model(Cell::new(1.0)).eval_parallel([1.0]);
//                        ^ error: `Cell<f64>` cannot be shared
    Plain.own_parallel([1.0], &Model(Cell::new(1.0)));
    Plain.fixed_parallel([1.0], &Cell::new(1.0));
}
