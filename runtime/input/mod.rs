//! Inputs of functions with several mapped parameters: iterators over tuples of items.
//!
//! May import nothing else of this crate. The iterators are ordinary ones, and never know that they
//! are pulled from several threads.

pub(crate) mod product;
pub(crate) mod zip;
