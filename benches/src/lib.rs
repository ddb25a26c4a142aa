//! The harness of both programs, `main.rs` and `bin/grid/`, and the cases of the first one.

/// Defines one function per case, because the crate remembers the cost of each function.
#[macro_export]
macro_rules! work {
    ($($name:ident)*) => { $(
        #[parallelize::parallelize(over = count)]
        #[inline(never)]
        fn $name(count: u64, seed: u64) -> u64 {
            $crate::harness::steps(seed, count)
        }
    )* };
}

pub mod cases;
pub mod chart;
pub mod contenders;
pub mod harness;
pub mod outside;
pub mod partner;
pub mod report;
