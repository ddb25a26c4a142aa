//! Measures cells: each in a new process, so that no cell knows the functions of another.

use crate::cell::{Cell, Extent, Machine};
use crate::outcome::Outcome;
use crate::process::{self, Freed};
use crate::trial::CONTENDERS;
use parallelize_benches::harness::{Times, quantile};
use parallelize_benches::partner::{Load, Partner};
use std::collections::HashMap;
use std::error::Error;

/// Measures the cells whose numbers and descriptions are given.
pub struct Driver {
    extent: Extent,
    freed: Freed,
    per_micro: f64,
    partner: Partner,
    /// The limits that are known, by the machine and the logarithm of the duration of a call.
    limits: HashMap<(bool, i32), f64>,
}

/// Minimum duration of a call, in microseconds, whose limit is measured. Below it, handing over the
/// work takes most of the time.
const MIN_MICROS_FOR_LIMIT: f64 = 10.0;

impl Driver {
    pub fn new(extent: Extent, freed: Freed, threads: usize, per_micro: f64) -> Self {
        Driver { extent, freed, per_micro, partner: Partner::new(threads), limits: HashMap::new() }
    }

    /// Measures one cell of [`all`](crate::cell::all).
    pub fn measure(&mut self, index: usize, cell: Cell) -> Result<Outcome, Box<dyn Error>> {
        let mut seconds = vec![Vec::new(); CONTENDERS.len()];
        for process in 0..cell.processes(self.extent) {
            for (all, new) in seconds.iter_mut().zip(self.seconds_of_process(index, process, &cell)?) {
                all.extend(new);
            }
        }
        let micros = 1e6 * quantile(&seconds[0], 0.5);
        let limit = (micros >= MIN_MICROS_FOR_LIMIT).then(|| self.limit(micros, cell.machine));
        Ok(Outcome { cell, times: Times::compared(&CONTENDERS, seconds), limit })
    }

    fn seconds_of_process(&self, index: usize, seed: usize, cell: &Cell) -> Result<Vec<Vec<f64>>, Box<dyn Error>> {
        let freed = if cell.kind.is_read_only { Freed::Default } else { self.freed };
        let mut command = process::command(freed)?;
        command.arg("--trial").args((self.extent == Extent::Short).then_some("--short"));
        command.args([index.to_string(), self.per_micro.to_string(), (seed + 1).to_string()]);
        let output = command.output()?;
        if !output.status.success() {
            return Err(format!("{cell}: the process ended with {}", output.status).into());
        }
        let text = String::from_utf8(output.stdout)?;
        let numbers = |line: &str| line.split(' ').map(str::parse).collect::<Result<Vec<f64>, _>>();
        let seconds = text.lines().map(numbers).collect::<Result<Vec<_>, _>>()?;
        let is_complete =
            seconds.len() == CONTENDERS.len() && seconds.iter().all(|line| line.len() == seconds[0].len());
        is_complete.then_some(seconds).ok_or_else(|| format!("{cell}: the process printed {text:?}").into())
    }

    /// The limit for calls of about `micros` microseconds, measured once per power of ten.
    fn limit(&mut self, micros: f64, machine: Machine) -> f64 {
        let decade = micros.log10().round() as i32;
        let measure = || {
            let _load = (machine == Machine::Busy).then(Load::start);
            self.partner.quick_limit((10_f64.powi(decade) * self.per_micro) as u64)
        };
        *self.limits.entry((machine == Machine::Busy, decade)).or_insert_with(measure)
    }
}
