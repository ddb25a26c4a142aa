//! The cells of the grid: their names, which of them are measured, and how long.

use crate::kinds::{KINDS, Kind};
use crate::work::{WORKS, Work};
use parallelize_benches::harness::Pace;
use std::fmt::{self, Display, Formatter};
use std::time::Duration;

/// When a call is made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Timing {
    /// The first call of the function in a process whose threads have been started.
    First,
    /// One call per turn, after calls of the function.
    Warm,
    /// Calls back to back. The time is their mean.
    Burst,
    /// One call per turn, after a sleep.
    Pause,
}

/// What else the machine does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Machine {
    Idle,
    /// A thread of normal priority spins.
    Busy,
}

/// One cell of the grid.
#[derive(Clone, Copy)]
pub struct Cell {
    pub kind: &'static Kind,
    pub work: Work,
    pub len: usize,
    pub timing: Timing,
    pub machine: Machine,
}

/// Which cells are measured, and how thoroughly.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    Full,
    Short,
}

/// Maximum nominal duration of the serial loop, in milliseconds, because a cell takes ten rounds at
/// least.
pub const MAX_LOOP_MILLIS: f64 = 150.0;

/// The same for first calls on an idle machine, and for warm calls on a busy one. Longer calls
/// would take most of the time of the grid.
pub const MAX_MEDIUM_LOOP_MILLIS: f64 = 30.0;

/// The same for bursts, pauses, and first calls on a busy machine. Longer calls do not feel what
/// was before them.
pub const MAX_SHORT_LOOP_MILLIS: f64 = 5.0;

/// The same in the short form, for all cells.
const MAX_LOOP_MILLIS_IF_SHORT: f64 = 3.0;

/// Duration of the sleep before a turn of a cell with pauses.
const PAUSE: Duration = Duration::from_millis(2);

/// Duration of the sleep before a first call, so that the worker threads have fallen asleep.
const PAUSE_BEFORE_FIRST: Duration = Duration::from_millis(1);

impl Cell {
    /// Nominal duration of the serial loop, in milliseconds.
    pub fn loop_millis(&self) -> f64 {
        self.len as f64 * (self.work.nanos() + self.kind.input_nanos) / 1e6
    }

    fn is_measured(&self, extent: Extent) -> bool {
        let millis = self.loop_millis();
        let max_millis = match (self.timing, self.machine) {
            (Timing::Warm, Machine::Idle) => MAX_LOOP_MILLIS,
            (Timing::Warm, Machine::Busy) | (Timing::First, Machine::Idle) => MAX_MEDIUM_LOOP_MILLIS,
            _ => MAX_SHORT_LOOP_MILLIS,
        };
        let in_full = self.len <= self.kind.max_len && millis <= max_millis;
        let in_short = || {
            [Work::Steps(5), Work::Steps(1000), Work::Vector(1), Work::Steps(0)].contains(&self.work)
                && millis <= MAX_LOOP_MILLIS_IF_SHORT
                && [100, 1000, 100_000].contains(&self.len)
                && self.timing != Timing::Burst
                && (self.machine == Machine::Idle || self.timing == Timing::Warm)
        };
        in_full && (extent == Extent::Full || in_short())
    }

    /// Number of processes that measure the cell. Each process can make one first call only.
    pub fn processes(&self, extent: Extent) -> usize {
        match (self.timing, extent) {
            (Timing::First, Extent::Full) => (200.0 / (8.0 + 2.5 * self.loop_millis())).clamp(10.0, 16.0) as usize,
            (Timing::First, Extent::Short) => 10,
            _ => 1,
        }
    }

    /// Calls per turn, sleep and rounds of one process.
    pub fn pace(&self, extent: Extent) -> Pace {
        let millis = self.loop_millis().max(1e-4);
        // All contenders of a round, if none is much slower than the loop.
        let round = 3.0 * millis;
        let budget = if extent == Extent::Full { 100.0 } else { 50.0 };
        let rounds = |round: f64, most: f64| (budget / round).clamp(10.0, most) as usize;
        let once = |pause, rounds| Pace { repeat: 1, pause, rounds };
        match self.timing {
            Timing::First => once(PAUSE_BEFORE_FIRST, 1),
            Timing::Warm => once(Duration::ZERO, rounds(round, 101.0)),
            Timing::Pause => once(PAUSE, rounds(0.25 * (round + 3.0 * PAUSE.as_secs_f64() * 1e3), 41.0)),
            Timing::Burst => {
                let repeat = (0.2 / millis).clamp(4.0, 200.0);
                Pace { repeat: repeat as usize, pause: Duration::ZERO, rounds: rounds(round * repeat, 41.0) }
            }
        }
    }

    /// Number of calls that warm up the function, so that its memory has settled.
    pub fn warm_ups(&self) -> usize {
        match self.timing {
            Timing::First => 0,
            _ => (10.0 / self.loop_millis().max(1e-4)).clamp(2.0, 40.0) as usize,
        }
    }
}

impl Display for Cell {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let Cell { kind, work, len, timing, machine } = self;
        let timing = format!("{timing:?}").to_lowercase();
        let machine = format!("{machine:?}").to_lowercase();
        write!(out, "{}, {work}, 10^{}, {timing}, {machine}", kind.name, len.ilog10())
    }
}

/// All cells that are measured.
pub fn all(extent: Extent) -> Vec<Cell> {
    let mut cells = Vec::new();
    for kind in &KINDS {
        let works = if kind.is_read_only { &[Work::Steps(0)][..] } else { &WORKS };
        for &work in works {
            for len in (1..=7).map(|digits| 10_usize.pow(digits)) {
                for timing in [Timing::First, Timing::Warm, Timing::Burst, Timing::Pause] {
                    for machine in [Machine::Idle, Machine::Busy] {
                        let cell = Cell { kind, work, len, timing, machine };
                        if cell.is_measured(extent) {
                            cells.push(cell);
                        }
                    }
                }
            }
        }
    }
    cells
}
