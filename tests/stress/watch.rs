//! The calls that are running, and the end of the program if one of them does not end.

use crate::case::Case;
use std::collections::BTreeMap;
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// Maximum duration of a call. On two busy cores, the longest calls take a few seconds.
const MAX_CALL_SECONDS: u64 = 60;

static SEED: AtomicU64 = AtomicU64::new(0);

/// The running calls in the order of their starts, nested ones included.
static RUNNING: Mutex<BTreeMap<u64, (Instant, thread::ThreadId, Case)>> = Mutex::new(BTreeMap::new());

static NEXT: AtomicU64 = AtomicU64::new(0);

/// A call that is running.
pub(crate) struct Running(u64);

/// Records that the current thread starts a call.
pub(crate) fn enter(case: &Case) -> Running {
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    lock().insert(number, (Instant::now(), thread::current().id(), case.clone()));
    Running(number)
}

impl Drop for Running {
    fn drop(&mut self) {
        lock().remove(&self.0);
    }
}

/// Starts the thread that ends the program if a call takes too long.
pub(crate) fn start(seed: u64) {
    SEED.store(seed, Ordering::Relaxed);
    thread::spawn(|| {
        loop {
            thread::sleep(Duration::from_secs(1));
            let is_late = lock().values().any(|(start, ..)| start.elapsed().as_secs() >= MAX_CALL_SECONDS);
            if is_late {
                fail("a call does not end");
            }
        }
    });
}

/// Ends the program with a message, the seed and the running calls.
pub(crate) fn fail(message: &str) -> ! {
    // The lock is never released, so that only one thread prints.
    let running = lock();
    eprintln!("FAILED, seed {}: {message}", SEED.load(Ordering::Relaxed));
    for (start, thread, case) in running.values() {
        eprintln!("running for {:?} on {thread:?}: {case:?}", start.elapsed());
    }
    process::abort()
}

fn lock() -> MutexGuard<'static, BTreeMap<u64, (Instant, thread::ThreadId, Case)>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}
