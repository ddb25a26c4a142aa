//! The harness of both programs, `main.rs` and `bin/grid/`, and the cases of the first one.

pub mod cases;
pub mod chart;
pub mod contenders;
pub mod harness;
pub mod outside;
pub mod partner;
pub mod report;
