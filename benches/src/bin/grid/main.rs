//! A grid of inputs, costs, lengths and circumstances, in which no cell may be much slower than the
//! serial loop.
//!
//! `cargo run --release --bin grid` measures all cells, and writes the worst of them to `GRID.md`.
//! Words as arguments select the cells whose names contain all of them. The word `special` measures
//! the rows of single findings instead, and further words select from them.
//!
//! `--short` measures a part of the grid, and fails if a cell is three times slower than the serial
//! loop. `--all` prints the cells that meet their goals as well. With `--faults`, the processes
//! return freed memory to the system.

mod cell;
mod contenders;
mod driver;
mod kinds;
mod outcome;
mod process;
mod special;
mod table;
mod trial;
mod work;

use cell::Extent;
use process::Freed;
use std::env;
use std::error::Error;
use std::process::ExitCode;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut words: Vec<String> = env::args().skip(1).collect();
    let mut is_given = |flag: &str| {
        let len = words.len();
        words.retain(|word| word != flag);
        words.len() < len
    };
    let extent = if is_given("--short") { Extent::Short } else { Extent::Full };
    let freed = if is_given("--faults") { Freed::Default } else { Freed::Kept };
    let prints_all = is_given("--all");
    if is_given("--trial") {
        let [index, per_micro, seed] = &words[..] else { return Err("--trial needs three numbers".into()) };
        trial::print(cell::all(extent)[index.parse::<usize>()?], extent, per_micro.parse()?, seed.parse()?);
        return Ok(ExitCode::SUCCESS);
    }
    if is_given("--peak") {
        special::print_peak(words.first().ok_or("--peak needs the name of a contender")?);
        return Ok(ExitCode::SUCCESS);
    }
    if is_given("special") {
        special::measure(freed, &words)?;
        return Ok(ExitCode::SUCCESS);
    }
    if is_given("--row") {
        return special::print(&words.join(" "));
    }
    table::measure(extent, freed, prints_all, &words)
}
