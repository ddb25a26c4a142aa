//! Closures of `parallelize::map` that threads cannot share.

use std::cell::Cell;
use std::rc::Rc;

fn mutates() {
    let mut sum = 0;
    parallelize::map(0..3, |x| sum += x).for_each(drop);
//                             ^ error: cannot assign to `sum`, as it is a captured variable in a `Fn` closure
    let mut count = 0;
    parallelize::map(0..3, |x| x).any(|_| {
        count += 1;
//      ^ error: cannot assign to `count`, as it is a captured variable in a `Fn` closure
        false
    });
}

fn captures(counted: &Rc<f64>, last: &Cell<f64>) {
    parallelize::map([1.0, 2.0], |x| x * **counted).for_each(drop);
//                               ^ error: `Rc<f64>` cannot be shared between threads safely
    parallelize::map([1.0, 2.0], |x| last.set(x)).for_each(drop);
//                               ^ error: `Cell<f64>` cannot be shared between threads safely
}

fn main() {
    let counted = Rc::new(1.0);
    captures(&counted, &Cell::new(0.0));
    mutates();
    let _ = parallelize::map(vec![counted], |x| *x);
//                           ^ error: `Rc<f64>` cannot be sent between threads safely
    let _ = parallelize::map([1.0, 2.0], Rc::<f64>::new);
//          ^ error: `Rc<f64>` cannot be sent between threads safely
}
