//! The guard at the beginning of `main`: as long as it exists, calls run in all processes.

use crate::distributed::guard;
use crate::distributed::others::Others;
use crate::distributed::transport::{Event, Transport};
use std::fmt::{self, Debug, Formatter};
use std::io;
use std::sync::mpsc::Sender;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The processes of a run, which [`processes`](crate::processes) or the crate `parallelize-mpi`
/// starts or finds.
///
/// As long as this guard exists, calls of functions with the option `distributed` run in all
/// processes. When it is dropped, the other processes end, as soon as no stream of such a call
/// exists any more. The calls of this process then run on its threads.
///
/// Only the first process of the run returns from the function that creates the guard. The others
/// run items there, and end with the guard. Create it at the beginning of `main`, and keep it in a
/// variable with a name: `let _ = ..` would drop it at once.
///
/// One call at a time has the other processes. A call that another thread makes meanwhile, and a
/// call that an item makes, runs on the threads of its process. Results are the same.
#[must_use = "the other processes end when it is dropped"]
pub struct Cluster {
    /// The number of processes, this one included.
    processes: usize,
    /// Tells it apart from other guards, if there are several processes.
    id: Option<u64>,
}

/// The run that this process drives.
struct Run {
    /// The number of guards so far.
    guards: u64,
    /// The guard that exists.
    guard: Option<u64>,
    /// All processes, unless a call has them.
    others: Option<Others>,
}

static RUN: Mutex<Run> = Mutex::new(Run { guards: 0, guard: None, others: None });

fn run() -> MutexGuard<'static, Run> {
    RUN.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Cluster {
    /// Creates the guard of a run with one process.
    #[doc(hidden)]
    pub fn alone() -> Self {
        guard::set_alone();
        Cluster { processes: 1, id: None }
    }
}

/// Creates the guard of the first process of a run, when all others have said what program they
/// run.
///
/// `connect` gets the channel for what the first process hears of the others. With `computes_here`,
/// this process runs items as well.
///
/// When the run ends, the last letters are sent, and the transport is dropped.
///
/// # Errors
///
/// If `connect` fails, if a process runs another program or would compute other bits, if it has not
/// said anything within a minute, if two functions cannot be told apart, or if there is another
/// guard. The others have been told to end.
pub fn drive<T: Transport + 'static>(
    computes_here: bool,
    connect: impl FnOnce(Sender<Event>) -> io::Result<T>,
) -> io::Result<Cluster> {
    let id = {
        let mut run = run();
        if run.guard.is_some() {
            let message = "this program has other processes already: keep one `Cluster` for all calls";
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, message));
        }
        run.guards += 1;
        run.guard = Some(run.guards);
        run.guards
    };
    // If this fails, the guard is dropped.
    let mut cluster = Cluster { processes: 1, id: Some(id) };
    let others = Others::meet(computes_here, connect)?;
    cluster.processes += others.ready().filter(|(number, _)| *number > 0).count();
    run().others = Some(others);
    guard::set_several(true);
    Ok(cluster)
}

/// Takes all processes, or returns `None` if there is only this one, or if another call has them.
///
/// The number tells to which guard they belong.
///
/// # Panics
///
/// If the program runs in several processes and `main` does not begin with a guard.
#[track_caller]
#[inline]
pub(crate) fn take() -> Option<(u64, Others)> {
    if !guard::is_several() || guard::is_inside() {
        return None;
    }
    let mut run = run();
    Some((run.guard?, run.others.take()?))
}

/// Gives back what [`take`] has returned. If the guard has been dropped, the processes end.
pub(crate) fn give_back(guard: u64, others: Others) {
    let mut run = run();
    if run.guard == Some(guard) {
        run.others = Some(others);
    } else {
        drop(run);
        drop(others);
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let Some(id) = self.id else { return };
        let mut run = run();
        if run.guard == Some(id) {
            run.guard = None;
            guard::set_several(false);
            let others = run.others.take();
            // Other threads need not wait until the processes have ended.
            drop(run);
            drop(others);
        }
    }
}

impl Debug for Cluster {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cluster").field("processes", &self.processes).finish_non_exhaustive()
    }
}
