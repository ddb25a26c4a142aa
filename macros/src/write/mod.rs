//! Stage 4: writing the tokens of the generated functions.
//!
//! `expand` writes the functions, and `asynchronous` their bodies for an async
//! function. `callee` names the function that they call, and `calls` writes the
//! input and the function of one item that they pass to the runtime. `keep`
//! lets a checkpoint keep its results, and `distribute` lets its items run in
//! other processes. `returns` has their return types, `forward` and `lints`
//! their attributes, and `docs` their documentation.
//!
//! After a mistake, `stub` and `fallback` write functions without work. `editor` writes the names
//! that an editor completes.
//!
//! This stage may import all stages before it and `errors`. They have decided what the functions
//! do.

mod asynchronous;
mod callee;
mod calls;
mod distribute;
mod docs;
pub(crate) mod editor;
pub(crate) mod expand;
pub(crate) mod fallback;
mod forward;
mod keep;
mod lints;
mod returns;
pub(crate) mod stub;
