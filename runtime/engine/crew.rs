//! The crew: plain threads for calls that ask for more threads than their pool has.
//!
//! All calls share it. It grows to the number of workers that the calls of the moment ask for, and
//! a thread that has been idle for [`MAX_IDLE`] ends. Its threads belong to no rayon pool, so items
//! that use rayon get the pool that code outside of any pool gets.

use crate::engine::gate::Gate;
use crate::engine::stack;
use crate::report::trace::report_missing_threads;
use std::collections::VecDeque;
use std::io;
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

    /// Returns whether one more worker needs a new thread. If there are more threads than workers,
    /// some of them are in calls that have ended, and are idle soon.
    fn needs_thread(&self) -> bool {
        self.gates.len() >= self.idle && self.threads <= self.demand
    }

    /// Removes a thread that has been idle for long.
    fn remove_thread(&mut self) {
        self.threads -= 1;
        self.idle -= 1;
    }

    /// Calls a worker to a gate. `start` starts a thread with a name, if one is needed.
    ///
    /// # Errors
    ///
    /// If `start` fails. No worker is called then.
    fn call(&mut self, gate: &Arc<Gate>, start: impl FnOnce(String) -> io::Result<()>) -> io::Result<()> {
        if self.needs_thread() {
            start(format!("parallelize-{}", self.created))?;
            self.created += 1;
            self.threads += 1;
            self.idle += 1;
        }
        self.demand += 1;
        gate.expect_worker();
        self.gates.push_back(Arc::clone(gate));
        Ok(())
    }

    /// Returns the gate of the next worker, for a thread that was idle.
    fn begin(&mut self) -> Option<Arc<Gate>> {
        let gate = self.gates.pop_front()?;
        self.idle -= 1;
        Some(gate)
    }

    /// Records that a thread has left its gate.
    fn end(&mut self) {
        self.idle += 1;
    }

    /// Records the end of a call that has called `workers` workers.
    fn end_call(&mut self, workers: usize) {
        // They may have been called before a fork.
        self.demand = self.demand.saturating_sub(workers);
    }
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
        let called = crew.call(gate, |name| stack::builder().name(name).spawn(work).map(drop));
        drop(crew);
        if let Err(error) = called {
            // Not under the lock, because a subscriber may itself make a call.
            if !self.has_failed.swap(true, Ordering::Relaxed) {
                report_missing_threads(&error);
            }
            return false;
        }
        self.called.fetch_add(1, Ordering::Relaxed);
        CALLED.notify_one();
        true
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        let called = *self.called.get_mut();
        if called > 0 {
            lock().end_call(called);
        }
    }
}

/// The life of a thread.
fn work() {
    let mut crew = lock();
    loop {
        if let Some(gate) = crew.begin() {
            drop(crew);
            gate.enter();
            drop(gate);
            crew = lock();
            crew.end();
            continue;
        }
        let (guard, waited) = CALLED.wait_timeout(crew, MAX_IDLE).unwrap_or_else(PoisonError::into_inner);
        crew = guard;
        if waited.timed_out() && crew.gates.is_empty() {
            crew.remove_thread();
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

#[cfg(all(test, not(loom)))]
mod tests {
    use super::Crew;
    use crate::engine::gate::{self, Gate};
    use std::io;
    use std::sync::Arc;
    use std::thread;

    /// Calls a worker, and returns whether that started a thread.
    fn call(crew: &mut Crew, gate: &Arc<Gate>) -> bool {
        let mut starts = false;
        let start = |name: String| {
            starts = true;
            assert!(name.starts_with("parallelize-"));
            Ok(())
        };
        crew.call(gate, start).expect("a thread");
        starts
    }

    #[test]
    fn the_crew_has_as_many_threads_as_workers_of_the_moment() {
        let mut crew = Crew::EMPTY;
        gate::open(false, thread::park, &|_| (), &mut |gate| {
            assert!((0..3).all(|_| call(&mut crew, gate)));
            assert_eq!(gate.expected_workers(), 3);
            assert!((0..3).all(|_| crew.begin().is_some()) && crew.begin().is_none());
            // Two threads are idle. The third is still inside, but its call has ended.
            crew.end();
            crew.end();
            crew.end_call(3);
            assert!((0..3).all(|_| !call(&mut crew, gate)));
            assert!(call(&mut crew, gate));
            assert_eq!((crew.threads, crew.idle, crew.demand, crew.created), (4, 3, 4, 4));
        });
    }

    #[test]
    fn threads_that_have_ended_are_replaced() {
        let mut crew = Crew::EMPTY;
        gate::open(false, thread::park, &|_| (), &mut |gate| {
            for round in 1..=2 {
                assert!((0..3).all(|_| call(&mut crew, gate)));
                assert!((0..3).all(|_| crew.begin().is_some()));
                (0..3).for_each(|_| crew.end());
                crew.end_call(3);
                (0..3).for_each(|_| crew.remove_thread());
                assert_eq!((crew.threads, crew.idle, crew.demand, crew.created), (0, 0, 0, 3 * round));
            }
        });
    }

    #[test]
    fn no_worker_is_called_without_a_thread() {
        let mut crew = Crew::EMPTY;
        gate::open(false, thread::park, &|_| (), &mut |gate| {
            assert!(crew.call(gate, |_| Err(io::ErrorKind::OutOfMemory.into())).is_err());
            assert_eq!((crew.threads, crew.idle, crew.demand, gate.expected_workers()), (0, 0, 0, 0));
            assert!(crew.begin().is_none());
        });
    }

    #[test]
    fn a_call_from_before_a_fork_ends() {
        let mut crew = Crew::EMPTY;
        crew.end_call(3);
        assert_eq!(crew.demand, 0);
    }
}
