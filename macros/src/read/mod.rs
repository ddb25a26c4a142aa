//! Stage 1: reading the attribute and the function.
//!
//! `args` reads the words of the attribute, and `values` the values of the options. `function`
//! reads the function up to its body, which stays tokens, and `future` finds out whether it is
//! async. `groups` keeps what a macro has grouped together. `names` and `types` answer questions
//! about tokens and types, and `code` tells whether the code of a function has changed.
//!
//! This stage may import `errors` only. It never compares the attribute with the function, except
//! that `args` knows the names of the parameters to suggest one of them.

pub(crate) mod args;
pub(crate) mod code;
pub(crate) mod function;
pub(crate) mod future;
pub(crate) mod groups;
pub(crate) mod names;
pub(crate) mod types;
pub(crate) mod values;
