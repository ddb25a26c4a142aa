//! Calls with arguments of wrong types.

use parallelize::parallelize;

#[parallelize(over = word)]
fn weigh(word: &str, factor: f64, weight: impl Fn(&str) -> f64) -> f64 {
    weight(word) * factor
}

fn main() {
    weigh_parallel(vec![String::new()], 1.0, |_| 1.0);
//                 ^ error: the mapped parameter takes items of type `&str`, and `Vec<String>` does not yield those
    weigh_parallel("a b", 1.0, |_| 1.0);
//  ^ error: `&str` is not an iterator
    weigh_parallel(["a"], 1.0);
//  ^ error: this function takes 3 arguments but 2 arguments were supplied
}
