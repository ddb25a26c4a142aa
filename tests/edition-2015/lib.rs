//! Annotated functions in a `no_std` crate of edition 2015; `tests/edition-2018` calls them.
#![no_std]
#![allow(missing_docs, clippy::missing_errors_doc, clippy::must_use_candidate)]

extern crate alloc;
extern crate parallelize;

pub mod inner {
    use alloc::string::{String, ToString};
    use core::future::{Future, ready};
    use parallelize::parallelize;

    #[parallelize(over = x)]
    pub fn scale(x: f64, by: f64) -> f64 {
        x * by
    }

    #[parallelize(over = x, per_item(index = |i| i), catch_panics)]
    pub fn show(x: u32, index: usize) -> String {
        (x as usize + index).to_string()
    }

    #[parallelize(over = zip(x, y), try_collect)]
    pub fn divide(x: u32, y: u32) -> Result<u32, u32> {
        x.checked_div(y).ok_or(x)
    }

    #[parallelize(over = x, per_item(index = |i| i))]
    pub fn later(x: u32, index: &mut usize) -> impl Future<Output = usize> + Send {
        ready(x as usize + *index)
    }

    #[parallelize(over = product(x, y), skip_none)]
    pub fn difference(x: u32, y: u32) -> Option<u32> {
        x.checked_sub(y)
    }
}
