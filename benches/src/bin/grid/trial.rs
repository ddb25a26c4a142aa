//! One cell in a process of its own: its contenders take turns, and the times are printed.

use crate::cell::{Cell, Extent, Machine, Timing};
use parallelize::parallelize;
use parallelize_benches::harness::{Pace, steps, take_turns};
use parallelize_benches::partner::Load;
use std::hint::black_box;
use std::time::Instant;

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

/// One contender: a call with what has been prepared for it.
pub type Call<'a, G, R> = &'a dyn Fn(G) -> Vec<R>;

impl Trial {
    /// The number of steps of an item, which the compiler does not know.
    pub fn steps(&self) -> u64 {
        black_box(self.cell.work.steps(self.per_micro))
    }

    /// Measures the contenders. `prepare` makes what a call consumes. Neither that nor the drop of
    /// the results is in the measured time.
    ///
    /// Each call allocates its results. rayon may return them in another order.
    pub fn run<G, R: PartialEq>(&self, prepare: impl Fn() -> G, contenders: [Call<'_, G, R>; 3]) -> Vec<Vec<f64>> {
        if self.cell.timing != Timing::First {
            let expected = contenders[0](prepare());
            assert!(contenders[1](prepare()) == expected, "{}: the results differ", self.cell);
            assert_eq!(contenders[2](prepare()).len(), expected.len(), "{}: rayon's results", self.cell);
        }
        for _ in 0..self.cell.warm_ups() {
            contenders.iter().for_each(|call| drop(black_box(call(prepare()))));
        }
        let mut seconds = vec![Vec::new(); contenders.len()];
        take_turns(contenders.len(), self.pace, self.seed, |_, index| {
            let mut prepared: Vec<G> = (0..self.pace.repeat).map(|_| prepare()).collect();
            let mut results = Vec::with_capacity(self.pace.repeat);
            let call = contenders[index];
            let start = Instant::now();
            results.extend(prepared.drain(..).map(call));
            let time = start.elapsed().as_secs_f64();
            drop(black_box(results));
            seconds[index].push(time / self.pace.repeat as f64);
        });
        seconds
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

/// Measures one cell and prints one line per contender: its seconds per call, round by round.
pub fn print(cell: Cell, extent: Extent, per_micro: f64, seed: u64) {
    drop(black_box(vec![1_u8; BLOCK_BYTES]));
    for _ in 0..3 {
        black_box(starter_parallel(0..STARTER_ITEMS));
    }
    let load = (cell.machine == Machine::Busy).then(Load::start);
    let trial = Trial { cell, pace: cell.pace(extent), per_micro, seed };
    for seconds in (cell.kind.run)(&trial) {
        let line: Vec<String> = seconds.iter().map(|seconds| format!("{seconds:e}")).collect();
        println!("{}", line.join(" "));
    }
    drop(load);
}
