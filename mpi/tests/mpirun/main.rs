//! Starts itself by `mpirun`, with two and with three ranks and alone, and checks what happens:
//! the results of all forms of functions, ranks that are killed, and mistakes.
//!
//! libtest has no `main` that could begin with the guard, so this is a program.

#[path = "../../../tests/processes/src/matrix/mod.rs"]
mod matrix;
mod programs;
mod started;
mod sweep;

use programs::{Program, run_program};
use started::Started;
use std::env;
use std::fs;
use std::time::Duration;

/// The maximum time until a run has ended after the death of a rank, on a busy machine.
const MAX_DEATH: Duration = Duration::from_secs(5);

/// The maximum time of a short run with large results, on a busy machine.
const MAX_FAREWELL: Duration = Duration::from_secs(30);

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.split_first() {
        Some((name, rest)) if name == "program" => run_program(rest),
        // `cargo test` passes the filters of tests.
        _ => check(&arguments.into_iter().filter(|argument| !argument.starts_with('-')).collect::<Vec<_>>()),
    }
}

fn check(filters: &[String]) {
    let tests: [(&str, fn()); 12] = [
        ("matrix", the_matrix_equals_the_serial_loop),
        ("alone", alone_mpi_is_not_started),
        ("panic", a_panic_in_main_ends_the_run),
        ("busy", a_panic_in_main_does_not_wait_for_long_items),
        ("sending", a_run_ends_while_ranks_send_large_results),
        ("exit", an_exit_ends_the_run),
        ("forgotten", a_forgotten_guard_is_an_error),
        ("twice", a_second_guard_is_an_error),
        ("other", another_program_is_an_error_that_names_the_host),
        ("lonely", ranks_that_do_not_find_each_other_are_an_error),
        ("warning", too_few_cores_are_a_warning),
        ("kill", a_killed_rank_ends_the_run_and_the_next_one_goes_on),
    ];
    for (name, test) in tests {
        if filters.is_empty() || filters.iter().any(|filter| name.contains(filter.as_str())) {
            println!("test {name}");
            test();
        }
    }
}

fn the_matrix_equals_the_serial_loop() {
    for ranks in [1, 2, 3] {
        let ended = Started::by_mpirun(ranks, Program::Matrix, &[]).end();
        assert!(ended.succeeded, "{ranks} ranks: {ended:?}");
        assert!(ended.output.contains("all equal the serial loop"), "{ended:?}");
        println!("  {}", ended.output.lines().last().unwrap_or_default());
    }
    let ended = Started::alone(Program::Matrix, &[]).end();
    assert!(ended.succeeded && ended.output.contains("all equal the serial loop"), "{ended:?}");
}

fn alone_mpi_is_not_started() {
    for started in [Started::alone(Program::IsStarted, &[]), Started::by_mpirun(1, Program::IsStarted, &[])] {
        let ended = started.end();
        assert!(ended.succeeded && ended.output.contains("MPI is started: false"), "{ended:?}");
    }
    let ended = Started::by_mpirun(2, Program::IsStarted, &[]).end();
    assert!(ended.succeeded && ended.output.contains("MPI is started: true"), "{ended:?}");
    assert_eq!(ended.output.matches("MPI is started").count(), 1, "only rank 0 goes on: {ended:?}");
}

fn a_panic_in_main_ends_the_run() {
    let ended = Started::by_mpirun(3, Program::Panic, &[]).end();
    assert!(!ended.succeeded && ended.errors.contains("main panics"), "{ended:?}");
    assert!(ended.took < MAX_DEATH, "{ended:?}");
}

fn a_panic_in_main_does_not_wait_for_long_items() {
    let ended = Started::by_mpirun(2, Program::PanicWhileBusy, &[]).end();
    assert!(!ended.succeeded && ended.errors.contains("the body panics"), "{ended:?}");
    assert!(ended.took < 2 * MAX_DEATH, "{ended:?}");
}

fn a_run_ends_while_ranks_send_large_results() {
    // Item 0 fails, and the guard is dropped, while the others send their results.
    for later in (0..6_000).step_by(150) {
        let variables = [("LATER_US", &*later.to_string())];
        let ended = Started::by_mpirun(3, Program::StopWhileSending, &variables).end_within(MAX_FAREWELL);
        assert!(ended.succeeded && ended.output.contains("ended"), "{ended:?}");
    }
}

