//! The file that keeps the results of calls, so that a later run of the program takes them from
//! there.
//!
//! A `checkpoint` is the handle of a `store`, which has an open `file` and a thread that commits
//! what waits in its `queue`. The header of a `sweep` says which function and which fixed arguments
//! its results belong to; a `key` has the same for a call that begins. A `run` is one call: it
//! finds results, keeps new ones, makes a `comparison` with results of another build of the program
//! (`executable`), and leaves a `summary`. `failing` tells its items that there was an `error`.
//! `encoding` turns results into bytes and items into keys. For that it has `shape`, `fingerprint`
//! and `description`, three visitors of what a value `walk` serializes.
//!
//! Imports no other wing: it knows files and results, but no calls.

#[allow(clippy::module_inception, reason = "the wing is named after its handle")]
pub(crate) mod checkpoint;
pub(crate) mod comparison;
mod description;
pub(crate) mod encoding;
pub(crate) mod error;
mod executable;
pub(crate) mod failing;
mod file;
mod fingerprint;
#[cfg(test)]
mod fixture;
pub(crate) mod if_changed;
pub(crate) mod key;
mod mix;
mod queue;
pub(crate) mod run;
mod shape;
mod store;
pub(crate) mod summary;
mod sweep;
pub(crate) mod sweep_info;
mod walk;

// Tests of several of these files.
#[cfg(test)]
mod behavior;
#[cfg(test)]
mod changes;
#[cfg(test)]
mod damage;
