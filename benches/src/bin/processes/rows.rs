//! The measured rows, in the process that has the guard.

use crate::constants::Constants;
use parallelize::parallelize;
use parallelize_benches::harness::{Pace, Times, quantile, steps, steps_per_micro, take_turns};
use std::hint::black_box;
use std::time::{Duration, Instant};

/// The names of the contenders, in the order of the columns.
const NAMES: [&str; 3] = ["loop", "threads", "processes"];

#[parallelize(over = n, distributed)]
#[inline(never)]
fn long(n: u64, count: u64) -> u64 {
    steps(n, count)
}

#[parallelize(over = n)]
#[inline(never)]
fn long_here(n: u64, count: u64) -> u64 {
    steps(n, count)
}

#[parallelize(over = x, distributed)]
fn half(x: f64) -> f64 {
    x * 0.5
}

#[parallelize(over = x)]
fn half_here(x: f64) -> f64 {
    x * 0.5
}

#[parallelize(over = row, distributed)]
fn shift(row: &[f64], by: f64) -> Vec<f64> {
    row.iter().map(|x| x + by).collect()
}

#[parallelize(over = row)]
fn shift_here(row: &[f64], by: f64) -> Vec<f64> {
    row.iter().map(|x| x + by).collect()
}

/// A row: its contenders, of which each returns something to compare.
struct Row<'a> {
    name: String,
    /// What one unit of an added time is, and how many of them a call has. `None` for speed-ups.
    added: Option<(&'static str, f64)>,
    calls: [Box<dyn Fn() -> u64 + 'a>; 3],
    pace: Pace,
}

fn pace(repeat: usize, rounds: usize) -> Pace {
    // Letters of MPI wait longer after a pause, which is what a program sees.
    Pace { repeat, pause: Duration::from_millis(5), rounds }
}

/// A number for results, which differs if one of them differs.
fn sum(results: impl IntoIterator<Item = f64>) -> u64 {
    results.into_iter().fold(0, |sum, x| u64::rotate_left(sum, 1) ^ x.to_bits())
}

fn mix(results: impl IntoIterator<Item = u64>) -> u64 {
    results.into_iter().fold(0, |sum, x| u64::rotate_left(sum, 1) ^ x)
}

/// Measures the rows whose names contain a word, and prints them as a table.
pub(crate) fn print(words: &[String]) {
    let per_micro = steps_per_micro();
    let mib = 64;
    let numbers: Vec<f64> = (0..mib << 17).map(f64::from).collect();
    let work = |count: u64, micros: f64| {
        let steps = (micros * per_micro) as u64;
        Row {
            name: format!("{count} items of {:.1} ms", micros * 1e-3),
            added: None,
            calls: [
                Box::new(move || mix((0..count).map(|n| long(n, steps)))),
                Box::new(move || mix(long_here_parallel_iter(0..count, steps).threads(2).collect::<Vec<_>>())),
                Box::new(move || mix(long_parallel(0..count, steps))),
            ],
            pace: pace(1, 15),
        }
    };
    let trivial = |count: u32, repeat| Row {
        name: format!("{count} items of a multiplication, per item"),
        added: Some(("us", f64::from(count))),
        calls: [
            Box::new(move || sum((0..count).map(|n| half(n.into())))),
            Box::new(move || sum(half_here_parallel_iter((0..count).map(f64::from)).threads(2).collect::<Vec<_>>())),
            Box::new(move || sum(half_parallel((0..count).map(f64::from)))),
        ],
        pace: pace(repeat, 25),
    };
    let rows_of = |length: usize| {
        Row {
            name: format!("{mib} MiB of numbers out and back, in rows of {} KiB, per MiB", length >> 7),
            added: Some(("ms", f64::from(mib))),
            calls: [Box::new(|| 0), Box::new(|| 0), Box::new(|| 0)],
            pace: pace(1, 9),
        }
        .with(&numbers, length)
    };
    let rows = [
        work(2_000, 400.0),
        work(200, 3_300.0),
        trivial(0, 50),
        trivial(1, 50),
        trivial(1_000, 20),
        trivial(100_000, 1),
        rows_of(1 << 13),
        rows_of(1 << 17),
        rows_of(1 << 20),
    ];

    println!("| work | loop | threads | processes |");
    println!("| --- | --- | --- | --- |");
    let mut constants = Constants::default();
    for (index, row) in rows.iter().enumerate() {
        if !words.is_empty() && !words.iter().any(|word| row.name.contains(word.as_str())) {
            continue;
        }
        let added = row.measure();
        match index {
            2 => constants.call = added,
            3 => constants.chunk = added - constants.call.min(added),
            5 => constants.item = added / 100_000.0,
            7 => constants.byte = added / (2.0 * f64::from(mib) * f64::from(1 << 20)),
            _ => {}
        }
    }
    constants.print();
}

impl<'a> Row<'a> {
    /// Sets the contenders to those of rows of numbers.
    fn with(mut self, numbers: &'a [f64], length: usize) -> Self {
        let total = |rows: Vec<Vec<f64>>| rows.iter().filter_map(|row| row.last()).fold(0, |sum, x| sum ^ x.to_bits());
        self.calls = [
            Box::new(move || total(numbers.chunks(length).map(|row| shift(row, 0.5)).collect())),
            Box::new(move || {
                total(shift_here_parallel_iter(numbers.chunks(length), 0.5).threads(2).collect::<Vec<_>>())
            }),
            Box::new(move || total(shift_parallel(numbers.chunks(length), 0.5))),
        ];
        self
    }

    /// Prints the row, and returns the median of the time that processes add to a call, in seconds.
    fn measure(&self) -> f64 {
        let expected = (self.calls[0])();
        for (name, call) in NAMES.iter().zip(&self.calls) {
            assert_eq!(call(), expected, "{}: the results of {name} differ", self.name);
        }
        let mut seconds = vec![Vec::new(); NAMES.len()];
        take_turns(NAMES.len(), self.pace, 1, |_, index| {
            let start = Instant::now();
            for _ in 0..self.pace.repeat {
                black_box((self.calls[index])());
            }
            seconds[index].push(start.elapsed().as_secs_f64() / self.pace.repeat as f64);
        });
        let serial = seconds[0].clone();
        let added = |index: usize| -> Vec<f64> {
            seconds[index].iter().zip(&serial).map(|(time, serial)| time - serial).collect()
        };
        let (threads, processes) = (added(1), added(2));
        let cells = match self.added {
            Some((unit, count)) => {
                let factor = if unit == "ms" { 1e3 } else { 1e6 };
                let count = count.max(1.0);
                let cell = |times: &[f64]| {
                    let at = |at| quantile(times, at) * factor / count;
                    format!("{:+.3} ({:+.3}) {unit}", at(0.5), at(0.9))
                };
                [cell(&threads), cell(&processes)]
            }
            None => {
                let times = Times::compared(&NAMES, seconds.clone());
                [1, 2].map(|index: usize| format!("{:.2} ({:.2})", times[index].median(), times[index].p10()))
            }
        };
        println!("| {} | {:.3} ms | {} | {} |", self.name, quantile(&serial, 0.5) * 1e3, cells[0], cells[1]);
        quantile(&processes, 0.5)
    }
}
