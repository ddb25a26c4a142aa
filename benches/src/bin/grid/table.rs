//! The report of the grid: a table with the worst cells first, and a summary.

use crate::cell::{
    self, Cell, Extent, MAX_LOOP_MILLIS, MAX_MEDIUM_LOOP_MILLIS, MAX_SHORT_LOOP_MILLIS, Machine, Timing,
};
use crate::driver::Driver;
use crate::outcome::Outcome;
use crate::process::Freed;
use parallelize_benches::harness::{self, quantile};
use parallelize_benches::report::{self, Report};
use std::error::Error;
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

/// How to read the table.
const PREFACE: &str = "\
# The grid

`cargo run --release --bin grid` in `benches/` writes this file.

Each cell ran in a process of its own, in which the serial loop, this crate and
rayon took turns in random order. A ratio is the time of the serial loop divided
by the time of the contender in the same round: the median of the rounds, and
the worst tenth, which nine rounds in ten reach. The loss is the time that nine
rounds in ten stay below. A minus sign means a gain. The limit is the speed-up
of threads that already spin, one per core, for calls of about that length. On a
busy machine they compete with the other thread, so it is an estimate.

`steps` are dependent steps in a function that is not inlined, and the compiler
can vectorize `vector`. `first` is the first call of a function, `warm` a later
one, `burst` the mean of calls back to back, and `pause` a call after 2 ms of
sleep. On a busy machine, another thread spins.

All contenders allocate their results, and drop them after the measured time.
The processes load the code of the program and keep freed memory, so no
contender waits for the system to provide pages. With `--faults`, and for the
expensive producer, they do not.";

/// Says which cells are left out.
fn left_out() -> String {
    format!(
        "
Left out, by the nominal time of the serial loop: more than {MAX_LOOP_MILLIS} ms;
first calls, and all on a busy machine, of more than {MAX_MEDIUM_LOOP_MILLIS} ms;
bursts, pauses, and first calls on a busy machine of more than {MAX_SHORT_LOOP_MILLIS} ms.
Also 10^7 lines and map values, which take too long to create, and all but the
cheapest work and 10^4 items of the expensive producer.
"
    )
}

