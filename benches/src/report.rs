//! The report: tables, which are printed and written to a file, and a list of slower rows.

use crate::contenders::NAMES;
use crate::harness::{Times, quantile};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use std::{env, fs, io};

/// A goal of this crate in a row.
#[derive(Clone, Copy)]
pub enum Goal {
    /// Minimum share of the limit.
    OfLimit(f64),
    /// Minimum share of the speed-up of rayon.
    OfRayon(f64),
    /// Minimum speed-up.
    AtLeast(f64),
    /// Minimum share of the maximum speed-up that the number of items allows, and that maximum.
    OfBound(f64, f64),
    /// Maximum number of nanoseconds that are added to a call.
    NanosMore(f64),
}

/// The unit of the cells of a row.
#[derive(Clone, Copy, PartialEq)]
pub enum Unit {
    /// Time of the serial loop divided by the time of the contender: the median, and the value that
    /// nine rounds in ten reach.
    Ratio,
    /// Nanoseconds that the contender adds to a call: the median, and the value that nine rounds in
    /// ten stay below.
    NanosMore,
}

/// The measurements of one input of a case.
pub struct Row {
    pub name: String,
    pub unit: Unit,
    /// The times of all contenders that can run the case, the serial loop first.
    pub times: Vec<Times>,
    pub limit: Option<f64>,
    pub goals: Vec<Goal>,
}

impl Row {
    pub fn of(&self, name: &str) -> Option<&Times> {
        self.times.iter().find(|times| times.name == name)
    }

    fn median(&self, name: &str) -> f64 {
        self.of(name).map_or(f64::NAN, Times::median)
    }

    fn serial(&self) -> f64 {
        self.of("loop").map_or(f64::NAN, |times| quantile(&times.seconds, 0.5))
    }

    /// Quantile `at` of the nanoseconds that a contender adds to a call.
    fn nanos_more(&self, times: &Times, at: f64) -> f64 {
        let serial = self.of("loop").map_or(&[][..], |times| &times.seconds);
        let more: Vec<f64> = serial.iter().zip(&times.seconds).map(|(serial, time)| (time - serial) * 1e9).collect();
        quantile(&more, at)
    }

    fn cell(&self, name: &str) -> String {
        match (self.of(name), self.unit) {
            (None, _) => "-".to_string(),
            (Some(times), Unit::Ratio) => format!("{:.2} ({:.2})", times.median(), times.p10()),
            (Some(times), Unit::NanosMore) => {
                format!("{:+.0} ({:+.0}) ns", self.nanos_more(times, 0.5), self.nanos_more(times, 0.9))
            }
        }
    }

    fn goal(&self, goal: Goal) -> String {
        let ours = self.median("parallelize");
        let limit = self.limit.unwrap_or(f64::NAN);
        let more = self.of("parallelize").map_or(f64::NAN, |times| self.nanos_more(times, 0.5));
        let (text, met) = match goal {
            Goal::OfLimit(share) => (format!("{share:.2} x limit"), ours >= share * limit),
            Goal::OfRayon(share) => (format!("{share:.2} x rayon"), ours >= share * self.median("rayon")),
            Goal::AtLeast(least) => (format!("{least:.2}"), ours >= least),
            Goal::OfBound(share, bound) => (format!("{share:.2} x {bound}"), ours >= share * bound),
            Goal::NanosMore(most) => (format!("at most {most:+} ns"), more <= most),
        };
        format!("{text} {}", if met { "met" } else { "MISSED" })
    }

    fn cells(&self) -> Vec<String> {
        let serial = self.serial();
        let time = if serial < 1e-6 {
            format!("{:.0}ns", serial * 1e9)
        } else {
            format!("{:.1?}", Duration::from_secs_f64(serial))
        };
        let limit = self.limit.map_or("-".to_string(), |limit| format!("{limit:.2}"));
        let goals: Vec<String> = self.goals.iter().map(|goal| self.goal(*goal)).collect();
        let goals = if goals.is_empty() { "-".to_string() } else { goals.join(", ") };
        let contenders = NAMES[1..].iter().map(|name| self.cell(name));
        [self.name.clone(), time, limit].into_iter().chain(contenders).chain([goals]).collect()
    }

    /// Lists the contenders that are more than 2% faster than this crate. Smaller differences are
    /// not reproducible.
    fn lost(&self) -> Option<String> {
        let ours = self.median("parallelize");
        let better = self.times.iter().filter(|times| times.median() > 1.02 * ours);
        let better: Vec<String> = better.map(|times| format!("{} {:.2}", times.name, times.median())).collect();
        (!better.is_empty()).then(|| format!("- {}: {} (parallelize {ours:.2})", self.name, better.join(", ")))
    }
}

/// The text of the report, which is printed immediately and kept for the file.
#[derive(Default)]
pub struct Report {
    text: String,
    /// Title of the next table. It is written together with the first row, so that no table is
    /// empty.
    title: Option<String>,
    /// Rows in which a contender is faster than this crate.
    losses: Vec<String>,
}

impl Report {
    pub fn say(&mut self, line: &str) {
        println!("{line}");
        self.text.push_str(line);
        self.text.push('\n');
    }

    pub fn table(&mut self, title: &str) {
        self.title = Some(title.to_string());
    }

    pub fn row(&mut self, row: &Row) {
        if let Some(title) = self.title.take() {
            let heads: Vec<&str> = ["work", "loop", "limit"].into_iter().chain(NAMES[1..].iter().copied()).collect();
            self.heading(&title);
            self.lines(&heads, "goal");
            let rules = vec!["---"; heads.len()];
            self.lines(&rules, "---");
        }
        let cells = row.cells();
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        let (goal, others) = cells.split_last().expect("a row has cells");
        self.lines(others, goal);
        self.losses.extend(row.lost());
    }

