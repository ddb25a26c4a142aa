//! The rayon pool that a thread belongs to, and how many of its threads work on calls.

use crate::engine::gate::Gate;
use crate::engine::linger::Linger;
use crate::engine::stack;
use crate::report::trace::report_missing_threads;
use crate::unwind::catch;
use crate::variables::stack_bytes;
use rayon::ThreadPoolBuilder;
use std::cell::OnceCell;
use std::collections::HashMap;
use std::error::Error;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};

/// Whether the target has threads. WebAssembly without atomics has none, and some of its targets
/// have no clock.
pub(crate) const HAS_THREADS: bool = cfg!(any(not(target_family = "wasm"), target_feature = "atomics"));

/// The counts of one pool.
#[derive(Default)]
pub(crate) struct Pool {
    /// The number of threads that work on calls: worker threads, and calling threads that would
    /// wait for this pool.
    busy: AtomicUsize,
    /// The number of worker threads that have been called and have not arrived yet.
    called: AtomicUsize,
    /// Where its threads wait for a short time after a call.
    pub(crate) linger: Linger<Arc<Gate>>,
}

impl Pool {
    /// Returns the pool of the current thread; outside of any pool, that is rayon's global pool.
    ///
    /// Returns `None` if the system provides no threads for that.
    pub(crate) fn current() -> Option<Arc<Self>> {
        thread_local! {
            /// A thread never leaves its pool.
            static OF_THREAD: OnceCell<Arc<Pool>> = const { OnceCell::new() };
        }
        static GLOBAL: OnceLock<Arc<Pool>> = OnceLock::new();
        if rayon::current_thread_index().is_some() {
            Some(OF_THREAD.with(|pool| Arc::clone(pool.get_or_init(Pool::find))))
        } else {
            has_global_pool().then(|| Arc::clone(GLOBAL.get_or_init(Pool::find)))
        }
    }

    /// Finds the counts of the current pool, or creates them.
    fn find() -> Arc<Self> {
        static POOLS: Mutex<Option<HashMap<String, Weak<Pool>>>> = Mutex::new(None);
        // rayon tells pools apart in the debug output of a scope only. If that should change, all
        // pools share their counts, and calls get fewer workers than they could.
        let scope = rayon::in_place_scope(|scope| format!("{scope:?}"));
        let id = scope.split("pool_id: ").nth(1).and_then(|rest| rest.split('}').next()).unwrap_or_default().to_owned();
        let mut pools = POOLS.lock().unwrap_or_else(PoisonError::into_inner);
        let pools = pools.get_or_insert_default();
        if let Some(pool) = pools.get(&id).and_then(Weak::upgrade) {
            return pool;
        }
        pools.retain(|_, pool| pool.strong_count() > 0);
        let pool = Arc::new(Pool::default());
        pools.insert(id, Arc::downgrade(&pool));
        pool
    }

    /// Returns whether there is a current pool, after starting the global one if that is needed.
    pub(crate) fn exists() -> bool {
        HAS_THREADS && (rayon::current_thread_index().is_some() || has_global_pool())
    }

    /// Returns the number of threads of the current pool: 1 if there is only the calling thread.
    pub(crate) fn size() -> usize {
        if Pool::exists() { rayon::current_num_threads() } else { 1 }
    }

    /// Returns the number of further threads that may work now, if at most `limit` may work.
    pub(crate) fn free(&self, limit: usize) -> usize {
        limit.saturating_sub(self.busy.load(Ordering::Relaxed))
    }

    pub(crate) fn add_busy(&self) {
        self.busy.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a thread that works, unless `limit` threads work already.
    pub(crate) fn try_add_busy(&self, limit: usize) -> bool {
        try_add(&self.busy, limit)
    }

    pub(crate) fn remove_busy(&self) {
        self.busy.fetch_sub(1, Ordering::Relaxed);
    }

    /// Counts a worker thread that is called, unless `limit` have been called and have not arrived.
    ///
    /// While the pool is busy with other work, further ones would only wait in its queue.
    pub(crate) fn try_add_called(&self, limit: usize) -> bool {
        try_add(&self.called, limit)
    }

    pub(crate) fn remove_called(&self) {
        self.called.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Runs a task of the pool that the current thread belongs to. Returns whether there was one.
///
/// The calling thread does this while it waits for the input or for the crew, which may need that
/// pool.
pub(crate) fn serve() -> bool {
    matches!(rayon::yield_now(), Some(rayon::Yield::Executed))
}

/// Adds one, unless that would exceed `limit`. Returns whether it has.
fn try_add(count: &AtomicUsize, limit: usize) -> bool {
    let add = |count| (count < limit).then_some(count + 1);
    count.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add).is_ok()
}

/// Returns whether rayon's global pool exists.
///
/// The first call starts it unless the program has, with stacks of [`stack_bytes`]. If the system
/// provides no threads, rayon must not be used outside of pools: it would panic.
fn has_global_pool() -> bool {
    static EXISTS: OnceLock<bool> = OnceLock::new();
    let mut failure = None;
    let exists = *EXISTS.get_or_init(|| {
        start_global_pool().unwrap_or_else(|error| {
            failure = Some(error);
            false
        })
    });
    // Outside of the lock, because a subscriber may itself make a call.
    if let Some(failure) = failure {
        report_missing_threads(&*failure);
    }
    exists
}

/// Starts the global pool, unless it exists. Returns whether it does.
fn start_global_pool() -> Result<bool, Box<dyn Error>> {
    // A pool that could not be started cannot be started again, so one thread is tried first.
    let trial = stack::builder().spawn(|| {})?;
    let _ = trial.join();
    match ThreadPoolBuilder::new()
        .stack_size(stack_bytes())
        .start_handler(|_| stack::note_thread_start())
        .build_global()
    {
        Ok(()) => Ok(true),
        // The error of a missing thread has a source.
        Err(error) if error.source().is_some() => Err(error.into()),
        // The pool has been started before; if that failed, rayon panics.
        Err(_) => Ok(catch(rayon::current_num_threads).is_ok()),
    }
}