fn an_exit_ends_the_run() {
    let ended = Started::by_mpirun(2, Program::Exit, &[]).end();
    assert!(!ended.succeeded, "{ended:?}");
    assert!(ended.took < MAX_DEATH, "{ended:?}");
}

fn a_forgotten_guard_is_an_error() {
    let ended = Started::by_mpirun(2, Program::Forgotten, &[]).end();
    assert!(!ended.succeeded, "{ended:?}");
    assert!(
        ended.errors.contains("this program runs in 2 processes, each of which would do all the work"),
        "{ended:?}"
    );
    assert!(ended.errors.contains("programs.rs"), "the message is about the call: {ended:?}");
}

fn a_second_guard_is_an_error() {
    let ended = Started::by_mpirun(2, Program::Twice, &[]).end();
    assert!(!ended.succeeded && ended.errors.contains("MPI can be started only once"), "{ended:?}");
}

fn another_program_is_an_error_that_names_the_host() {
    let ended = Started::with_another_program(Program::IsStarted).end();
    assert!(!ended.succeeded, "{ended:?}");
    let host = started::host();
    assert!(ended.errors.contains("parallelize-mpi: ") && ended.errors.contains(&host), "{host}: {ended:?}");
    assert!(ended.took < MAX_DEATH, "{ended:?}");
}

fn ranks_that_do_not_find_each_other_are_an_error() {
    let ended = Started::alone(Program::IsStarted, &[("PMI_SIZE", "4")]).end();
    assert!(!ended.succeeded, "{ended:?}");
    assert!(ended.errors.contains("has started 4 processes, but each of them is alone"), "{ended:?}");
}

fn too_few_cores_are_a_warning() {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let ended = Started::by_mpirun(2, Program::IsStarted, &[("RAYON_NUM_THREADS", &(2 * cores).to_string())]).end();
    let host = started::host();
    let warning = format!("rank 0 on host {host} starts {} threads, but is bound to {cores} core", 2 * cores);
    assert!(ended.succeeded, "{ended:?}");
    assert_eq!(ended.errors.matches(&warning).count(), 1, "{warning}: {ended:?}");
    let one_each = [("RAYON_NUM_THREADS", "1")];
    let ended = Started::by_mpirun(cores, Program::IsStarted, &one_each).end();
    assert!(!ended.errors.contains("warning: "), "{ended:?}");
}

fn a_killed_rank_ends_the_run_and_the_next_one_goes_on() {
    let path = env::temp_dir().join(format!("parallelize-mpi-{}.redb", std::process::id()));
    let _ = fs::remove_file(&path);
    let path = path.to_str().expect("a path in UTF-8");
    let file = [("SWEEP_FILE", path)];
    for rank in [1, 0, 2] {
        let mut started = Started::by_mpirun(3, Program::Sweep, &file);
        let process = started.wait_for(&format!("rank {rank} is process "));
        started.wait_for("begun");
        std::thread::sleep(Duration::from_millis(900));
        started.kill(&process);
        let ended = started.end();
        assert!(!ended.succeeded, "{ended:?}");
        assert!(ended.took < MAX_DEATH, "{ended:?}");
        println!("  rank {rank} killed: the run ended {:.2} s later", ended.took.as_secs_f64());
    }
    let ended = Started::by_mpirun(3, Program::Sweep, &file).end();
    assert!(ended.succeeded, "{ended:?}");
    let line = ended.output.lines().find(|line| line.starts_with("computed ")).expect("the last line");
    let computed: u64 = line.split(' ').nth(1).and_then(|word| word.parse().ok()).expect("a number");
    println!("  {line}");
    assert!(computed < sweep::ITEMS * 3 / 4, "the killed runs have left nothing: {ended:?}");
    // A run with other ranks uses the same file.
    let ended = Started::alone(Program::Sweep, &file).end();
    assert!(ended.output.contains("computed 0 of "), "{ended:?}");
    fs::remove_file(path).expect("the file");
}
