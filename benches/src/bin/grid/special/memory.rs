//! Results of which few are kept: the time and the memory of `skip_none`.

use super::asynchronous;
use super::row::{Figures, Row, once};
use parallelize::parallelize;
use std::env;
use std::fs;
use std::hint::black_box;
use std::process::Command;

/// A large result, or nothing for most candidates.
#[parallelize(over = candidate, skip_none)]
#[inline(never)]
fn rare(candidate: u64, every: u64) -> Option<(String, [u64; 8])> {
    candidate.is_multiple_of(every).then(|| (candidate.to_string(), [candidate; 8]))
}

/// Number of candidates per result.
const EVERY: u64 = 1000;

/// Number of candidates whose time is measured, and of those whose memory is measured.
const CANDIDATES: u64 = 1_000_000;
const CANDIDATES_FOR_MEMORY: u64 = 10_000_000;

type Results = Vec<(String, [u64; 8])>;

fn serial(candidates: u64) -> Results {
    (0..black_box(candidates)).filter_map(|candidate| rare(candidate, EVERY)).collect()
}

fn ours(candidates: u64) -> Results {
    rare_parallel(0..black_box(candidates), EVERY)
}

pub fn rows() -> Vec<Row> {
    vec![
        Row::new("A4: skip_none, 10^6 candidates", |_| {
            let contenders: [(_, &dyn Fn(()) -> Results); 2] =
                [("loop", &|()| serial(CANDIDATES)), ("parallelize", &|()| ours(CANDIDATES))];
            Figures::of(&contenders, once(51), || ()).at_most_loop(1.1)
        })
        .with_default_allocator(),
        Row::new("A4: skip_none, memory of 10^7 candidates", |_| {
            let (Some(serial), Some(ours)) = (peak("loop"), peak("parallelize")) else {
                return Figures::default().note("this system does not report the peak of a process");
            };
            let figures = Figures::default().note(format!("loop {serial} kB, parallelize {ours} kB"));
            figures.goal("at most 1.2 x the loop's memory", ours as f64 <= 1.2 * serial as f64)
        })
        .with_default_allocator(),
    ]
}

/// The peak of the memory of a new process that runs one contender, in kB.
pub fn peak(contender: &str) -> Option<u64> {
    let output = Command::new(env::current_exe().ok()?).args(["--peak", contender]).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

/// Runs one contender and prints the peak of the memory of this process, in kB.
///
/// The threads are started for the serial loop as well, because they are not memory of a call.
pub fn print_peak(contender: &str) {
    black_box(rare_parallel(0..black_box(4), EVERY));
    match contender {
        "loop" => drop(black_box(serial(CANDIDATES_FOR_MEMORY))),
        "parallelize" => drop(black_box(ours(CANDIDATES_FOR_MEMORY))),
        _ => asynchronous::run_once(contender),
    }
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
    println!("{}", peak.unwrap_or_default());
}
