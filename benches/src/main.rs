//! Benchmarks of this crate against the serial loop and other crates.
//!
//! `cargo run --release` measures everything and writes `RESULTS.md` and `speedup.svg`. With a name
//! as argument, it measures only the cases whose names contain it, and writes no files.

use parallelize_benches::cases::{self, Case};
use parallelize_benches::contenders::Peers;
use parallelize_benches::partner::Partner;
use parallelize_benches::report::{self, Report};
use parallelize_benches::{chart, harness, outside};
use std::error::Error;
use std::time::Instant;
use std::{env, thread};

type Group = for<'a> fn(&'a Peers, f64) -> Vec<Case<'a, u64>>;

fn main() -> Result<(), Box<dyn Error>> {
    let only = env::args().nth(1).unwrap_or_default();
    let wanted = |name: &str| name.contains(&only);
    let start = Instant::now();
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let per_micro = harness::steps_per_micro();
    let (partner, peers) = (Partner::new(threads), Peers::new(threads));
    let mut report = Report::default();
    report::preface(&mut report, threads, per_micro);
    report::worst_cells(&mut report);

    let groups: [(&str, Group); 7] = [
        ("Long work", cases::long),
        ("Short calls, one after the other", cases::bursts),
        ("One call after a pause of 500 us", cases::singles),
        ("Tiny calls", cases::tiny_calls),
        ("Streams", cases::streams),
        ("Several mapped parameters", cases::several),
        ("Cheap items", cases::cheap_items),
    ];
    for (title, group) in groups {
        report.table(title);
        for case in group(&peers, per_micro).iter().filter(|case| case.is_named(&only)) {
            case.measure(&partner).iter().for_each(|row| report.row(row));
        }
    }
    for case in cases::vector_items(&peers).iter().filter(|case| case.is_named(&only)) {
        case.measure(&partner).iter().for_each(|row| report.row(row));
    }

    report.table("One call with increasing work, after a pause of 500 us (the chart)");
    let mut points = Vec::new();
    for (work, case) in cases::sweep(&peers, per_micro).iter().filter(|(_, case)| case.is_named(&only)) {
        for row in case.measure(&partner) {
            report.row(&row);
            points.push((*work, row));
        }
    }

    outside::measure(&mut report, &wanted);
    report.losses();
    println!("\n{:.0} s in total", start.elapsed().as_secs_f64());

    if only.is_empty() {
        report.write(&report::file("RESULTS.md"))?;
        chart::draw(&points, &report::file("speedup.svg"))?;
    }
    Ok(())
}
