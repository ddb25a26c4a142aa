//! Functions of every shape, in edition 2021.
#![cfg(test)]

#[path = "../shapes/before_2024.rs"]
mod before_2024;
#[path = "../shapes/mod.rs"]
mod shapes;
