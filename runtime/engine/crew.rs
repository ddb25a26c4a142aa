//! The crew: plain threads for calls that ask for more threads than their pool has.
//!
//! All calls share it. It grows to the number of workers that the calls of the moment ask for, and
//! a thread that has been idle for [`MAX_IDLE`] ends. Its threads belong to no rayon pool, so items
//! that use rayon get the pool that code outside of any pool gets.

use crate::engine::gate::Gate;
use crate::engine::stack;
use crate::report::trace::report_missing_threads;
use std::collections::VecDeque;
use std::process;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Maximum time for which a thread waits for work, because calls with `threads` often follow each
/// other, and creating a thread takes about 20 us.
const MAX_IDLE: Duration = Duration::from_secs(10);

static CREW: Mutex<Crew> = Mutex::new(Crew::EMPTY);

/// A gate has been added.
static CALLED: Condvar = Condvar::new();

struct Crew {
    /// The gates of the workers that have been called and have not started: one entry per worker.
    gates: VecDeque<Arc<Gate>>,
    /// The number of threads.
    threads: usize,
    /// The number of threads that are idle or about to start.
    idle: usize,
    /// The number of workers that the calls of the moment have called.
    demand: usize,
    /// The number of threads that have been created, for their names.
    created: usize,
    /// The process of the threads.
    process: u32,
}

impl Crew {
    const EMPTY: Self = Crew { gates: VecDeque::new(), threads: 0, idle: 0, demand: 0, created: 0, process: 0 };
}

/// The workers that one call has called. Dropped when the call has ended.
#[derive(Default)]
pub(crate) struct Workers {
    called: AtomicUsize,
    /// The system provides no more threads for this call.
    has_failed: AtomicBool,
}

impl Workers {
    /// Calls up to `count` workers to a gate: fewer if the system provides no more threads.
    pub(crate) fn call(&self, gate: &Arc<Gate>, count: usize) {
        for _ in 0..count {
            if !self.call_one(gate, usize::MAX) {
                return;
            }
        }
    }

    /// Calls one worker, unless another one is expected: a call that grows gets them one by one.
    pub(crate) fn call_next(&self, gate: &Arc<Gate>) {
        self.call_one(gate, 1);
    }

    /// Calls one worker, unless `max_expected` have been called and have not arrived.
    fn call_one(&self, gate: &Arc<Gate>, max_expected: usize) -> bool {
        if self.has_failed.load(Ordering::Relaxed) {
            return false;
        }
        let mut crew = lock();
        if gate.expected_workers() >= max_expected {
            return false;
        }
        // With as many threads as workers, those of calls that have ended are idle soon.
        if crew.gates.len() >= crew.idle && crew.threads <= crew.demand {
            let name = format!("parallelize-{}", crew.created);
            if let Err(error) = stack::builder().name(name).spawn(work) {
                // Not under the lock, because a subscriber may itself make a call.
                drop(crew);
                if !self.has_failed.swap(true, Ordering::Relaxed) {
                    report_missing_threads(&error);
                }
                return false;
            }
            crew.created += 1;
            crew.threads += 1;
            crew.idle += 1;
        }
        self.called.fetch_add(1, Ordering::Relaxed);
        crew.demand += 1;
        gate.expect_worker();
        crew.gates.push_back(Arc::clone(gate));
        drop(crew);
        CALLED.notify_one();
        true
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        let called = *self.called.get_mut();
        if called > 0 {
            let mut crew = lock();
            crew.demand = crew.demand.saturating_sub(called);
        }
    }
}

/// The life of a thread.
fn work() {
    let mut crew = lock();
    loop {
        if let Some(gate) = crew.gates.pop_front() {
            crew.idle -= 1;
            drop(crew);
            gate.enter();
            drop(gate);
            crew = lock();
            crew.idle += 1;
            continue;
        }
        let (guard, waited) = CALLED.wait_timeout(crew, MAX_IDLE).unwrap_or_else(PoisonError::into_inner);
        crew = guard;
        if waited.timed_out() && crew.gates.is_empty() {
            crew.idle -= 1;
            crew.threads -= 1;
            return;
        }
    }
}

/// Locks the crew. In a child process after a fork, its threads do not exist.
fn lock() -> MutexGuard<'static, Crew> {
    let mut crew = CREW.lock().unwrap_or_else(PoisonError::into_inner);
    let process = process::id();
    if crew.process != process {
        *crew = Crew { process, ..Crew::EMPTY };
    }
    crew
}
