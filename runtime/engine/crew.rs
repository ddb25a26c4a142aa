//! The crew: plain threads for calls that ask for more threads than their pool has.
//!
//! All calls share it. It grows to the number of workers that the calls of the moment ask for, and
//! a thread that has been idle for [`MAX_IDLE`] ends. Its threads belong to no rayon pool, so items
//! that use rayon get the pool that code outside of any pool gets.

use crate::engine::gate::Gate;
use crate::engine::stack;
use crate::report::trace::report_missing_threads;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Maximum time for which a thread waits for work, because calls with `threads` often follow each
/// other, and creating a thread takes about 20 us.
const MAX_IDLE: Duration = Duration::from_secs(10);

static CREW: Mutex<Crew> = Mutex::new(Crew { gates: VecDeque::new(), threads: 0, idle: 0, demand: 0, created: 0 });

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
}

/// The workers that one call has called. Dropped when the call has ended.
#[derive(Default)]
pub(crate) struct Workers(AtomicUsize);

impl Workers {
    /// Calls up to `count` workers to a gate: fewer if the system provides no more threads.
    pub(crate) fn call(&self, gate: &Arc<Gate>, count: usize) {
        for _ in 0..count {
            let mut crew = lock();
            // With as many threads as workers, those of calls that have ended are idle soon.
            if crew.gates.len() >= crew.idle && crew.threads <= crew.demand {
                let name = format!("parallelize-{}", crew.created);
                if let Err(error) = stack::builder().name(name).spawn(work) {
                    return report_missing_threads(&error);
                }
                crew.created += 1;
                crew.threads += 1;
                crew.idle += 1;
            }
            self.0.fetch_add(1, Ordering::Relaxed);
            crew.demand += 1;
            gate.expect_worker();
            crew.gates.push_back(Arc::clone(gate));
            drop(crew);
            CALLED.notify_one();
        }
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        let called = *self.0.get_mut();
        if called > 0 {
            lock().demand -= called;
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

fn lock() -> MutexGuard<'static, Crew> {
    CREW.lock().unwrap_or_else(PoisonError::into_inner)
}
