//! Decides which threads a call may have: those of the pool it is made in, or of a pool of its own where it asked for more.

use crate::engine::gate::Gate;
use crate::engine::seat::{self, Seat};
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// The threads of one call.
#[derive(Clone)]
pub(crate) struct Team {
    /// How many may be at work on it, the caller counted.
    threads: usize,
    /// How many of the pool may be at work on calls, where the call has none of its own.
    in_pool: usize,
    own: Option<Arc<ThreadPool>>,
}

impl Team {
    /// At most `threads`; more than the pool has are those of a pool of their own, for work that waits and leaves the cores to others.
    pub(crate) fn of(threads: Option<usize>) -> Self {
        let cap = cap();
        let in_pool = rayon::current_num_threads().min(cap);
        let threads = threads.unwrap_or(in_pool).min(cap);
        let own = if threads > in_pool { own_pool(threads - 1) } else { None };
        Team { threads: if own.is_some() { threads } else { threads.min(in_pool) }, in_pool, own }
    }

    pub(crate) fn threads(&self) -> usize {
        self.threads
    }

    pub(crate) fn most_helpers(&self) -> usize {
        self.threads - 1
    }

    /// How many helpers would be let in now. The caller has its seat.
    pub(crate) fn free(&self) -> usize {
        match self.own {
            Some(_) => self.most_helpers(),
            None => seat::free(self.in_pool).min(self.most_helpers()),
        }
    }

    /// Calls those a call starts with.
    pub(crate) fn call_first(&self, gate: &Arc<Gate>) {
        match self.own {
            Some(_) => self.call(gate, self.most_helpers()),
            // One more than are wanted: a thread that is woken alone often starts on the caller's own core. Not all at once where there are
            // many: waking takes time, and each that comes calls two more.
            None => self.call(gate, self.free().min(2) + 1),
        }
    }

    /// Calls two more, if there are any.
    pub(crate) fn call_more(&self, gate: &Arc<Gate>) {
        if self.own.is_none() {
            self.call(gate, self.free().min(2));
        }
    }

    /// A helper's seat, if there is one.
    pub(crate) fn seat(&self) -> Option<Seat> {
        if self.own.is_some() { Seat::take_beside() } else { Seat::take_free(self.in_pool) }
    }

    fn call(&self, gate: &Arc<Gate>, count: usize) {
        for _ in 0..count {
            gate.expect();
            let gate = Arc::clone(gate);
            let help = move || gate.enter();
            match &self.own {
                Some(pool) => pool.spawn(help),
                None => rayon::spawn(help),
            }
        }
    }
}

/// Whether the caller is to work alone, whatever the pool has. Rayon is not asked, which would start its own.
#[inline]
pub(crate) fn is_alone(threads: Option<usize>) -> bool {
    threads == Some(1) || cap() == 1
}

/// The pool of so many threads, which is kept for the next call that asks for as many; none where threads cannot be had.
fn own_pool(threads: usize) -> Option<Arc<ThreadPool>> {
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

/// The most threads that a call may have by the environment: `PARALLELIZE_THREADS`, read once.
fn cap() -> usize {
    static CAP: OnceLock<usize> = OnceLock::new();
    *CAP.get_or_init(|| {
        let cap = std::env::var("PARALLELIZE_THREADS").ok().and_then(|text| text.trim().parse().ok());
        cap.filter(|cap| *cap > 0).unwrap_or(usize::MAX)
    })
}
