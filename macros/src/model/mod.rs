//! Stage 3: the model of the generated functions.
//!
//! `generated` is the model, and `build` creates it from a request. `unnamed` names elided
//! lifetimes and `impl Trait`s, `bounds` collects the predicates of the where clause, and `paths`
//! gives tokens the span at which their errors belong.
//!
//! This stage may import `check`, `read` and `errors`. It cannot fail, because all mistakes have
//! been reported.

pub(crate) mod bounds;
pub(crate) mod build;
pub(crate) mod generated;
pub(crate) mod paths;
pub(crate) mod unnamed;
