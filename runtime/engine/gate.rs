//! Decides who may touch the frame of a call: helpers that come while its gate is open, and nobody when the call has returned.
#![allow(unsafe_code)]

use crate::engine::sync::{AtomicUsize, Ordering, Thread, give_way, park, pause, this_thread};
use std::sync::Arc;

/// The caller has closed the gate; below it, how many helpers are inside.
const CLOSED: usize = 1 << (usize::BITS - 1);

/// How often the caller looks whether the helpers are gone before it goes to sleep: some tens of microseconds, about a chunk.
const MAX_SPINS: usize = if cfg!(loom) { 1 } else { 2_000 };

/// What helpers do inside: in the caller's frame, so to be reached through an open gate only.
type Work = dyn Fn(&Arc<Gate>) + Sync;

/// The gate of one call. It lives as long as a helper that was called may come.
pub(crate) struct Gate {
    state: AtomicUsize,
    /// At most this many helpers are inside at a time.
    wanted: usize,
    /// How many were called and have not come yet.
    expected: AtomicUsize,
    /// Not 0 when the caller has called those it starts with.
    called: AtomicUsize,
    work: *const Work,
    caller: Thread,
}

// SAFETY: all fields but `work` are `Send` and `Sync`. `work` points to a `Sync` closure, and is followed only in `enter`, which
// sees to it that the closure is alive.
unsafe impl Send for Gate {}
// SAFETY: as above.
unsafe impl Sync for Gate {}

/// Runs `inside`, and as long as it runs lets up to `wanted` helpers at a time in to `work`. When this returns, also by a panic, nobody is in
/// there, and nobody gets in any more.
///
/// Not generic: it is the same for all functions.
pub(crate) fn open(wanted: usize, work: &(dyn Fn(&Arc<Gate>) + Sync), inside: &mut dyn FnMut(&Arc<Gate>)) {
    // SAFETY: the types differ in a lifetime only. The pointer is followed only in `enter` by those who were counted before the gate was
    // closed, and `Close` waits for them, before this function returns and the borrow of `work` ends.
    #[allow(clippy::transmute_ptr_to_ptr)] // `as` may not change the lifetime.
    let work = unsafe { std::mem::transmute::<*const (dyn Fn(&Arc<Gate>) + Sync + '_), *const Work>(work) };
    let gate = Arc::new(Gate {
        state: AtomicUsize::new(0),
        wanted,
        expected: AtomicUsize::new(0),
        called: AtomicUsize::new(0),
        work,
        caller: this_thread(),
    });
    let _close = Close(&gate);
    inside(&gate);
}

/// Closes a gate when it is dropped, and waits until nobody is inside.
struct Close<'gate>(&'gate Gate);

impl Drop for Close<'_> {
    fn drop(&mut self) {
        // Acquire, here and below: what the helpers have done is seen by the caller.
        let mut state = self.0.state.fetch_or(CLOSED, Ordering::Acquire);
        let mut looks = 0;
        while state & !CLOSED != 0 {
            if looks < MAX_SPINS {
                looks += 1;
                pause(looks);
            } else {
                park();
            }
            state = self.0.state.load(Ordering::Acquire);
        }
    }
}

impl Gate {
    /// A helper is about to be called.
    pub(crate) fn expect(&self) {
        self.expected.fetch_add(1, Ordering::Relaxed);
    }

    /// How many were called and have not come yet.
    pub(crate) fn expected(&self) -> usize {
        self.expected.load(Ordering::Relaxed)
    }

    /// The caller has called those it starts with.
    pub(crate) fn all_called(&self) {
        self.called.store(1, Ordering::Relaxed);
    }

    /// A helper has come: it works if it is let in.
    pub(crate) fn enter(self: &Arc<Self>) {
        self.expected.fetch_sub(1, Ordering::Relaxed);
        if self.called.load(Ordering::Relaxed) == 0 {
            // So early, it may have been woken on the caller's own core and keep it from calling another, who may be luckier: measured, a
            // single helper took all the work while the other core slept. It lets the caller go on, and the other come.
            let mut looks = 0;
            while self.called.load(Ordering::Relaxed) == 0 && looks < MAX_SPINS {
                looks += 1;
                give_way();
            }
            if self.expected() > 0 {
                return;
            }
        }
        // Acquire: the helper sees what the caller did before it opened the gate. (So it does by the way it was called; but this is the
        // place that needs it.)
        let admitted = self.state.fetch_update(Ordering::Acquire, Ordering::Relaxed, |state| {
            (state & CLOSED == 0 && state < self.wanted).then_some(state + 1)
        });
        if admitted.is_err() {
            return;
        }
        // Also when `work` panics, the caller is not to wait for ever.
        let _leave = Leave(self);
        // SAFETY: the gate was open when this helper was counted, so `open` has not returned and its `work` is alive; and it does not return
        // before this helper is uncounted again, in the drop of `_leave`.
        let work = unsafe { &*self.work };
        work(self);
    }
}

struct Leave<'gate>(&'gate Gate);

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        // Release: the caller sees what was done inside.
        if self.0.state.fetch_sub(1, Ordering::Release) == CLOSED | 1 {
            self.0.caller.unpark();
        }
    }
}

#[cfg(all(test, loom))]
mod models {
    use super::{Gate, open};
    use loom::cell::UnsafeCell;
    use std::sync::Arc;

    /// A place in the caller's frame; loom fails where two threads are at it at the same time, or one without having seen the other's work.
    struct Place(UnsafeCell<usize>);

    // SAFETY: what the models are to find out.
    unsafe impl Sync for Place {}

    impl Place {
        fn add(&self) {
            // SAFETY: loom checks it.
            self.0.with_mut(|place| unsafe { *place += 1 });
        }
    }

    /// A call with `helpers` that come at any time, of which one at a time is let in.
    fn call(helpers: usize) {
        let place = Place(UnsafeCell::new(0));
        let work = |_: &Arc<Gate>| place.add();
        let mut threads = Vec::new();
        open(1, &work, &mut |gate| {
            let spawn = |_| {
                gate.expect();
                let gate = Arc::clone(gate);
                loom::thread::spawn(move || gate.enter())
            };
            threads.extend((0..helpers).map(spawn));
            gate.all_called();
        });
        // Nobody is inside: the place is the caller's alone.
        place.add();
        drop(place);
        for thread in threads {
            thread.join().expect("no helper panics");
        }
    }

    #[test]
    fn a_helper_comes_early_or_late() {
        loom::model(|| call(1));
    }

    #[test]
    fn two_helpers_come() {
        let mut builder = loom::model::Builder::new();
        builder.preemption_bound = Some(3);
        builder.check(|| call(2));
    }
}
