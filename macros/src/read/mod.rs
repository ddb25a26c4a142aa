//! Stage 1: reading the attribute and the function.
//!
//! `args` has the words of the attribute, whose values `values` reads; `function` has the function up to
//! its body, which stays tokens; `names` and `types` answer questions about tokens and types.
//!
//! May import `errors` only. It never compares the attribute with the function.

pub(crate) mod args;
pub(crate) mod function;
pub(crate) mod names;
pub(crate) mod types;
pub(crate) mod values;
