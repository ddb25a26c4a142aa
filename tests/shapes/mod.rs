//! Every shape of function: its twin compiles and returns what the loop does. Compiled in each edition.
//!
//! Each test holds the twin against `map` over the original, which is the serial loop.

// Public where that is what is tested.
#![allow(unreachable_pub, dead_code, unused_qualifications)]
// Odd on purpose; what clippy thinks of twins is tested in `strict`.
#![allow(clippy::all, clippy::pedantic)]

mod associated;
mod generics;
mod hygiene;
mod impl_trait;
mod lazy;
mod lazy_methods;
mod lazy_names;
mod lifetimes;
mod methods;
mod options;
mod patterns;
mod plain;
mod qualifiers;
mod several;
mod traits;
