//! One cell in a process of its own: its contenders take turns, and the times are printed.

use crate::cell::{Cell, Extent, Machine, Timing};
use crate::process;
use parallelize_benches::harness::{Call, Pace, contest};
use parallelize_benches::partner::Load;
use std::hint::black_box;

/// The contenders of each cell, the serial loop first.
pub const CONTENDERS: [&str; 3] = ["loop", "parallelize", "rayon"];

/// How a process measures its cell.
pub struct Trial {
    pub cell: Cell,
    pub pace: Pace,
    pub per_micro: f64,
    /// Decides the order of the contenders.
    pub seed: u64,
}

impl Trial {
    /// The number of steps of an item, which the compiler does not know.
    pub fn steps(&self) -> u64 {
        black_box(self.cell.work.steps(self.per_micro))
    }

    /// Warms up the contenders and measures them. `prepare` makes what a call consumes.
    pub fn run<G, R: PartialEq>(&self, prepare: impl Fn() -> G, contenders: [Call<'_, G, Vec<R>>; 3]) -> Vec<Vec<f64>> {
        if self.cell.timing != Timing::First {
            // rayon may return the results in another order.
            let expected = contenders[0](prepare());
            assert!(contenders[1](prepare()) == expected, "{}: the results differ", self.cell);
            assert_eq!(contenders[2](prepare()).len(), expected.len(), "{}: rayon's results", self.cell);
        }
        for _ in 0..self.cell.warm_ups() {
            contenders.iter().for_each(|call| drop(black_box(call(prepare()))));
        }
        contest(&contenders, prepare, self.pace, self.seed)
    }
}

/// Measures one cell and prints one line per contender: its seconds per call, round by round.
pub fn print(cell: Cell, extent: Extent, per_micro: f64, seed: u64) {
    process::start(cell.len);
    let load = (cell.machine == Machine::Busy).then(Load::start);
    let trial = Trial { cell, pace: cell.pace(extent), per_micro, seed };
    for seconds in (cell.kind.run)(&trial) {
        let line: Vec<String> = seconds.iter().map(|seconds| format!("{seconds:e}")).collect();
        println!("{}", line.join(" "));
    }
    drop(load);
}
