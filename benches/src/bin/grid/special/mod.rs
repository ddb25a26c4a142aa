//! Rows for single findings, each with a goal of its own.

mod cheap;
mod feed;
mod memory;
mod owned;
mod row;
mod short;
mod uneven;

pub use memory::print_peak;

use parallelize_benches::report::{self, Report};
use row::{Bench, Row};
use std::thread;

const HEADS: [&str; 7] = ["row", "loop", "limit", "parallelize", "others", "more", "goal"];

/// Measures the rows whose names contain all `words`.
pub fn measure(words: &[String]) {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let bench = Bench::new(threads);
    crate::trial::start_process();
    // The rows with many threads come last, because their threads stay for a while.
    let rows = [cheap::rows(), owned::rows(), short::rows(), memory::rows(), feed::rows(), uneven::rows()];
    let mut cells = Vec::new();
    let (mut missed, mut measured) = (0, 0);
    for Row { name, measure } in rows.into_iter().flatten() {
        if words.iter().all(|word| name.contains(word)) {
            eprintln!("{name}");
            let figures = measure(&bench);
            measured += 1;
            missed += usize::from(figures.misses());
            cells.push([vec![name], figures.cells()].concat());
        }
    }
    let mut report = Report::default();
    report::machine(&mut report, threads, bench.per_micro);
    report.small_table("Special rows: medians, and worst tenths in brackets", &HEADS, &cells);
    report.say(&format!("\n{} of {measured} rows meet their goals.", measured - missed));
}
