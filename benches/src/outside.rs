//! Measurements outside of Rust: OpenMP and Python, each compared with its own serial loop.

use crate::report::Report;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// Adds both tables to the report, or notes that say why there is no table.
pub fn measure(report: &mut Report, wanted: &dyn Fn(&str) -> bool) {
    let folder = env::var_os("CARGO_MANIFEST_DIR").map_or(PathBuf::from("."), PathBuf::from);
    if wanted("OpenMP") {
        let title = "OpenMP in C, with the same work; its threads spin between calls";
        let program = compiled(&folder.join("c/openmp.c"));
        let lines = program.and_then(|program| lines_of(&mut Command::new(program)));
        tell(report, title, &["work", "loop", "static", "dynamic(1)"], lines, "no C compiler with OpenMP");
    }
    if wanted("Python") {
        let title = "Python, 200 items of about 1 ms of pure Python";
        let lines = lines_of(Command::new("python3").arg(folder.join("python/pool.py")));
        tell(report, title, &["way", "loop", "speed-up"], lines, "no python3");
    }
}

/// Adds a table to the report. A line with `|` is a row, and a line without is a note.
fn tell(report: &mut Report, title: &str, heads: &[&str], lines: Option<Vec<String>>, why_not: &str) {
    let Some(lines) = lines else {
        report.say(&format!("\n(Not measured: {title}; {why_not}.)"));
        return;
    };
    let (rows, notes): (Vec<String>, Vec<String>) = lines.into_iter().partition(|line| line.contains('|'));
    let rows: Vec<Vec<String>> =
        rows.iter().map(|row| row.split('|').map(|cell| cell.trim().to_string()).collect()).collect();
    report.small_table(title, heads, &rows);
    for note in notes {
        report.say(&format!("\n({note})"));
    }
}

/// Compiles the program into the folder of the running program.
fn compiled(source: &Path) -> Option<PathBuf> {
    let program = env::current_exe().ok()?.with_file_name("openmp");
    // Never run the program of an earlier run if the source no longer compiles.
    if program.exists() {
        fs::remove_file(&program).ok()?;
    }
    let output = Command::new("cc").args(["-O3", "-fopenmp"]).arg(source).arg("-o").arg(&program).output().ok()?;
    output.status.success().then_some(program)
}

/// The lines that a program prints, if it succeeds.
fn lines_of(command: &mut Command) -> Option<Vec<String>> {
    let output = command.output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.lines().map(str::to_string).collect())
}
