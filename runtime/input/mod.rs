//! Inputs: what a mapped parameter takes (`items`), and iterators over the items of several mapped
//! parameters (`zip`, `product`).
//!
//! May import nothing else of this crate. These are ordinary iterators, and do not know that
//! several threads pull from them.

pub(crate) mod items;
pub(crate) mod product;
pub(crate) mod zip;
