//! Every shape of function: its twin compiles and returns what the loop does. Compiled in each edition.
//!
//! Each test holds the twin against `map` over the original, which is the serial loop.

mod associated;
mod generics;
mod hygiene;
mod impl_trait;
mod lifetimes;
mod methods;
mod patterns;
mod plain;
mod qualifiers;
mod traits;
