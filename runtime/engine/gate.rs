//! The gate of a call: while it is open, worker threads may use the stack frame of the call. Once
//! the call has returned, none may.
#![allow(unsafe_code)]

use crate::engine::sync::{AtomicUsize, MAX_SPINS, Ordering, Thread, pause, this_thread, yield_now};
use std::sync::Arc;

/// The bit of [`Gate::state`] that says that the gate is closed. The bits below it are the number
/// of worker threads inside.
const CLOSED: usize = 1 << (usize::BITS - 1);

/// What worker threads do inside. It borrows from the frame of the call, so it must be reached only
/// through an open gate.
type WorkerBody = dyn Fn(&Arc<Gate>) + Sync;

/// The gate of one call. Each worker thread that has been called owns a reference to it, so the
/// gate itself may outlive the call.
pub(crate) struct Gate {
    /// The number of worker threads inside, and the bit [`CLOSED`].
    state: AtomicUsize,
    /// Whether more worker threads are called than are wanted, so that an early one may leave.
    has_spare_worker: bool,
    /// The number of worker threads that have been called and have not arrived yet.
    expected: AtomicUsize,
    /// 1 once the calling thread has called the first worker threads, 0 before.
    is_first_called: AtomicUsize,
    worker_body: *const WorkerBody,
    calling_thread: Thread,
}

// SAFETY: All fields except `worker_body` are `Send` and `Sync`. `worker_body` points to a closure
// that is `Sync`, and only `enter` dereferences it, which makes sure that the closure is alive.
unsafe impl Send for Gate {}
// SAFETY: As for `Send`.
unsafe impl Sync for Gate {}

/// Runs `body` on the calling thread, and meanwhile lets worker threads run `worker_body`, which
/// limits how many of them work.
///
/// When this function returns, even by a panic, no worker thread is inside, and none gets in later.
/// Not generic, so that it is compiled only once.
pub(crate) fn open(
    has_spare_worker: bool,
    wait: fn(),
    worker_body: &(dyn Fn(&Arc<Gate>) + Sync),
    body: &mut dyn FnMut(&Arc<Gate>),
) {
    // SAFETY: The two types differ only in a lifetime. The pointer is dereferenced only in `enter`,
    // by worker threads that were counted before the gate was closed. `Close` waits until all of
    // these have left, before this function returns and the borrow of `worker_body` ends.
    #[allow(clippy::transmute_ptr_to_ptr)] // `as` cannot extend the lifetime.
    let worker_body =
        unsafe { std::mem::transmute::<*const (dyn Fn(&Arc<Gate>) + Sync + '_), *const WorkerBody>(worker_body) };
    let gate = Arc::new(Gate {
        state: AtomicUsize::new(0),
        has_spare_worker,
        expected: AtomicUsize::new(0),
        is_first_called: AtomicUsize::new(0),
        worker_body,
        calling_thread: this_thread(),
    });
    let _close = Close { gate: &gate, wait };
    body(&gate);
}

/// Closes a gate when it is dropped, and waits until no worker thread is inside.
struct Close<'gate> {
    gate: &'gate Gate,
    /// What the calling thread does when it has spun for long: it parks, or something useful.
    wait: fn(),
}

impl Drop for Close<'_> {
    fn drop(&mut self) {
        // Acquire, here and below: the calling thread sees what the worker threads did inside.
        let mut state = self.gate.state.fetch_or(CLOSED, Ordering::Acquire);
        let mut spins = 0;
        let mut has_parked = false;
        while state & !CLOSED != 0 {
            if spins < MAX_SPINS {
                spins += 1;
                pause(spins);
            } else {
                (self.wait)();
                has_parked = true;
            }
            state = self.gate.state.load(Ordering::Acquire);
        }
        if has_parked {
            // An `unpark` by somebody else may have ended the parking here. The code that it was
            // meant for would wait forever. A spurious one does no harm.
            self.gate.calling_thread.unpark();
        }
    }
}

impl Gate {
    /// Counts a worker thread that is about to be called.
    pub(crate) fn expect_worker(&self) {
        self.expected.fetch_add(1, Ordering::Relaxed);
    }

