//! One cell in a process of its own: its contenders take turns, and the times are printed.

use crate::cell::{Cell, Extent, Machine, Timing};
use parallelize::parallelize;
use parallelize_benches::harness::{Call, Pace, contest, steps};
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

/// Work that starts the threads of the process.
#[parallelize]
fn starter(seed: u64) -> u64 {
    steps(seed, 100_000)
}

/// Number of items with which the threads of the process are started.
const STARTER_ITEMS: u64 = 20;

/// Size of the block that is allocated and freed before the measurement, in bytes. An allocator that
/// adapts to the sizes of freed blocks has then adapted for all contenders.
const BLOCK_BYTES: usize = 32 << 20;

/// Starts the threads of the process, and lets the allocator adapt.
pub fn start_process() {
    drop(black_box(vec![1_u8; BLOCK_BYTES]));
    for _ in 0..3 {
        black_box(starter_parallel(0..STARTER_ITEMS));
    }
}

/// Measures one cell and prints one line per contender: its seconds per call, round by round.
pub fn print(cell: Cell, extent: Extent, per_micro: f64, seed: u64) {
    start_process();
    let load = (cell.machine == Machine::Busy).then(Load::start);
    let trial = Trial { cell, pace: cell.pace(extent), per_micro, seed };
    for seconds in (cell.kind.run)(&trial) {
        let line: Vec<String> = seconds.iter().map(|seconds| format!("{seconds:e}")).collect();
        println!("{}", line.join(" "));
    }
    drop(load);
}
