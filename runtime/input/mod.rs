//! Inputs: what a mapped parameter takes (`items`), and iterators over the items of several mapped
//! parameters (`zip`, `product`).
//!
//! May import nothing else of this crate. The iterators are ordinary ones, and never know that they
//! are pulled from several threads.

pub(crate) mod items;
pub(crate) mod product;
pub(crate) mod zip;