    /// Returns the number of worker threads that have been called and have not arrived yet.
    pub(crate) fn expected_workers(&self) -> usize {
        self.expected.load(Ordering::Relaxed)
    }

    /// Returns the number of worker threads inside.
    pub(crate) fn workers_inside(&self) -> usize {
        self.state.load(Ordering::Relaxed) & !CLOSED
    }

    /// Records that the calling thread has called the first worker threads.
    pub(crate) fn note_first_called(&self) {
        self.is_first_called.store(1, Ordering::Relaxed);
    }

    /// Records that a worker thread that was called does not come.
    pub(crate) fn decline(&self) {
        self.expected.fetch_sub(1, Ordering::Relaxed);
    }

    /// Runs the worker body on the current thread, if the gate is open.
    pub(crate) fn enter(self: &Arc<Self>) {
        self.expected.fetch_sub(1, Ordering::Relaxed);
        if self.has_spare_worker && self.is_first_called.load(Ordering::Relaxed) == 0 {
            // The calling thread has not called all the first workers yet. So this worker may run
            // on its core, and keep it from calling the others. (Measured: one worker took all the
            // work while the other core slept.) It gives way to the calling thread. If another
            // worker is expected, it leaves the work to that one.
            let mut spins = 0;
            while self.is_first_called.load(Ordering::Relaxed) == 0 && spins < MAX_SPINS {
                spins += 1;
                yield_now();
            }
            if self.expected_workers() > 0 {
                return;
            }
        }
        self.admit();
    }

    /// Does the same for a worker that certainly does not run on the core of the calling thread.
    pub(crate) fn enter_at_once(self: &Arc<Self>) {
        self.expected.fetch_sub(1, Ordering::Relaxed);
        self.admit();
    }

    /// Runs the worker body, if the gate is open.
    fn admit(self: &Arc<Self>) {
        // Acquire: the worker sees what the workers did that have left. It also sees what the
        // calling thread did before it opened the gate, because a spawned task sees what its
        // spawner did.
        let admitted = self
            .state
            .fetch_update(Ordering::Acquire, Ordering::Relaxed, |state| (state & CLOSED == 0).then_some(state + 1));
        if admitted.is_err() {
            return;
        }
        // Uncounts the worker even if its body panics. Otherwise the calling thread waits forever.
        let _leave = Leave(self);
        // SAFETY: The gate was open when this worker was counted, so `open` had not returned.
        // `open` does not return before this worker is uncounted in the drop of `_leave`. Until
        // then its argument `worker_body`, to which this pointer points, is borrowed and alive.
        let worker_body = unsafe { &*self.worker_body };
        worker_body(self);
    }
}

/// Uncounts a worker thread when it is dropped.
struct Leave<'gate>(&'gate Gate);

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        // Release: the calling thread sees what this worker did inside.
        if self.0.state.fetch_sub(1, Ordering::Release) == CLOSED | 1 {
            // The worker still owns a reference to the gate, even if the call has returned by now.
            self.0.calling_thread.unpark();
        }
    }
}

#[cfg(all(test, loom))]
mod models {
    use super::{Gate, open};
    use crate::engine::presence::Presence;
    use crate::engine::sync::{AtomicUsize, Mutex, Ordering, park, yield_now};
    use loom::cell::UnsafeCell;
    use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
    use std::sync::Arc;

    /// A value in the frame of the call. loom fails if two threads access it at the same time, or
    /// if one does not see what the other has written.
    struct Place(UnsafeCell<usize>);

    // SAFETY: The accesses may race. That they do not is what the models check.
    unsafe impl Sync for Place {}

    impl Place {
        fn add(&self) {
            // SAFETY: The pointer is valid while `self` is borrowed, and loom checks that no other
            // thread accesses the place at the same time.
            self.0.with_mut(|place| unsafe { *place += 1 });
        }
    }

