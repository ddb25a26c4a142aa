//! Places where worker threads linger after a call, so that the next call finds them awake.
//!
//! A worker takes an empty place and looks at it for a short time. A call that finds the worker
//! there leaves its gate, which takes some tens of nanoseconds. rayon would need some hundred, and
//! a sleeping thread some ten thousand.

use crate::engine::sync::{AtomicUsize, Mutex, Ordering, pause};
use std::sync::PoisonError;

/// Number of places. The first workers of a call are at most two, and each calls others.
const PLACES: usize = if cfg!(loom) { 1 } else { 4 };

/// Nobody is there.
const EMPTY: usize = 0;
/// A worker waits there.
const WAITING: usize = 1;
/// A call has found the worker, and is about to leave what it brings.
const FOUND: usize = 2;
/// The call has left it.
const FILLED: usize = 3;

/// The places of one pool, where calls leave values of type `G` for waiting workers.
pub(crate) struct Linger<G> {
    places: [Place<G>; PLACES],
}

/// A place. On a cache line of its own, because its worker reads it all the time.
#[repr(align(128))]
struct Place<G> {
    state: AtomicUsize,
    brought: Mutex<Option<G>>,
}

impl<G> Default for Linger<G> {
    fn default() -> Self {
        let place = |()| Place { state: AtomicUsize::new(EMPTY), brought: Mutex::new(None) };
        Linger { places: [(); PLACES].map(place) }
    }
}

impl<G> Linger<G> {
    /// Waits for a call as long as `goes_on` returns true. Returns what the call has brought.
    ///
    /// Returns `None` at once if all places are taken.
    pub(crate) fn wait(&self, mut goes_on: impl FnMut(usize) -> bool) -> Option<G> {
        let change = |place: &&Place<G>, from, to| {
            place.state.compare_exchange(from, to, Ordering::Acquire, Ordering::Relaxed).is_ok()
        };
        let place = self.places.iter().find(|place| change(place, EMPTY, WAITING))?;
        let mut spins = 0;
        // Acquire: what the call has done before is seen.
        while place.state.load(Ordering::Acquire) != FILLED {
            spins += 1;
            // A call that has found this worker leaves its gate soon.
            if !goes_on(spins) && change(&place, WAITING, EMPTY) {
                return None;
            }
            pause(spins);
        }
        let brought = place.brought.lock().unwrap_or_else(PoisonError::into_inner).take();
        place.state.store(EMPTY, Ordering::Release);
        brought
    }

    /// Returns whether a worker waits.
    pub(crate) fn has_waiting(&self) -> bool {
        self.places.iter().any(|place| place.state.load(Ordering::Relaxed) == WAITING)
    }

    /// Leaves something for a waiting worker. Returns whether there is one; if not, `bring` is not
    /// called.
    pub(crate) fn offer(&self, bring: impl FnOnce() -> G) -> bool {
        let is_found = |place: &&Place<G>| {
            let state = &place.state;
            state.load(Ordering::Relaxed) == WAITING
                && state.compare_exchange(WAITING, FOUND, Ordering::Acquire, Ordering::Relaxed).is_ok()
        };
        let Some(place) = self.places.iter().find(is_found) else { return false };
        *place.brought.lock().unwrap_or_else(PoisonError::into_inner) = Some(bring());
        place.state.store(FILLED, Ordering::Release);
        true
    }
}

#[cfg(all(test, loom))]
mod models {
    use super::Linger;
    use loom::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::Arc;

    /// A worker waits for a short time while `calls` calls come: what a call leaves arrives once.
    fn linger(calls: usize) {
        let linger = Arc::new(Linger::default());
        let arrived = Arc::new(AtomicUsize::new(0));
        let worker = {
            let (linger, arrived) = (Arc::clone(&linger), Arc::clone(&arrived));
            loom::thread::spawn(move || {
                while let Some(value) = linger.wait(|spins| spins < 2) {
                    arrived.fetch_add(value, Ordering::Relaxed);
                }
            })
        };
        let others: Vec<_> = (1..calls)
            .map(|_| {
                let linger = Arc::clone(&linger);
                loom::thread::spawn(move || usize::from(linger.offer(|| 1)))
            })
            .collect();
        let mut left = usize::from(linger.offer(|| 1));
        for other in others {
            left += other.join().expect("no panic");
        }
        worker.join().expect("no panic");
        assert_eq!(arrived.load(Ordering::Relaxed), left);
        assert!(!linger.has_waiting());
    }

    #[test]
    fn a_call_finds_the_worker_or_not() {
        loom::model(|| linger(1));
    }

    #[test]
    fn two_calls_do_not_find_the_same_worker() {
        let mut builder = loom::model::Builder::new();
        builder.preemption_bound = Some(3);
        builder.check(|| linger(2));
    }
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests {
    use super::Linger;

    #[test]
    fn nobody_waits_for_long() {
        let linger = Linger::<u32>::default();
        assert!(!linger.offer(|| unreachable!("nobody waits")));
        assert_eq!(linger.wait(|spins| spins < 100), None);
        assert!(!linger.has_waiting());
    }

    #[test]
    fn a_call_finds_a_worker_that_waits() {
        let linger = Linger::default();
        std::thread::scope(|scope| {
            let worker = scope.spawn(|| linger.wait(|_| true));
            while !linger.offer(|| 7) {}
            assert_eq!(worker.join().expect("no panic"), Some(7));
        });
    }
}
