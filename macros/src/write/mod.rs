//! Stage 4: code generation.
//!
//! `expand` writes the functions: `callee` names the function that they call, `calls` has the input and
//! the closure that they pass to the runtime, `returns` their return types, `docs` and `forward` their
//! documentation and attributes. After a mistake `stub` and `fallback` write functions without work;
//! `editor` writes what an editor completes.
//!
//! May import all stages before it. It decides nothing that a user could see as a choice.

mod callee;
mod calls;
mod docs;
pub(crate) mod editor;
pub(crate) mod expand;
pub(crate) mod fallback;
mod forward;
mod returns;
pub(crate) mod stub;
