//! Stage 2: checking the attribute against the function.
//!
//! `request` has one `check_*` function per rule and returns what the attribute asks for. `mapping`
//! finds the mapped parameters, and `states` those that the generated functions
//! create themselves. `asynchronous` has the rules for async functions, and
//! `checkpoint` those for results that are kept.
//!
//! This stage may import `read` and `errors`. It reports all mistakes, not only the first, and
//! writes no tokens.

pub(crate) mod asynchronous;
pub(crate) mod checkpoint;
pub(crate) mod distributed;
pub(crate) mod mapping;
pub(crate) mod request;
pub(crate) mod states;
