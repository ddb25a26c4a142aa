//! Rows for single findings, each with a goal of its own.

mod asynchronous;
mod cheap;
mod feed;
mod memory;
mod owned;
mod row;
mod short;
mod sinks;
mod uneven;

pub use memory::print_peak;

use crate::process::{self, Freed};
use parallelize_benches::harness::steps_per_micro;
use parallelize_benches::report::{self, Report};
use row::{Bench, Row};
use std::error::Error;
use std::process::ExitCode;
use std::thread;

const HEADS: [&str; 7] = ["row", "loop", "limit", "parallelize", "others", "more", "goal"];

/// The exit code of a process whose row misses a goal.
const MISSED: u8 = 2;

fn rows() -> impl Iterator<Item = Row> {
    let groups = [
        cheap::rows(),
        owned::rows(),
        short::rows(),
        memory::rows(),
        feed::rows(),
        uneven::rows(),
        sinks::rows(),
        asynchronous::rows(),
    ];
    groups.into_iter().flatten()
}

/// Measures the rows whose names contain all `words`, each in a process of its own.
pub fn measure(freed: Freed, words: &[String]) -> Result<(), Box<dyn Error>> {
    let mut cells = Vec::new();
    let mut missed = 0;
    for row in rows().filter(|row| words.iter().all(|word| row.name.contains(word))) {
        eprintln!("{}", row.name);
        let freed = if freed == Freed::Default { freed } else { row.freed };
        let output = process::command(freed)?.arg("--row").arg(&row.name).output()?;
        match output.status.code() {
            Some(0) => {}
            Some(code) if code == i32::from(MISSED) => missed += 1,
            _ => return Err(format!("{}: the process ended with {}", row.name, output.status).into()),
        }
        let text = String::from_utf8(output.stdout)?;
        cells.push([row.name].into_iter().chain(text.lines().map(str::to_string)).collect::<Vec<_>>());
    }
    if cells.is_empty() {
        return Err(format!("no row has a name with all of {words:?}").into());
    }
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let mut report = Report::default();
    report::machine(&mut report, threads, steps_per_micro());
    report.small_table("Special rows: medians, and worst tenths in brackets", &HEADS, &cells);
    report.say(&format!("\n{} of {} rows meet their goals.", cells.len() - missed, cells.len()));
    Ok(())
}

/// Measures one row and prints its cells, one per line.
pub fn print(name: &str) -> Result<ExitCode, Box<dyn Error>> {
    let row = rows().find(|row| row.name == name).ok_or("there is no such row")?;
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let is_large = name.contains("10^7") && row.freed == Freed::Kept;
    process::start(if is_large { 10_000_000 } else { 0 });
    let figures = (row.measure)(&Bench::new(threads));
    figures.cells().iter().for_each(|cell| println!("{cell}"));
    Ok(if figures.misses() { ExitCode::from(MISSED) } else { ExitCode::SUCCESS })
}
