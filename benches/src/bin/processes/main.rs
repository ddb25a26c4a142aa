//! Two processes on two cores, compared with the serial loop and with the threads of one process,
//! and what 64 ranks would do with the measured constants.
//!
//! `cargo run --release --bin processes` measures children of the program. With `--features mpi`,
//! it also measures itself under `mpirun`. It writes `PROCESSES.md`. Words as arguments select the
//! rows whose names contain one of them; then it writes no file.

mod constants;
mod model;
mod rows;

use constants::Constants;
use parallelize_benches::{harness, report};
use std::env;
use std::error::Error;
use std::fs;
use std::process::{Command, Stdio};
use std::thread;

/// The number of processes that run items, in all measurements.
const PROCESSES: usize = 2;

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = env::args().skip(1).collect();
    match words.split_first() {
        Some((role, words)) if role == "--children" => {
            let cluster = parallelize::processes(PROCESSES)?;
            rows::print(words);
            drop(cluster);
            Ok(())
        }
        #[cfg(feature = "mpi")]
        Some((role, words)) if role == "--ranks" => {
            let cluster = parallelize_mpi::cluster();
            rows::print(words);
            drop(cluster);
            Ok(())
        }
        _ => measure(&words),
    }
}

fn measure(words: &[String]) -> Result<(), Box<dyn Error>> {
    let mut page = String::from(
        "# Several processes\n\n`cargo run --release --features mpi --bin processes` in `benches/` writes this\nfile.\n\n\
         Two processes of one thread each run items, on a machine with two cores. Cells\nare speed-ups over the serial \
         loop of the same round, or times: the median of\nthe rounds and, in brackets, the value that nine rounds in \
         ten reach. The\ncolumn `threads` is a call of the same function in one process with two threads.\n\n",
    );
    let cores = thread::available_parallelism().map_or(1, usize::from);
    page += &report::machine_lines(cores, harness::steps_per_micro()).join("\n");
    page.push('\n');
    let this = env::current_exe()?;
    let mut children = Command::new(&this);
    children.arg("--children").args(words);
    section(&mut page, "Children of the program: `processes(2)`", children)?;
    if cfg!(feature = "mpi") {
        let mut ranks = Command::new("mpirun");
        ranks.args(["--allow-run-as-root", "--oversubscribe", "--bind-to", "none", "-x", "RAYON_NUM_THREADS=1", "-n"]);
        ranks.arg(PROCESSES.to_string()).arg(&this).arg("--ranks").args(words);
        let constants = section(&mut page, "Ranks of MPI: `mpirun -n 2`", ranks)?;
        if words.is_empty() {
            page += &model::page(&constants);
        }
    }
    println!("{page}");
    if words.is_empty() {
        fs::write(report::file("PROCESSES.md"), page)?;
    }
    Ok(())
}

/// Adds the table that a command prints, and returns the constants behind it.
fn section(page: &mut String, title: &str, mut command: Command) -> Result<Constants, Box<dyn Error>> {
    let output = command.stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(format!("{title}: {}", output.status).into());
    }
    let (table, constants) = Constants::split(&String::from_utf8(output.stdout)?);
    *page += &format!("\n## {title}\n\n{table}");
    Ok(constants)
}
