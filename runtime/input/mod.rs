//! Inputs: what a mapped parameter takes (`items`), iterators over the items of several mapped
//! parameters (`zip`, `product`) or with their indices (`indexed`), and how an input of a known
//! type is split (`split`).
//!
//! May import nothing else of this crate. These are ordinary iterators, and do not know that
//! several threads pull from them.

pub(crate) mod indexed;
pub(crate) mod items;
pub(crate) mod product;
pub(crate) mod split;
pub(crate) mod zip;