    /// Runs a call with `workers` worker threads, each in a place of its own. They arrive at any
    /// time.
    fn call(workers: usize) {
        let places: Vec<Place> = (0..workers).map(|_| Place(UnsafeCell::new(0))).collect();
        let next = AtomicUsize::new(0);
        let worker_body = |_: &Arc<Gate>| places[next.fetch_add(1, Ordering::Relaxed)].add();
        let mut threads = Vec::new();
        open(true, park, &worker_body, &mut |gate| {
            let spawn = |_| {
                gate.expect_worker();
                let gate = Arc::clone(gate);
                loom::thread::spawn(move || gate.enter())
            };
            threads.extend((0..workers).map(spawn));
            gate.note_first_called();
        });
        // No worker is inside, so only the calling thread can access the places.
        places.iter().for_each(Place::add);
        drop(places);
        for thread in threads {
            thread.join().expect("no worker panics");
        }
    }

    /// Runs a call whose two workers may be inside at the same time, each in a place of its own. If
    /// one `panics`, the other and the calling thread go on.
    fn call_two_at_once(panics: bool) {
        let places = [Place(UnsafeCell::new(0)), Place(UnsafeCell::new(0))];
        let next = AtomicUsize::new(0);
        let worker_body = |_: &Arc<Gate>| {
            let index = next.fetch_add(1, Ordering::Relaxed);
            places[index].add();
            if panics && index == 0 {
                resume_unwind(Box::new(()));
            }
        };
        let mut threads = Vec::new();
        open(false, park, &worker_body, &mut |gate| {
            let spawn = |_| {
                gate.expect_worker();
                let gate = Arc::clone(gate);
                loom::thread::spawn(move || catch_unwind(AssertUnwindSafe(|| gate.enter())).is_ok())
            };
            threads.extend((0..2).map(spawn));
            gate.note_first_called();
        });
        places.iter().for_each(Place::add);
        drop(places);
        let ends: Vec<bool> = threads.into_iter().map(|thread| thread.join().expect("caught")).collect();
        assert!(panics || ends == [true, true]);
    }

    /// Runs a call whose worker makes a call itself, with a worker of its own.
    fn call_in_a_worker() {
        let outer = Place(UnsafeCell::new(0));
        let worker_body = |_: &Arc<Gate>| {
            call(1);
            outer.add();
        };
        let mut thread = None;
        open(false, park, &worker_body, &mut |gate| {
            gate.expect_worker();
            let gate = Arc::clone(gate);
            thread = Some(loom::thread::spawn(move || gate.enter()));
        });
        outer.add();
        drop(outer);
        thread.expect("spawned").join().expect("no worker panics");
    }

    /// Runs a call with room for one worker, which leaves and is called back at once. The worker
    /// that comes then takes part, although the first may still be inside.
    fn call_back() {
        let presence = Mutex::new(Presence::new(1, true));
        let admitted = AtomicUsize::new(0);
        let lock = || presence.lock().expect("no worker panics");
        let worker_body = |_: &Arc<Gate>| {
            if lock().admit() && admitted.fetch_add(1, Ordering::Relaxed) == 0 {
                lock().leave();
            }
        };
        let mut threads = Vec::new();
        open(false, park, &worker_body, &mut |gate| {
            let spawn = || {
                gate.expect_worker();
                let gate = Arc::clone(gate);
                loom::thread::spawn(move || gate.enter())
            };
            threads.push(spawn());
            while !lock().has_left() {
                yield_now();
            }
            lock().call_back();
            spawn().join().expect("no worker panics");
            assert_eq!(admitted.load(Ordering::Relaxed), 2);
        });
        for thread in threads {
            thread.join().expect("no worker panics");
        }
    }

    fn check_bounded(model: impl Fn() + Send + Sync + 'static) {
        let mut builder = loom::model::Builder::new();
        builder.preemption_bound = Some(3);
        builder.check(model);
    }

    #[test]
    fn two_workers_are_inside_at_once() {
        check_bounded(|| call_two_at_once(false));
    }

    #[test]
    fn a_worker_panics_inside() {
        check_bounded(|| call_two_at_once(true));
    }

    #[test]
    fn a_worker_is_called_back_while_it_leaves() {
        check_bounded(call_back);
    }

    #[test]
    fn a_worker_makes_a_call() {
        check_bounded(call_in_a_worker);
    }

    #[test]
    fn a_worker_comes_early_or_late() {
        loom::model(|| call(1));
    }

    #[test]
    fn two_workers_come() {
        check_bounded(|| call(2));
    }
}
