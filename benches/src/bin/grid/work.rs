//! The work of one item: dependent steps, or a form that the compiler can vectorize.

use std::fmt::{self, Display, Formatter};

/// What one item costs, and in which form.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Work {
    /// A call that is not inlined, of dependent steps. The time is in nanoseconds, and that of
    /// one item alone. The processor overlaps short items. Without steps, the call reads the item.
    Steps(u32),
    /// A fixed number of shifts, which the compiler can run for several items at a time. The time
    /// is in nanoseconds, and holds for an input that the compiler does vectorize.
    Vector(u32),
}

/// All costs of the grid.
pub const WORKS: [Work; 9] = [
    Work::Steps(1),
    Work::Steps(5),
    Work::Steps(20),
    Work::Steps(100),
    Work::Steps(1000),
    Work::Steps(10_000),
    Work::Vector(1),
    Work::Vector(5),
    Work::Vector(20),
];

impl Work {
    /// The nominal time of one item.
    pub fn nanos(self) -> f64 {
        match self {
            Work::Steps(nanos) | Work::Vector(nanos) => f64::from(nanos),
        }
    }

    /// The number of steps of one item.
    pub fn steps(self, per_micro: f64) -> u64 {
        match self {
            Work::Steps(nanos) => (f64::from(nanos) * per_micro / 1000.0).round() as u64,
            Work::Vector(_) => 0,
        }
    }
}

impl Display for Work {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Work::Steps(0) => write!(out, "read"),
            Work::Steps(nanos @ 1000..) => write!(out, "steps {} us", nanos / 1000),
            Work::Steps(nanos) => write!(out, "steps {nanos} ns"),
            Work::Vector(nanos) => write!(out, "vector {nanos} ns"),
        }
    }
}

/// One turn of shifts, which exist for vectors on all processors.
#[inline]
fn turn(mut x: u64) -> u64 {
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    x
}

/// Runs 4 turns: about 1 ns per item in vectors of two items. Without a loop, because the compiler
/// does not vectorize over items if they contain one.
#[inline]
pub fn four(x: u64) -> u64 {
    turn(turn(turn(turn(x))))
}

/// Runs 12 turns.
#[inline]
pub fn twelve(x: u64) -> u64 {
    four(four(four(x)))
}

/// Runs 24 turns.
#[inline]
pub fn twenty_four(x: u64) -> u64 {
    twelve(twelve(x))
}
