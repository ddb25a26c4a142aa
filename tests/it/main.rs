//! What the crate promises, a module for each behaviour.

#[path = "../shapes/mod.rs"]
mod shapes;
