//! Runs the parallel functions of the crate `parallelize` in all processes of an MPI run.
//!
//! Begin `main` with [`cluster`], and keep the guard that it returns until the end:
//!
//! ```no_run
//! use parallelize::parallelize;
//!
//! #[parallelize(over = x, distributed)]
//! fn simulate(x: f64, steps: u64, table: &[f64]) -> f64 {
//!     (0..steps).fold(x, |x, _| (x + table[0]).sin())
//! }
//!
//! fn main() {
//!     let _cluster = parallelize_mpi::cluster();
//!     let table = vec![1.5];
//!     let ends = simulate_parallel((0..1_000).map(f64::from), 100, &table);
//!     println!("{}", ends.iter().sum::<f64>());
//! }
//! ```
//!
//! `mpirun` or `srun` starts the program several times, and the calls of functions with the option
//! `distributed` run in all of these processes. Started alone, the program runs on the threads of
//! its process. The [user guide] explains how to start it, what is sent, and what happens if a
//! process dies.
//!
//! To build this crate, you need an MPI library and libclang.
//!
//! [user guide]: https://docs.rs/parallelize/latest/parallelize/guide/cluster/

mod backoff;
mod launcher;
mod place;
mod thread;
mod transport;

use launcher::Launch;
use parallelize::__private::cluster::{Event, Transport, drive, serve};
use parallelize::Cluster;
use place::warnings;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use transport::Ranks;

/// Joins the processes of an MPI run. Write this at the beginning of `main`.
///
/// In rank 0, this returns a guard. As long as the guard exists, calls of functions with the option
/// `distributed` run in all processes, and rank 0 computes as well. The other ranks never return
/// from this function: they run what rank 0 sends them, and end when the guard is dropped. Whatever
/// `main` does before this call, all of them do.
///
/// If the program was not started by `mpirun`, `mpiexec` or `srun`, or as a single process of them,
/// calls run on the threads of this process, and MPI is not started.
///
/// A thread that this function starts is the only one that calls MPI. It sleeps between two
/// questions to MPI, so that it does not take a core from the items.
///
/// A warning on standard error names each host whose ranks have more threads than cores.
///
/// # Exits
///
/// If a rank runs another build of the program, or if its processor would compute other bits, the
/// run ends with exit code 1 and a message that names the host. It also ends if the processes do
/// not find each other, because they were started without the support of MPI.
///
/// # Panics
///
/// If MPI has been started before, or if this process has another guard.
///
/// # Examples
///
/// ```no_run
/// use parallelize::parallelize;
///
/// #[parallelize(over = n, distributed)]
/// fn square(n: u64) -> u64 {
///     n * n
/// }
///
/// fn main() {
///     let _cluster = parallelize_mpi::cluster();
///     assert_eq!(square_parallel([1, 2, 3]), [1, 4, 9]);
/// }
/// ```
#[track_caller]
pub fn cluster() -> Cluster {
    let Some(launch) = Launch::of_this_process() else { return Cluster::alone() };
    let ranks = Ranks::start().expect(
        "MPI can be started only once in a process: call `parallelize_mpi::cluster` once, and do not start MPI yourself",
    );
    let Launch { processes, by } = launch;
    if ranks.run.processes == 1 {
        eprintln!(
            "parallelize-mpi: {by} has started {processes} processes, but each of them is alone in its MPI run: start \
             the program with the `mpirun` of the MPI library that it was built with, or with `srun --mpi=pmix`"
        );
        process::exit(1);
    }
    if ranks.run.rank > 0 { follow(ranks) } else { lead(ranks) }
}

/// Drives the run, as rank 0.
fn lead(ranks: Ranks) -> Cluster {
    for warning in warnings(&ranks.run.places) {
        eprintln!("parallelize-mpi: warning: {warning}");
    }
    let connect = |events: Sender<Event>| {
        // An error: this process leaves the run.
        ranks.listen(move |rank, letter| drop(events.send(Event::Letter(rank, letter))));
        Ok(ranks)
    };
    drive(true, connect).unwrap_or_else(|error| {
        eprintln!("parallelize-mpi: {error}");
        process::exit(1);
    })
}

/// Runs what rank 0 sends, until it ends the run.
fn follow(mut ranks: Ranks) -> ! {
    let (letters, arrived) = channel();
    ranks.listen(move |_, letter| drop(letters.send(letter)));
    let served = catch_unwind(AssertUnwindSafe(|| {
        serve(move || arrived.recv().ok().map(Arc::new), |letter| ranks.send(0, letter));
    }));
    if served.is_err() {
        // Without this process, rank 0 would wait for ever. The panic has been printed.
        ranks.abort(101);
    }
    drop(ranks);
    process::exit(0)
}