/// Measures the cells whose names contain all `words`, and prints the report.
///
/// The exit code is a failure if the extent is short and a cell is much too slow.
pub fn measure(extent: Extent, freed: Freed, prints_all: bool, words: &[String]) -> Result<ExitCode, Box<dyn Error>> {
    let start = Instant::now();
    let is_wanted = |cell: &Cell| words.iter().all(|word| cell.to_string().contains(word));
    let cells: Vec<(usize, Cell)> =
        cell::all(extent).into_iter().enumerate().filter(|(_, cell)| is_wanted(cell)).collect();
    if cells.is_empty() {
        return Err(format!("no cell has a name with all of {words:?}").into());
    }
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let per_micro = harness::steps_per_micro();
    let mut driver = Driver::new(extent, freed, threads, per_micro);
    let mut outcomes = Vec::new();
    let mut last_kind = "";
    for (index, cell) in &cells {
        if cell.kind.name != last_kind {
            last_kind = cell.kind.name;
            eprintln!("{:.0?}: {last_kind}, after {} of {} cells", start.elapsed(), outcomes.len(), cells.len());
        }
        let mut outcome = driver.measure(*index, *cell)?;
        for _ in 0..MAX_REPEATS {
            if extent == Extent::Short && outcome.is_gross() {
                outcome = driver.measure(*index, *cell)?;
            }
        }
        outcomes.push(outcome);
    }
    outcomes.sort_by(worst_first);

    let mut report = Report::default();
    report.say(PREFACE);
    if freed == Freed::Default {
        report.say("\nIn this run, the processes did not keep freed memory.");
    }
    report.say(&left_out());
    report::machine(&mut report, threads, per_micro);
    let is_shown = |outcome: &&Outcome| prints_all || !outcome.meets_goal();
    let most = if prints_all { usize::MAX } else { MAX_CELLS };
    let shown: Vec<_> = outcomes.iter().filter(is_shown).take(most).map(row).collect();
    report.small_table(if prints_all { "All cells" } else { report::WORST_CELLS }, &HEADS, &shown);
    summary(&mut report, &outcomes);
    let gross: Vec<_> = outcomes.iter().filter(|outcome| outcome.is_gross()).collect();
    report.say(&format!("\nThree times slower than the serial loop in nine rounds of ten: {} cells.\n", gross.len()));
    gross.iter().for_each(|outcome| report.say(&format!("- {}", outcome.cell)));
    println!("\n{:.0} s in total", start.elapsed().as_secs_f64());
    if extent == Extent::Full && words.is_empty() && !prints_all {
        report.write(&report::file("GRID.md"))?;
    }
    let is_failure = extent == Extent::Short && !gross.is_empty();
    Ok(if is_failure { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// How often a cell that is much too slow is measured again in the short form. It fails only if it
/// is so each time, because the machine may have been busy.
const MAX_REPEATS: usize = 2;

/// Maximum number of cells in the table, unless all are printed.
const MAX_CELLS: usize = 100;

/// Cells whose loss exceeds the allowed time come first, and low ratios come before high ones.
fn worst_first(left: &Outcome, right: &Outcome) -> std::cmp::Ordering {
    let by_loss = right.exceeds_allowed_time().cmp(&left.exceeds_allowed_time());
    by_loss.then(left.ours().p10().total_cmp(&right.ours().p10()))
}

const HEADS: [&str; 10] =
    ["cell", "loop", "limit", "median", "worst tenth", "loss, us", "rayon", "its worst tenth", "rounds", "goal"];

fn row(outcome: &Outcome) -> Vec<String> {
    let (ours, rayon) = (outcome.ours(), outcome.rayon());
    vec![
        outcome.cell.to_string(),
        format!("{:.1?}", Duration::from_secs_f64(quantile(&outcome.serial().seconds, 0.5))),
        outcome.limit.map_or("-".to_string(), |limit| format!("{limit:.2}")),
        format!("{:.2}", ours.median()),
        format!("{:.2}", ours.p10()),
        format!("{:.1}", outcome.loss_micros(0.9)),
        format!("{:.2}", rayon.median()),
        format!("{:.2}", rayon.p10()),
        ours.ratios.len().to_string(),
        if outcome.meets_goal() { "met" } else { "MISSED" }.to_string(),
    ]
}

/// Adds the number of cells that meet their goals, in all and by what they have in common.
fn summary(report: &mut Report, outcomes: &[Outcome]) {
    let count = |is_one: &dyn Fn(&Cell) -> bool| {
        let cells: Vec<&Outcome> = outcomes.iter().filter(|outcome| is_one(&outcome.cell)).collect();
        (cells.iter().filter(|outcome| outcome.meets_goal()).count(), cells.len())
    };
    let mut rows = Vec::new();
    let mut add = |name: &str, is_one: &dyn Fn(&Cell) -> bool| {
        let (met, all) = count(is_one);
        if all > 0 {
            rows.push(vec![name.to_string(), met.to_string(), all.to_string()]);
        }
    };
    add("idle: worst tenth at least 0.90, or at most 2 us lost", &|cell| {
        cell.machine == Machine::Idle && cell.timing != Timing::First
    });
    add("idle, first call: worst tenth at least 0.90, or at most 60 us lost", &|cell| {
        cell.machine == Machine::Idle && cell.timing == Timing::First
    });
    add("busy: worst tenth at least 0.80, or at most 20 us lost (first call: 60 us)", &|cell| {
        cell.machine == Machine::Busy
    });
    for kind in &crate::kinds::KINDS {
        add(kind.name, &|cell| cell.kind.name == kind.name);
    }
    for timing in [Timing::First, Timing::Warm, Timing::Burst, Timing::Pause] {
        add(&format!("{timing:?}").to_lowercase(), &|cell| cell.timing == timing);
    }
    add("all", &|_| true);
    report.small_table("Summary", &["cells", "goal met", "of"], &rows);
}
