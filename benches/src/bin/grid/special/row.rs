//! A special row: its contenders, its goals, and its cells in the table.

use crate::process::Freed;
use parallelize_benches::harness::{Call, Pace, Times, contest, quantile, steps_per_micro};
use parallelize_benches::partner::Partner;
use std::time::Duration;

/// What the rows need to measure.
pub struct Bench {
    pub per_micro: f64,
    pub partner: Partner,
}

impl Bench {
    pub fn new(threads: usize) -> Self {
        Bench { per_micro: steps_per_micro(), partner: Partner::new(threads) }
    }

    /// The number of steps that take `micros` microseconds.
    pub fn steps(&self, micros: f64) -> u64 {
        (micros * self.per_micro) as u64
    }
}

/// A row that can be measured.
pub struct Row {
    pub name: String,
    /// What its process does with freed memory, unless `--faults` is given.
    pub freed: Freed,
    pub measure: Box<dyn Fn(&Bench) -> Figures>,
}

impl Row {
    pub fn new(name: impl Into<String>, measure: impl Fn(&Bench) -> Figures + 'static) -> Self {
        Row { name: name.into(), freed: Freed::Kept, measure: Box::new(measure) }
    }

    /// Leaves the allocator at its defaults, because the row is about allocations.
    pub fn with_default_allocator(self) -> Self {
        Row { freed: Freed::Default, ..self }
    }
}

/// The figures of a row.
#[derive(Default)]
pub struct Figures {
    /// The serial loop, this crate and others.
    pub times: Vec<Times>,
    pub limit: Option<f64>,
    /// Other figures, as text.
    pub notes: Vec<String>,
    /// What is wanted, and whether it is so.
    goals: Vec<(String, bool)>,
}

impl Figures {
    /// Lets the contenders take turns, after two calls each. The first two are the serial loop and
    /// this crate.
    pub fn of<G, R>(contenders: &[(&'static str, Call<'_, G, R>)], pace: Pace, prepare: impl Fn() -> G) -> Self {
        let (names, calls): (Vec<_>, Vec<_>) = contenders.iter().copied().unzip();
        for _ in 0..2 {
            calls.iter().for_each(|call| drop(call(prepare())));
        }
        Figures::new(Times::compared(&names, contest(&calls, prepare, pace, 1)))
    }

    pub fn new(times: Vec<Times>) -> Self {
        Figures { times, ..Figures::default() }
    }

    /// Adds contenders that took turns with the serial loop alone, because what they leave in the
    /// memory of the process slows down the next call of another contender.
    pub fn apart(mut self, others: Figures) -> Self {
        self.times.extend(others.times.into_iter().skip(1));
        self
    }

    pub fn ours(&self) -> &Times {
        &self.times[1]
    }

    pub fn goal(mut self, text: impl Into<String>, is_met: bool) -> Self {
        self.goals.push((text.into(), is_met));
        self
    }

    /// Wants a median ratio of at least `least`.
    pub fn at_least(self, least: f64) -> Self {
        let is_met = self.ours().median() >= least;
        self.goal(format!("median {least:.2}"), is_met)
    }

    /// Wants a worst tenth of at least `least`.
    pub fn worst_tenth(self, least: f64) -> Self {
        let is_met = self.ours().p10() >= least;
        self.goal(format!("worst tenth {least:.2}"), is_met)
    }

    /// Wants the best median of the other contenders at least.
    pub fn best_of_others(self) -> Self {
        let best = self.times[2..].iter().map(Times::median).fold(0.0, f64::max);
        let is_met = self.ours().median() >= best;
        self.goal(format!("the best of the others, {best:.2}"), is_met)
    }

    /// Wants at most `factor` times the time of the serial loop, in the median.
    pub fn at_most_loop(self, factor: f64) -> Self {
        let is_met = self.ours().median() >= 1.0 / factor;
        self.goal(format!("at most {factor:.1} x the loop's time"), is_met)
    }

    /// Wants at most `most` nanoseconds more than the serial loop, in the median.
    pub fn nanos_more(mut self, most: f64) -> Self {
        let pairs = self.times[0].seconds.iter().zip(&self.ours().seconds);
        let more: Vec<f64> = pairs.map(|(serial, ours)| (ours - serial) * 1e9).collect();
        self.notes.push(format!("{:+.0} ({:+.0}) ns", quantile(&more, 0.5), quantile(&more, 0.9)));
        let is_met = quantile(&more, 0.5) <= most;
        self.goal(format!("at most {most:+} ns"), is_met)
    }

    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    pub fn misses(&self) -> bool {
        self.goals.iter().any(|(_, is_met)| !is_met)
    }

    /// The cells of the table, after the name.
    pub fn cells(&self) -> Vec<String> {
        let joined = |texts: Vec<String>| if texts.is_empty() { "-".to_string() } else { texts.join("; ") };
        let ratio = |times: &Times| format!("{:.2} ({:.2})", times.median(), times.p10());
        let time = |times: &Times| format!("{:.1?}", Duration::from_secs_f64(quantile(&times.seconds, 0.5)));
        let goals =
            self.goals.iter().map(|(text, is_met)| format!("{text} {}", if *is_met { "met" } else { "MISSED" }));
        vec![
            self.times.first().map_or("-".to_string(), time),
            self.limit.map_or("-".to_string(), |limit| format!("{limit:.2}")),
            self.times.get(1).map_or("-".to_string(), ratio),
            joined(self.times.iter().skip(2).map(|times| format!("{} {}", times.name, ratio(times))).collect()),
            joined(self.notes.clone()),
            joined(goals.collect()),
        ]
    }
}

/// One call per turn, without a pause.
pub fn once(rounds: usize) -> Pace {
    Pace { repeat: 1, pause: Duration::ZERO, rounds }
}
