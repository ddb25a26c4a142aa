//! Async functions: what the future of a parallel function holds must be `Send`.

use parallelize::parallelize;
use std::cell::Cell;
use std::fmt::{Debug, Display};
use std::rc::Rc;

/// An await point.
pub async fn pause() {}

#[parallelize(over = x)]
pub async fn held(x: u32, by: u32) -> u32 {
//  ^ error: future cannot be sent between threads safely
    let held = Rc::new(x);
    pause().await;
    *held + by
}

#[parallelize(over = x, try_collect)]
pub async fn lent<T: Debug>(x: T, by: u32) -> Result<String, T> {
//  ^ error: future cannot be sent between threads safely
    let text = &x;
    pause().await;
    Ok(format!("{text:?}{by}"))
}

#[parallelize(over = x)]
pub fn returned(x: u32) -> impl Future<Output = u32> {
//                         ^ error: future cannot be sent between threads safely
    let held = Rc::new(x);
    async move {
        pause().await;
        *held
    }
}

#[parallelize(over = x)]
pub async fn shared(x: u32, cell: &Cell<u32>) -> u32 {
//                                 ^ error: the fixed parameter `shared_parallel::cell` cannot be shared between threads
    pause().await;
    x + cell.get()
}

#[parallelize(over = x)]
pub async fn counted(x: u32, count: Rc<u32>) -> u32 {
//                                  ^ error: the fixed parameter `count` cannot be sent between threads
    pause().await;
    x + *count
}

#[parallelize(over = x, per_item(log = |_| Rc::new(Cell::new(0))))]
pub async fn created(x: u32, log: &mut Rc<Cell<u32>>) -> u32 {
//                                     ^ error: the values of the parameter `log`, which are created for each item, cannot be sent between threads
    pause().await;
    log.set(x);
    x
}

#[parallelize(over = product(x, y))]
pub async fn combined(x: u32, y: Rc<u32>) -> u32 {
//                       ^ error: the items of the mapped parameter `combined_parallel::x_and_y` cannot be sent between threads
    pause().await;
    x + *y
}

pub struct Handle(u32);

#[parallelize(over = x)]
pub async fn unique(x: u32, handle: Handle) -> u32 {
//                                  ^ error: the fixed parameter `unique_parallel::handle` is passed by value, and cannot be cloned for each call
    pause().await;
    x + handle.0
}

#[parallelize(over = x, local)]
pub async fn unique_here(x: u32, handle: Handle) -> u32 {
//                                       ^ error: the fixed parameter `unique_here_parallel::handle` is passed by value, and cannot be cloned for each call
    pause().await;
    x + handle.0
}

#[parallelize(over = x)]
pub async fn item(x: Rc<u32>, by: u32) -> u32 {
//                   ^ error: the items of the mapped parameter `item_parallel::x` cannot be sent between threads
    pause().await;
    *x + by
}

#[parallelize(over = zip(x, y))]
pub async fn items(x: Rc<u32>, y: u32) -> u32 {
//                    ^ error: the items of the mapped parameter `items_parallel::x_and_y` cannot be sent between threads
    pause().await;
    *x + y
}

#[parallelize(over = x, catch_panics)]
pub async fn result(x: u32) -> Rc<u32> {
//                             ^ error: the results of this function cannot be sent between threads
    pause().await;
    Rc::new(x)
}

#[parallelize(over = x)]
pub async fn opaque(x: u32) -> impl Display {
//                             ^ error: the results of this function cannot be sent between threads
    pause().await;
    Rc::new(x)
}

#[parallelize(over = x, skip_none)]
pub async fn number(x: u32) -> u32 {
//                             ^ error: `skip_none` needs a function that returns an `Option`
    pause().await;
    x
}

#[parallelize(over = x, skip_none, catch_panics)]
pub async fn text(x: &str, by: usize) -> Result<&str, usize> {
//                                       ^ error: `skip_none` needs a function that returns an `Option`
    pause().await;
    x.get(by..).ok_or(by)
}

pub mod own {
    pub enum Option<T> {
        Some(T),
    }

    pub enum Result<T> {
        Ok(T),
    }
}

#[parallelize(over = x, skip_none)]
pub async fn own_option(x: u32) -> own::Option<u32> {
//                                 ^ error: `skip_none` needs a function that returns an `Option`
    pause().await;
    own::Option::Some(x)
}

#[parallelize(over = x, try_collect)]
pub async fn own_result(x: u32) -> own::Result<u32> {
//                                 ^ error: `try_collect` needs a function that returns a `Result`, an `Option`
    pause().await;
    own::Result::Ok(x)
}

#[parallelize(over = x, try_collect)]
pub async fn attempt(x: u32) -> u32 {
//                              ^ error: `try_collect` needs a function that returns a `Result`, an `Option`
    pause().await;
    x
}

/// Calls of the functions above are no other errors.
pub async fn calls() {
    held_parallel([1], 2).await;
    held_parallel_iter([1], 2).collect::<Vec<_>>().await;
    shared_parallel([1], &Cell::new(2)).await;
    shared_parallel_iter([1], &Cell::new(2)).collect::<Vec<_>>().await;
    counted_parallel([1], Rc::new(2)).await;
    counted_parallel_iter([1], Rc::new(2)).collect::<Vec<_>>().await;
    unique_parallel([1], Handle(2)).await;
    unique_parallel_iter([1], Handle(2)).collect::<Vec<_>>().await;
    result_parallel([1]).await;
    println!("{}", opaque_parallel([1]).await[0]);
}

fn main() {}
