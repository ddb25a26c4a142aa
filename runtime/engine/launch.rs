//! Launches jobs on threads of the current pool: workers of calls, and spawned tasks.

use crate::engine::clock;
use crate::engine::gate::Gate;
use crate::engine::handover::Task;
use crate::engine::pool::Pool;
use crate::engine::seat::Seat;
use crate::engine::spare;
use crate::engine::stack::{self, Place};
use crate::engine::wake;
use std::sync::Arc;
use std::thread;

/// Number of spins of a worker that lingers, after which it looks at the clock.
const SPINS_PER_CLOCK_READ: usize = 32;

/// Maximum time after which a worker that calls find lingering again and again returns to its pool,
/// in nanoseconds, because the pool cannot tell it that other work waits.
const MAX_LINGER_SERIES_NANOS: u64 = 1_000_000;

/// What a thread of the pool is launched for.
///
/// Both kinds take the same path through rayon, because the addresses of their stacks are compared.
enum Job {
    /// A worker of the pool that has been called to the gate.
    Worker(Arc<Pool>, Arc<Gate>),
    Task(Arc<dyn Task>),
}

/// Launches a worker of the current pool, which has been called to `gate`.
pub(crate) fn worker(pool: Arc<Pool>, gate: Arc<Gate>) {
    launch(Job::Worker(pool, gate));
}

/// Launches a task on the current pool. Returns whether the system provides threads for that.
pub(crate) fn task(task: Arc<dyn Task>) -> bool {
    let exists = Pool::exists();
    if exists {
        launch(Job::Task(task));
    }
    exists
}

fn launch(job: Job) {
    rayon::spawn(move || match job {
        // The owner of its handle has run it.
        Job::Task(task) if !task.is_waiting() => {}
        job => start(job),
    });
}

/// Starts a job on the current thread, if the thread is in its main loop.
fn start(job: Job) {
    let place = if Seat::is_taken() { Place::OtherWork } else { stack::place() };
    if place == Place::Unknown {
        thread::sleep(stack::START_INTERVAL);
        return launch(job);
    }
    match job {
        Job::Worker(pool, gate) => {
            pool.remove_called();
            if place != Place::MainLoop {
                return gate.decline();
            }
            gate.enter();
            drop(gate);
            let begin = clock::now();
            while let Some(gate) = linger(&pool, begin) {
                gate.enter_at_once();
            }
        }
        Job::Task(task) => {
            if place == Place::MainLoop {
                task.run(false);
            } else {
                // The work below on this stack may hold a lock that the task needs. Launched again,
                // the task would come back to this thread before all other work, and hide it.
                spare::run(task, rayon::current_num_threads());
            }
        }
    }
}

/// Waits for another call for a short time. Returns to the pool for its other work after
/// [`MAX_LINGER_SERIES_NANOS`] since `begin`.
fn linger(pool: &Pool, begin: u64) -> Option<Arc<Gate>> {
    let since = clock::now();
    let goes_on = |spins: usize| {
        let may_wait = || {
            let now = clock::now();
            now - since < wake::MAX_LINGER_NANOS && now - begin < MAX_LINGER_SERIES_NANOS
        };
        spins % SPINS_PER_CLOCK_READ != 0 || may_wait()
    };
    pool.linger.wait(goes_on)
}
