//! The file that keeps the results of calls, so that a later run of the program
//! takes them from there.
//!
//! A `checkpoint` is the handle of an open `store`. Its `writer` is a thread
//! that commits what calls have computed. The header of a `sweep` says which
//! function and which fixed arguments its results belong to; a `key` has the
//! same for a call that begins. A `run` is one call: it finds results, keeps
//! new ones, makes a `comparison` with results of another build of the program
//! (`executable`), and leaves a `summary`. `encoding` turns results into bytes
//! and items into keys. For that it has `shape`, `fingerprint` and
//! `description`, three visitors of what a value `walk` serializes.
//!
//! Imports no other wing: it knows files and results, but no calls.

#[allow(clippy::module_inception, reason = "the wing is named after its handle")]
pub(crate) mod checkpoint;
pub(crate) mod comparison;
pub(crate) mod encoding;
pub(crate) mod error;
pub(crate) mod if_changed;
pub(crate) mod key;
pub(crate) mod run;
pub(crate) mod summary;
pub(crate) mod sweep_info;
