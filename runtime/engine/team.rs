//! The team of a call: the threads that it may use. They belong to the current rayon pool or, if
//! the call asks for more threads, to the crew.

use crate::engine::crew::Workers;
use crate::engine::gate::Gate;
use crate::engine::grain::MIN_WORK_TO_WAKE_NANOS;
use crate::engine::launch;
use crate::engine::pool::{self, HAS_THREADS, Pool};
use crate::engine::seat::Seat;
use crate::engine::sync::park;
use crate::variables::max_threads;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// Maximum number of workers of the crew with which a call starts whose input does not know its
/// length. Each of them calls more if there is work for them.
const MAX_FIRST_WORKERS: usize = 64;

/// The threads that a call may use.
pub(crate) struct Team {
    /// The maximum number of threads that work on the call, including the calling thread.
    threads: usize,
    /// The size of the current pool, capped by `PARALLELIZE_THREADS`. A worker thread of this pool
    /// gets a seat only while fewer threads of the pool work on calls.
    pool_threads: usize,
    /// The current pool, if the worker threads are its threads. Otherwise they are the crew's.
    pool: Option<Arc<Pool>>,
    /// The workers of the crew that the call has called.
    crew: Workers,
    /// The maximum number of workers of the crew with which the call starts. Each of them calls
    /// another one if there is work for it, unless all are called at once.
    first_workers: usize,
}

impl Team {
    /// Returns the team of a call that is limited to `threads` threads.
    ///
    /// For more threads than the current pool has, the worker threads are those of the crew. This
    /// is meant for items that wait and leave their cores to others.
    pub(crate) fn of(threads: Option<usize>) -> Self {
        let max_threads = max_threads();
        let pool_threads = Pool::size().min(max_threads);
        let threads = threads.unwrap_or(pool_threads).min(max_threads);
        let pool = if threads > 1 && threads <= pool_threads { Pool::current() } else { None };
        Team { threads, pool_threads, pool, crew: Workers::default(), first_workers: MAX_FIRST_WORKERS }
    }

    /// Limits the team to one thread per item, if there are at most `max_items` items.
    pub(crate) fn for_items(self, max_items: Option<usize>) -> Self {
        let threads = max_items.map_or(self.threads, |items| self.threads.min(items)).max(1);
        let first_workers = if max_items.is_some() { usize::MAX } else { self.first_workers };
        Team { threads, first_workers, ..self }
    }

    /// Starts with one worker of the crew, because the items are probably cheap.
    pub(crate) fn starting_with_one(self) -> Self {
        Team { first_workers: 1, ..self }
    }

    /// Returns the maximum number of threads, including the calling thread.
    pub(crate) fn threads(&self) -> usize {
        self.threads
    }

    /// Returns the maximum number of worker threads.
    pub(crate) fn max_workers(&self) -> usize {
        self.threads - 1
    }

    /// Returns the number of worker threads that would get a seat now. The calling thread must have
    /// taken its own seat.
    pub(crate) fn available_workers(&self) -> usize {
        let free = self.pool.as_ref().map_or(usize::MAX, |pool| pool.free(self.pool_threads));
        free.min(self.max_workers())
    }

    /// Returns whether the worker threads are those of the crew.
    pub(crate) fn is_crew(&self) -> bool {
        self.pool.is_none()
    }

    /// Returns whether the first workers are one more than are wanted.
    pub(crate) fn calls_spare_worker(&self) -> bool {
        self.pool.is_some()
    }

    /// Calls the worker threads with which a call starts.
    pub(crate) fn call_first_workers(&self, gate: &Arc<Gate>) {
        if self.pool.is_none() {
            self.crew.call(gate, self.max_workers().min(self.first_workers));
        } else {
            // At most two are wanted at first, because waking many takes time, and each thread that
            // comes calls two more. One more is called than wanted, because a thread that is woken
            // alone starts on the calling thread's core (measured: in 116 of 117 cases). A thread
            // that lingers is awake on another core. It calls others, if the work pays for them.
            let wanted = self.available_workers().min(2);
            let found = (0..wanted).take_while(|_| self.call_lingering(gate)).count();
            if found == 0 {
                self.call_pool(gate, wanted + 1);
            }
        }
    }

    /// Calls up to two more worker threads, if the remaining work is estimated to pay for them.
    pub(crate) fn call_more_workers(&self, gate: &Arc<Gate>, remaining_nanos: f64) {
        if self.pool.is_some() && gate.expected_workers() == 0 && remaining_nanos >= MIN_WORK_TO_WAKE_NANOS {
            self.call_pool(gate, self.available_workers().min(2));
        }
    }

    /// Calls another worker, after a thread has pulled a chunk and before it runs it.
    ///
    /// A team of the crew with one thread per item has been called at once. Without a known number
    /// of items, or if the items are probably cheap, the team grows as long as there are any, so
    /// that items may wait for each other. Other workers are called only if `calls_back` tells that
    /// one has left too early, and that [`can_call_back`](Self::can_call_back) is true.
    pub(crate) fn call_next_worker(&self, gate: &Arc<Gate>, calls_back: bool) {
        if self.pool.is_some() {
            self.call_pool(gate, usize::from(calls_back));
        } else if calls_back {
            self.crew.call(gate, 1);
        } else if self.first_workers < usize::MAX && gate.workers_inside() < self.max_workers() {
            self.crew.call_next(gate);
        }
    }

    /// Returns whether a worker that has left may be called back now: in a pool, if a thread is
    /// free, and no other one is expected that could call it back.
    pub(crate) fn can_call_back(&self, gate: &Gate) -> bool {
        self.pool.is_none() || gate.expected_workers() == 0 && self.available_workers() > 0
    }

    /// Returns what the calling thread does while it waits for its workers to leave.
    ///
    /// Workers of the crew may need the pool of the calling thread, so that must go on.
    pub(crate) fn wait(&self) -> fn() {
        if self.pool.is_none() && rayon::current_thread_index().is_some() { serve_pool_or_wait } else { park }
    }

    /// Returns whether a worker of the pool lingers after another call.
    pub(crate) fn has_lingering(&self) -> bool {
        self.pool.as_ref().is_some_and(|pool| pool.linger.has_waiting())
    }

    /// Calls a worker that lingers. Returns whether there is one.
    fn call_lingering(&self, gate: &Arc<Gate>) -> bool {
        let Some(pool) = &self.pool else { return false };
        gate.expect_worker();
        let is_found = pool.linger.offer(|| Arc::clone(gate));
        if !is_found {
            gate.decline();
        }
        is_found
    }

    fn call_pool(&self, gate: &Arc<Gate>, count: usize) {
        let Some(pool) = &self.pool else { return };
        for _ in 0..count {
            if !pool.try_add_called(self.pool_threads) {
                return;
            }
            gate.expect_worker();
            launch::worker(Arc::clone(pool), Arc::clone(gate));
        }
    }

    /// Takes a seat for the current worker thread, if one is free.
    pub(crate) fn take_seat(&self) -> Option<Seat> {
        self.pool.as_ref().map_or_else(Seat::take_uncounted, |pool| Seat::take_free(pool, self.pool_threads))
    }
}

/// Runs a task of the current pool, or waits for a moment if there is none.
fn serve_pool_or_wait() {
    if !pool::serve() {
        thread::park_timeout(Duration::from_millis(1));
    }
}

/// Returns whether the calling thread must work alone, whatever the size of the pool. Does not ask
/// rayon, which would start its global pool.
#[inline]
pub(crate) fn is_alone(threads: Option<usize>) -> bool {
    !HAS_THREADS || threads == Some(1) || max_threads() == 1
}
