//! Stage 2: checking the attribute against the function.
//!
//! `request` has a `check_*` function per rule and returns what the attribute asks for; `mapping` says
//! which parameters are mapped, and `states` which ones the generated functions create themselves.
//!
//! May import `read` and `errors`. It writes no tokens, and it reports all mistakes, not the first only.

pub(crate) mod mapping;
pub(crate) mod request;
pub(crate) mod states;
