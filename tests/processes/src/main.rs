//! Calls in children of this program: their results are those of the serial loop, whoever dies.
//!
//! ```text
//! cargo run --release --package parallelize-processes -- [part]..
//! cargo run --release --package parallelize-processes -- measure
//! ```
//!
//! Each part runs in a process of its own, because a program has one guard, and begins with it.

mod deaths;
mod family;
mod lives;
mod matrix;
mod measure;

use std::env;
use std::process::Command;
use std::time::Instant;

type Part = (&'static str, fn());

/// What runs without arguments.
const PARTS: &[Part] = &[
    ("matrix", of_children),
    ("alone", alone),
    ("kills", deaths::kills),
    ("calm", deaths::between_calls),
    ("killers", deaths::killers),
    ("stopped", deaths::stopped_child),
    ("drop", lives::ends_with_guard),
    ("parent", lives::ends_with_parent),
    ("failure", lives::fails_to_start),
    ("guards", lives::one_guard),
    ("missing", lives::missing_guard),
    ("family", lives::grandchildren),
];

/// What other parts start.
const ROLES: &[Part] = &[
    ("measure", measure::run),
    ("parent-that-dies", lives::parent_that_dies),
    ("no-guard", lives::no_guard),
    ("early-exit", lives::early_exit),
    ("grandchild", lives::grandchild),
];

fn main() {
    let parts: Vec<String> = env::args().skip(1).collect();
    if let [part] = &parts[..] {
        if let Some((_, run)) = PARTS.iter().chain(ROLES).find(|(name, _)| name == part) {
            run();
            return;
        }
    }
    let chosen = |name: &str| parts.is_empty() || parts.iter().any(|part| part == name);
    let mut failed = Vec::new();
    for (name, _) in PARTS.iter().filter(|(name, _)| chosen(name)) {
        let start = Instant::now();
        let status = this_program(name).status().expect("this program");
        println!("{name}: {}, {:.1} s", if status.success() { "ok" } else { "FAILED" }, start.elapsed().as_secs_f64());
        failed.extend((!status.success()).then_some(*name));
    }
    assert!(failed.is_empty(), "failed: {failed:?}");
}

/// Returns the command that runs a part of this program.
fn this_program(part: &str) -> Command {
    let mut command = Command::new(env::current_exe().expect("the path of this program"));
    command.arg(part);
    command
}

/// The same functions in children, which keep quiet about panics of items.
fn of_children() {
    matrix::expect_panics();
    if env::var_os("PARALLELIZE_FIRST_PROCESS").is_some() {
        std::panic::set_hook(Box::new(|_| {}));
    }
    let _cluster = parallelize::processes(2).expect("two children");
    matrix::run(matrix::Run { others: 2, computes_here: false });
}

/// And in this process.
fn alone() {
    matrix::expect_panics();
    matrix::run(matrix::Run { others: 0, computes_here: false });
}
