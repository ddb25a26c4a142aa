//! Functions of every shape: the generated functions compile in each edition and return the results
//! of the serial loop.
//!
//! Each test compares them with `map` over the annotated function, or with literal results.

// Some shapes need public, unused or fully qualified items.
#![allow(unreachable_pub, dead_code, unused_qualifications)]
// The shapes are unusual on purpose; `tests/strict` checks generated functions with clippy.
#![allow(clippy::all, clippy::pedantic)]

mod associated;
mod asynchronous;
#[cfg(feature = "distributed")]
mod distributed;
mod fragments;
mod generics;
mod hygiene;
mod impl_trait;
mod lazy;
mod lazy_methods;
mod lazy_names;
mod lifetimes;
mod methods;
mod names;
mod options;
mod patterns;
mod plain;
mod qualifiers;
mod several;
mod tokens;
mod traits;