    /// Adds a table with results that another program measured.
    pub fn small_table(&mut self, title: &str, heads: &[&str], rows: &[Vec<String>]) {
        self.heading(title);
        self.say(&format!("| {} |", heads.join(" | ")));
        self.say(&format!("|{}", " --- |".repeat(heads.len())));
        for row in rows {
            self.say(&format!("| {} |", row.join(" | ")));
        }
    }

    fn heading(&mut self, title: &str) {
        self.say("");
        self.say(&format!("## {title}"));
        self.say("");
    }

    fn lines(&mut self, cells: &[&str], last: &str) {
        let widths = [32, 8, 5].into_iter().chain(std::iter::repeat(13));
        let padded: Vec<String> = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        self.say(&format!("| {} | {last} |", padded.join(" | ")));
    }

    pub fn losses(&mut self) {
        let losses = std::mem::take(&mut self.losses);
        self.heading("Where parallelize is slower");
        if losses.is_empty() {
            self.say("In no row is a contender or the serial loop more than 2% faster than parallelize.");
        } else {
            self.say("Rows in which the median of a contender or of the serial loop (1.00) is more");
            self.say("than 2% faster than parallelize:");
            self.say("");
            losses.iter().for_each(|line| self.say(line));
        }
    }

    pub fn write(&self, path: &Path) -> io::Result<()> {
        fs::write(path, &self.text)
    }
}

/// What the report is and how to read its tables.
const PREFACE: &str = "\
# Performance of parallelize, the serial loop and other crates

`cargo run --release` in `benches/` writes this file.

The column `loop` is the time of the serial loop. The other cells are speed-ups:
the time of the serial loop divided by the time of the contender in the same
round. Each cell shows the median of the rounds and, in brackets, the value that
nine rounds in ten reach. All contenders take one turn per round, in random
order.

Cells in ns show the time that a contender adds to a call: the median and, in
brackets, the value that nine rounds in ten stay below.

The column `limit` is the speed-up of threads that already spin, one per core:
the limit of the machine. A dash means that a contender cannot run the case, or
that the cell was not measured. In rows with `against tuples`, the column `loop`
is a parallel function over tuples that exist already.
";

/// The title of the table of cells that miss their goals.
pub const WORST_CELLS: &str = "The worst cells that miss their goals";

/// Number of lines of that table that other reports show: the heads, the rule and the worst cells.
const LINES_OF_WORST_CELLS: usize = 2 + 20;

/// Returns the path of a file in the folder of the benchmarks.
pub fn file(name: &str) -> PathBuf {
    env::var_os("CARGO_MANIFEST_DIR").map_or(PathBuf::from("."), PathBuf::from).join(name)
}

/// Writes the worst cells of the last run of the grid, if there was one.
pub fn worst_cells(report: &mut Report) {
    let grid = fs::read_to_string(file("GRID.md")).unwrap_or_default();
    let table: Vec<&str> = grid.lines().filter(|line| line.starts_with('|')).take(LINES_OF_WORST_CELLS).collect();
    if !table.is_empty() {
        report.heading(WORST_CELLS);
        report.say("From the [grid](GRID.md) of inputs, costs, lengths and circumstances, which");
        report.say("explains the columns.");
        report.say("");
        table.iter().for_each(|line| report.say(line));
    }
}

/// Writes the first lines of the report: the contents of the tables, and the machine.
pub fn preface(report: &mut Report, threads: usize, steps_per_micro: f64) {
    report.say(PREFACE);
    machine(report, threads, steps_per_micro);
}

/// Writes what the figures depend on: the machine, the date and the compiler.
pub fn machine(report: &mut Report, threads: usize, steps_per_micro: f64) {
    machine_lines(threads, steps_per_micro).iter().for_each(|line| report.say(line));
}

/// Returns these lines.
pub fn machine_lines(threads: usize, steps_per_micro: f64) -> Vec<String> {
    let model = line_of(Command::new("lscpu"), "Model name:");
    let hypervisor = line_of(Command::new("lscpu"), "Hypervisor vendor:").map(|name| format!(", under {name}"));
    let model = model.unwrap_or("unknown processor".to_string());
    let mut lines = vec![format!("- Machine: {model}, {threads} cores{}", hypervisor.unwrap_or_default())];
    if let Ok(release) = fs::read_to_string("/proc/sys/kernel/osrelease") {
        // The part after the version number is the name of the build.
        lines.push(format!("- Kernel: {}", release.trim().split('-').next().unwrap_or_default()));
    }
    let mut date = Command::new("date");
    date.args(["-u", "+%F"]);
    lines.push(format!("- Date: {}", line_of(date, "").unwrap_or("unknown".to_string())));
    let mut rustc = Command::new("rustc");
    rustc.arg("--version");
    lines.push(format!("- Compiler: {}", line_of(rustc, "").unwrap_or("unknown".to_string())));
    lines.push(format!("- Work: a chain of dependent steps, {steps_per_micro:.0} per us"));
    lines
}

/// The rest of the first line of a command's output that begins with `start`.
pub fn line_of(mut command: Command, start: &str) -> Option<String> {
    let output = String::from_utf8(command.output().ok()?.stdout).ok()?;
    let line = output.lines().find_map(|line| line.trim().strip_prefix(start))?;
    Some(line.trim().to_string())
}
