//! Functions of every shape, in edition 2018.
#![cfg(test)]

#[path = "../shapes/before_2024.rs"]
mod before_2024;
#[path = "../shapes/mod.rs"]
mod shapes;

use std::future::Future;
use std::task::{Context, Poll, Waker};

#[test]
fn functions_of_a_no_std_crate_of_edition_2015() {
    use parallelize_edition_2015::inner;
    assert_eq!(inner::scale_parallel(vec![1.0, 2.0], 2.0), [2.0, 4.0]);
    assert_eq!(inner::show_parallel(vec![5, 5]).pop().expect("a result").expect("no panic"), "6");
    assert_eq!(inner::divide_parallel(vec![4, 6], vec![2, 3]), Ok(vec![2, 2]));
    assert_eq!(inner::divide_parallel_iter(vec![4, 6], vec![2, 0]).try_collect::<Vec<_>>(), Err(6));
    assert_eq!(inner::difference_parallel(vec![1, 2], vec![2]), [0]);
    let mut later = Box::pin(inner::later_parallel(vec![1, 2]));
    assert_eq!(later.as_mut().poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(vec![1, 3]));
}
