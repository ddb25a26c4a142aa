//! Decides what a reader is told: the tables, as they are printed and as they stand in `RESULTS.md`, and where we lose.

use crate::contenders::NAMES;
use crate::harness::{Times, quantile};
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use std::{fs, io};

/// What the twin has to reach in a row.
#[derive(Clone, Copy)]
pub enum Goal {
    OfLimit(f64),
    OfRayon(f64),
    AtLeast(f64),
    /// A share of what so many items allow on so many cores.
    OfBound(f64, f64),
    NanosMore(f64),
}

/// What a row's cells show.
#[derive(Clone, Copy, PartialEq)]
pub enum Unit {
    /// The loop's time by the contender's: the median, and what nine rounds of ten reach.
    Ratio,
    /// Nanoseconds a call beyond the loop's: the median, and what nine rounds of ten stay below.
    NanosMore,
}

/// One case, measured.
pub struct Row {
    pub name: String,
    pub unit: Unit,
    /// The loop first. Who cannot do the case is not among them.
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

    /// Nanoseconds a call beyond the loop's.
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
        let twin = self.median("twin");
        let limit = self.limit.unwrap_or(f64::NAN);
        let more = self.of("twin").map_or(f64::NAN, |times| self.nanos_more(times, 0.5));
        let (text, met) = match goal {
            Goal::OfLimit(share) => (format!("{share:.2} x limit"), twin >= share * limit),
            Goal::OfRayon(share) => (format!("{share:.2} x rayon"), twin >= share * self.median("rayon")),
            Goal::AtLeast(least) => (format!("{least:.2}"), twin >= least),
            Goal::OfBound(share, bound) => (format!("{share:.2} x {bound}"), twin >= share * bound),
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

    /// The contenders that do this better than the twin, by more than what repeats itself.
    fn lost(&self) -> Option<String> {
        let twin = self.median("twin");
        let better = self.times.iter().filter(|times| times.median() > 1.02 * twin);
        let better: Vec<String> = better.map(|times| format!("{} {:.2}", times.name, times.median())).collect();
        (!better.is_empty()).then(|| format!("- {}: {} (twin {twin:.2})", self.name, better.join(", ")))
    }
}

/// All that is told, printed at once and kept for the file.
#[derive(Default)]
pub struct Report {
    text: String,
    /// A title is told with the first row below it, so that no table is empty.
    title: Option<String>,
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

    /// A small table of results that others measured.
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
        self.heading("Where we lose");
        if losses.is_empty() {
            self.say("In no row is any contender, the loop among them, more than 2 % faster than the twin.");
        } else {
            self.say(
                "Rows in which a contender, or the loop (1.00), is more than 2 % faster than the twin, by the medians:",
            );
            self.say("");
            losses.iter().for_each(|line| self.say(line));
        }
    }

    pub fn write(&self, path: &Path) -> io::Result<()> {
        fs::write(path, &self.text)
    }
}

/// The first lines of the report: what is compared, and on which machine.
pub fn preface(report: &mut Report, threads: usize, steps_per_micro: f64) {
    report.say("# This crate beside the serial loop and its peers");
    report.say("");
    report.say("Written by `cargo run --release` in `benches/`. Each cell is the loop's time divided by the contender's, of the same round:");
    report.say("the median of the rounds and, in brackets, what nine of ten rounds reach. Contenders take turns, in another order each");
    report.say("round. Cells in ns say how much longer a call takes than the loop: the median, and what nine of ten rounds stay below.");
    report
        .say("The limit is what threads reach that stand by, one a core, spinning. A dash: not done, or not measured.");
    report.say("");
    let model = line_of(Command::new("lscpu"), "Model name:");
    let hypervisor = line_of(Command::new("lscpu"), "Hypervisor vendor:").map(|name| format!(", under {name}"));
    let model = model.unwrap_or("unknown processor".to_string());
    report.say(&format!("- Machine: {model}, {threads} cores{}", hypervisor.unwrap_or_default()));
    if let Ok(release) = fs::read_to_string("/proc/sys/kernel/osrelease") {
        // What follows the numbers is the name that someone gave the build.
        report.say(&format!("- Kernel: {}", release.trim().split('-').next().unwrap_or_default()));
    }
    let mut date = Command::new("date");
    date.args(["-u", "+%F"]);
    report.say(&format!("- Date: {}", line_of(date, "").unwrap_or("unknown".to_string())));
    let mut rustc = Command::new("rustc");
    rustc.arg("--version");
    report.say(&format!("- Compiler: {}", line_of(rustc, "").unwrap_or("unknown".to_string())));
    report.say(&format!("- Work: a chain of dependent steps, {steps_per_micro:.0} a microsecond"));
}

/// What follows `start` in the command's output, if it runs and says so.
pub fn line_of(mut command: Command, start: &str) -> Option<String> {
    let output = String::from_utf8(command.output().ok()?.stdout).ok()?;
    let line = output.lines().find_map(|line| line.trim().strip_prefix(start))?;
    Some(line.trim().to_string())
}
