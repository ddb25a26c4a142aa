//! Stage 3: the model of the generated functions.
//!
//! `generated` is the model and `build` creates it from a request: `unnamed` names elided lifetimes and
//! `impl Trait`s, `bounds` collects what the where-clause says, and `paths` places paths for errors.
//!
//! May import `check` and `read`. Nothing can fail here: what is wrong has been reported.

pub(crate) mod bounds;
pub(crate) mod build;
pub(crate) mod generated;
pub(crate) mod paths;
pub(crate) mod unnamed;
