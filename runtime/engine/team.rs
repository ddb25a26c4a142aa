//! The team of a call: the threads that it may use. They belong to the current rayon pool or, if
//! the call asks for more threads, to a separate pool.

use crate::engine::gate::Gate;
use crate::engine::seat::{self, Seat};
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// The threads that a call may use.
#[derive(Clone)]
pub(crate) struct Team {
    /// The maximum number of threads that work on the call, including the calling thread.
    threads: usize,
    /// The size of the current pool, capped by `PARALLELIZE_THREADS`. A worker thread of this pool
    /// gets a seat only while fewer threads of the process work on calls.
    pool_threads: usize,
    /// The pool of the worker threads, if that is not the current one.
    separate_pool: Option<Arc<ThreadPool>>,
}

impl Team {
    /// Returns the team of a call that is limited to `threads` threads.
    ///
    /// For more threads than the current pool has, the worker threads are those of a separate pool.
    /// This is meant for items that wait and leave their cores to others. If the system provides no
    /// such threads, the call uses the current pool.
    pub(crate) fn of(threads: Option<usize>) -> Self {
        let max_threads = max_threads();
        let pool_threads = rayon::current_num_threads().min(max_threads);
        let threads = threads.unwrap_or(pool_threads).min(max_threads);
        let separate_pool = if threads > pool_threads { separate_pool(threads - 1) } else { None };
        let threads = if separate_pool.is_some() { threads } else { threads.min(pool_threads) };
        Team { threads, pool_threads, separate_pool }
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
        match self.separate_pool {
            Some(_) => self.max_workers(),
            None => seat::free(self.pool_threads).min(self.max_workers()),
        }
    }

    /// Calls the worker threads with which a call starts.
    pub(crate) fn call_first_workers(&self, gate: &Arc<Gate>) {
        match self.separate_pool {
            Some(_) => self.call_workers(gate, self.max_workers()),
            // At most two are wanted at first, because waking many takes time, and each thread that
            // comes calls two more. One more is called than wanted, because a thread that is woken
            // alone starts on the calling thread's core (measured: in 116 of 117 cases).
            None => self.call_workers(gate, self.available_workers().min(2) + 1),
        }
    }

    /// Calls up to two more worker threads. A separate pool has none left to call.
    pub(crate) fn call_more_workers(&self, gate: &Arc<Gate>) {
        if self.separate_pool.is_none() {
            self.call_workers(gate, self.available_workers().min(2));
        }
    }

    /// Takes a seat for the current worker thread, if one is free.
    pub(crate) fn take_seat(&self) -> Option<Seat> {
        if self.separate_pool.is_some() { Seat::take_uncounted() } else { Seat::take_free(self.pool_threads) }
    }

    fn call_workers(&self, gate: &Arc<Gate>, count: usize) {
        for _ in 0..count {
            gate.expect_worker();
            let gate = Arc::clone(gate);
            let enter = move || gate.enter();
            match &self.separate_pool {
                Some(pool) => pool.spawn(enter),
                None => rayon::spawn(enter),
            }
        }
    }
}

/// Returns whether the calling thread must work alone, whatever the size of the pool. Does not ask
/// rayon, which would start its global pool.
#[inline]
pub(crate) fn is_alone(threads: Option<usize>) -> bool {
    threads == Some(1) || max_threads() == 1
}

/// Returns a pool of `threads` threads, or `None` if the system does not provide them. The pool is
/// kept for later calls that ask for the same number.
fn separate_pool(threads: usize) -> Option<Arc<ThreadPool>> {
    static POOLS: OnceLock<Mutex<HashMap<usize, Arc<ThreadPool>>>> = OnceLock::new();
    let mut pools = POOLS.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(pool) = pools.get(&threads) {
        return Some(Arc::clone(pool));
    }
    let builder = ThreadPoolBuilder::new().num_threads(threads).thread_name(|index| format!("parallelize-{index}"));
    let pool = Arc::new(builder.build().ok()?);
    pools.insert(threads, Arc::clone(&pool));
    Some(pool)
}

/// Returns the maximum number of threads of any call: the environment variable
/// `PARALLELIZE_THREADS`, which is read once, or else `usize::MAX`.
fn max_threads() -> usize {
    static MAX_THREADS: OnceLock<usize> = OnceLock::new();
    *MAX_THREADS.get_or_init(|| {
        let value = std::env::var("PARALLELIZE_THREADS").ok().and_then(|text| text.trim().parse().ok());
        value.filter(|threads| *threads > 0).unwrap_or(usize::MAX)
    })
}
