//! The programs that `mpirun` starts.

use crate::matrix;
use crate::sweep;
use parallelize::parallelize;
use std::env;
use std::process;
use std::thread;
use std::time::{Duration, UNIX_EPOCH};

/// What the ranks of a run do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Program {
    Matrix,
    IsStarted,
    Panic,
    PanicWhileBusy,
    StopWhileSending,
    Exit,
    Forgotten,
    Twice,
    Sweep,
}

const ALL: [Program; 9] = [
    Program::Matrix,
    Program::IsStarted,
    Program::Panic,
    Program::PanicWhileBusy,
    Program::StopWhileSending,
    Program::Exit,
    Program::Forgotten,
    Program::Twice,
    Program::Sweep,
];

impl Program {
    pub(crate) fn name(self) -> String {
        format!("{self:?}")
    }
}

#[parallelize(over = n, distributed)]
fn square(n: u64) -> u64 {
    n * n
}

#[parallelize(over = seconds, distributed)]
fn sleep(seconds: u64) {
    thread::sleep(Duration::from_secs(seconds));
}

/// Returns large results at that time after 1970, and a failure for item 0 later.
#[parallelize(over = item, threads = 1, distributed, try_collect)]
fn large(item: u64, time: Duration, later: Duration) -> Result<String, String> {
    let result = if item == 0 { Err("item 0 fails".to_owned()) } else { Ok("x".repeat(8 << 20)) };
    let end = if item == 0 { time + later } else { time };
    thread::sleep(end.saturating_sub(UNIX_EPOCH.elapsed().expect("a clock")));
    result
}

pub(crate) fn run_program(arguments: &[String]) {
    let name = arguments.first().map_or("", String::as_str);
    let program = ALL.into_iter().find(|program| program.name() == name);
    let program = program.unwrap_or_else(|| panic!("there is no program {name}"));
    let variable = |name: &str| env::var(name).ok();
    println!("rank {} is process {}", variable("OMPI_COMM_WORLD_RANK").unwrap_or_default(), process::id());
    if program == Program::Forgotten {
        square_parallel([1, 2, 3]);
        return;
    }

    if program == Program::Matrix {
        matrix::expect_panics();
    }
    let cluster = parallelize_mpi::cluster();
    println!("begun");
    match program {
        Program::Matrix => {
            let size = variable("OMPI_COMM_WORLD_SIZE").and_then(|size| size.parse().ok()).unwrap_or(1);
            matrix::run(matrix::Run { others: size - 1, computes_here: true });
        }
        Program::IsStarted => {
            assert_eq!(square_parallel(0..100), (0..100).map(square).collect::<Vec<_>>());
            println!("MPI is started: {}", mpi::environment::is_initialized());
        }
        Program::Panic => {
            square_parallel(0..100);
            panic!("main panics");
        }
        Program::PanicWhileBusy => {
            for (i, ()) in sleep_parallel_iter([0, 0, 60, 60, 60]).in_flight(4).into_iter().enumerate() {
                assert!(i < 1, "the body panics");
            }
        }
        Program::StopWhileSending => {
            let later = variable("LATER_US").and_then(|micros| micros.parse().ok()).expect("a time");
            let time = UNIX_EPOCH.elapsed().expect("a clock") + Duration::from_millis(100);
            let first = large_parallel(0..3, time, Duration::from_micros(later));
            drop(cluster);
            assert_eq!(first, Err("item 0 fails".to_owned()));
            println!("ended");
            return;
        }
        Program::Exit => process::exit(3),
        Program::Twice => {
            drop(cluster);
            drop(parallelize_mpi::cluster());
            return;
        }
        Program::Sweep => sweep::run(&variable("SWEEP_FILE").expect("a path")),
        Program::Forgotten => unreachable!("it has no guard"),
    }
    drop(cluster);
}
