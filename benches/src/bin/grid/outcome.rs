//! What was measured of one cell, and whether it meets its goal.

use crate::cell::{Cell, Machine, Timing};
use parallelize_benches::harness::{Times, quantile};

/// The times of one cell, or of all processes that measured it.
pub struct Outcome {
    pub cell: Cell,
    /// The serial loop, this crate and rayon.
    pub times: Vec<Times>,
    /// The speed-up of threads that already spin, if it was measured.
    pub limit: Option<f64>,
}

/// What a cell may lose: a share of the speed of the serial loop, or a time.
struct Allowance {
    /// Minimum ratio that nine rounds in ten reach.
    ratio: f64,
    /// Maximum loss in microseconds in nine rounds of ten, if the ratio is lower.
    micros: f64,
}

impl Outcome {
    fn allowance(&self) -> Allowance {
        match (self.cell.machine, self.cell.timing) {
            (Machine::Idle, Timing::First) => Allowance { ratio: 0.90, micros: 60.0 },
            (Machine::Idle, _) => Allowance { ratio: 0.90, micros: 2.0 },
            // Not below the allowance of an idle machine.
            (Machine::Busy, Timing::First) => Allowance { ratio: 0.80, micros: 60.0 },
            (Machine::Busy, _) => Allowance { ratio: 0.80, micros: 20.0 },
        }
    }

    pub fn serial(&self) -> &Times {
        &self.times[0]
    }

    pub fn ours(&self) -> &Times {
        &self.times[1]
    }

    pub fn rayon(&self) -> &Times {
        &self.times[2]
    }

    /// Quantile `at` of the microseconds that a call takes longer than the serial loop.
    pub fn loss_micros(&self, at: f64) -> f64 {
        let pairs = self.serial().seconds.iter().zip(&self.ours().seconds);
        quantile(&pairs.map(|(serial, ours)| (ours - serial) * 1e6).collect::<Vec<_>>(), at)
    }

    /// Returns whether the loss in the worst tenth exceeds the allowed time.
    pub fn exceeds_allowed_time(&self) -> bool {
        self.loss_micros(0.9) > self.allowance().micros
    }

    pub fn meets_goal(&self) -> bool {
        self.ours().p10() >= self.allowance().ratio || !self.exceeds_allowed_time()
    }

    /// Returns whether nine rounds in ten are three times slower than the serial loop, and lose
    /// more than the allowed time. It is longer in two cases:
    ///
    /// - ten times for the first call of a function, because threads are woken for it, which takes
    ///   longer if the cores are busy
    /// - five times after a pause on an idle machine, because some processors have lost their
    ///   caches in it, and a call then loads ten times as much code as the loop
    pub fn is_gross(&self) -> bool {
        let factor = match (self.cell.timing, self.cell.machine) {
            (Timing::First, _) => 10.0,
            (Timing::Pause, Machine::Idle) => 5.0,
            _ => 1.0,
        };
        quantile(&self.ours().ratios, 0.9) < 1.0 / 3.0 && self.loss_micros(0.1) > factor * self.allowance().micros
    }
}
