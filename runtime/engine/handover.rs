//! The hand-over of spawned work: from its handle to the thread that runs it, and of the result
//! back to the handle.

use crate::engine::sync::{Condvar, Mutex, MutexGuard};
use crate::unwind::{Payload, catch, discard};
use std::mem;
use std::sync::PoisonError;
use std::task::{Poll, Waker};
#[cfg(not(loom))]
use std::time::Duration;

/// Maximum time for which a thread that serves its pool waits between two looks at it.
#[cfg(not(loom))]
const MAX_IDLE_WAIT: Duration = Duration::from_millis(1);

/// The spawned closure.
pub(crate) type Work<R> = Box<dyn FnOnce() -> R + Send>;

/// Spawned work of any result type, as the threads that run it know it.
pub(crate) trait Task: Send + Sync {
    /// Returns whether nobody has begun the work.
    fn is_waiting(&self) -> bool;

    /// Runs the work on the current thread, unless somebody has begun it. Never panics.
    ///
    /// `is_spare` says that the current thread is a spare thread, which belongs to no pool.
    fn run(&self, is_spare: bool);
}

/// Spawned work and its result. The handle and the thread of the pool share it.
pub(crate) struct Handover<R> {
    inside: Mutex<Inside<R>>,
    /// Notified when the work has finished.
    finished: Condvar,
}

struct Inside<R> {
    stage: Stage<R>,
    /// The waker of the latest `poll`.
    waker: Option<Waker>,
    /// Whether the handle has been dropped, so that nobody takes the result.
    is_abandoned: bool,
}

enum Stage<R> {
    /// Nobody has begun the work.
    Waiting(Work<R>),
    /// A thread runs the work. `is_spare` says that it is a spare thread.
    Started { is_spare: bool },
    /// The work has returned or panicked.
    Finished(Result<R, Payload>),
    /// The owner of the handle has taken the work or its result.
    Taken,
}

impl<R> Handover<R> {
    pub(crate) fn new(work: Work<R>) -> Self {
        let inside = Inside { stage: Stage::Waiting(work), waker: None, is_abandoned: false };
        Handover { inside: Mutex::new(inside), finished: Condvar::new() }
    }

    /// Takes the work, if nobody has begun it. The owner of the handle then runs it.
    pub(crate) fn take_work(&self) -> Option<Work<R>> {
        self.begin(Stage::Taken)
    }

    /// Waits until the work has finished, and takes its result.
    ///
    /// `serve` runs a task of the pool that the current thread belongs to, and returns whether
    /// there was one, because the work may need the pool. Inside of an item (`is_nested`), it is
    /// called only while a spare thread runs the work.
    ///
    /// # Panics
    ///
    /// If the result has already been taken.
    pub(crate) fn wait(&self, serve: Option<fn() -> bool>, is_nested: bool) -> Result<R, Payload> {
        let mut inside = self.lock();
        loop {
            if let Poll::Ready(result) = inside.take_result() {
                return result;
            }
            let is_on_spare = matches!(inside.stage, Stage::Started { is_spare: true });
            inside = match serve.filter(|_| is_on_spare || !is_nested) {
                Some(serve) => {
                    drop(inside);
                    let has_served = serve();
                    let inside = self.lock();
                    let is_idle = !has_served && !matches!(inside.stage, Stage::Finished(_));
                    if is_idle { self.wait_for_moment(inside) } else { inside }
                }
                None => self.finished.wait(inside).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }

    /// Waits until the work has finished, or for a moment.
    #[cfg(not(loom))]
    fn wait_for_moment<'inside>(
        &'inside self,
        inside: MutexGuard<'inside, Inside<R>>,
    ) -> MutexGuard<'inside, Inside<R>> {
        self.finished.wait_timeout(inside, MAX_IDLE_WAIT).unwrap_or_else(PoisonError::into_inner).0
    }

    #[cfg(loom)]
    fn wait_for_moment<'inside>(
        &'inside self,
        inside: MutexGuard<'inside, Inside<R>>,
    ) -> MutexGuard<'inside, Inside<R>> {
        self.finished.wait(inside).unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the result if the work has finished. Otherwise `waker` is woken when it does, and no
    /// earlier one.
    ///
    /// # Panics
    ///
    /// If the result has already been taken.
    pub(crate) fn poll(&self, waker: Waker) -> Poll<Result<R, Payload>> {
        let mut inside = self.lock();
        let result = inside.take_result();
        let unused = if result.is_pending() { inside.waker.replace(waker) } else { Some(waker) };
        // Dropping a waker runs code of the executor, so the lock is released first.
        drop(inside);
        drop(unused);
        result
    }

    /// Returns whether the work has finished and its result has not been taken.
    pub(crate) fn is_finished(&self) -> bool {
        matches!(self.lock().stage, Stage::Finished(_))
    }

    /// Records that the handle has been dropped. Drops the result if it is there, and ignores a
    /// panic from that. Otherwise the thread that runs the work does so.
    pub(crate) fn abandon(&self) {
        let mut inside = self.lock();
        inside.is_abandoned = true;
        let waker = inside.waker.take();
        let result = match inside.stage {
            Stage::Finished(_) => Some(inside.take_result()),
            _ => None,
        };
        drop(inside);
        discard((waker, result));
    }

    /// Takes the work and enters `next`, if nobody has begun it.
    fn begin(&self, next: Stage<R>) -> Option<Work<R>> {
        let mut inside = self.lock();
        match mem::replace(&mut inside.stage, next) {
            Stage::Waiting(work) => Some(work),
            other => {
                inside.stage = other;
                None
            }
        }
    }

    /// Locks the stage. Neither the work nor a waker runs under this lock.
    fn lock(&self) -> MutexGuard<'_, Inside<R>> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<R> Inside<R> {
    fn take_result(&mut self) -> Poll<Result<R, Payload>> {
        match mem::replace(&mut self.stage, Stage::Taken) {
            Stage::Finished(result) => Poll::Ready(result),
            Stage::Taken => panic!("the result of a `Running` was taken twice: it was polled after completion"),
            other => {
                self.stage = other;
                Poll::Pending
            }
        }
    }
}

impl<R: Send> Task for Handover<R> {
    fn is_waiting(&self) -> bool {
        matches!(self.lock().stage, Stage::Waiting(_))
    }

    fn run(&self, is_spare: bool) {
        let Some(work) = self.begin(Stage::Started { is_spare }) else { return };
        let result = catch(work);
        let mut inside = self.lock();
        if inside.is_abandoned {
            drop(inside);
            return discard(result);
        }
        inside.stage = Stage::Finished(result);
        let waker = inside.waker.take();
        drop(inside);
        self.finished.notify_all();
        // The waker is code of the executor, so it may panic.
        if let Err(payload) = catch(|| waker.map(Waker::wake)) {
            discard(payload);
        }
    }
}

#[cfg(all(test, loom))]
mod models {
    use super::{Handover, Task};
    use crate::engine::sync::{AtomicUsize, Ordering, Thread, park, this_thread};
    use std::panic::resume_unwind;
    use std::sync::Arc;
    use std::task::{Poll, Wake, Waker};

    /// Wakes a thread of the model, as an executor without a runtime does.
    struct Signal {
        is_woken: AtomicUsize,
        thread: Thread,
    }

    impl Signal {
        fn new() -> Arc<Self> {
            Arc::new(Signal { is_woken: AtomicUsize::new(0), thread: this_thread() })
        }

        fn wait(&self) {
            while self.is_woken.load(Ordering::Acquire) == 0 {
                park();
            }
        }
    }

    impl Wake for Signal {
        fn wake(self: Arc<Self>) {
            assert_eq!(self.is_woken.fetch_add(1, Ordering::AcqRel), 0, "it is woken once");
            self.thread.unpark();
        }
    }

    /// A result that counts its drops.
    struct Counted(Arc<AtomicUsize>);

    impl Drop for Counted {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Starts a thread that runs `work`, and returns what it shares with the handle.
    fn start<R: Send + 'static>(
        work: impl FnOnce() -> R + Send + 'static,
    ) -> (Arc<Handover<R>>, loom::thread::JoinHandle<()>) {
        let handover = Arc::new(Handover::new(Box::new(work)));
        let shared = Arc::clone(&handover);
        (handover, loom::thread::spawn(move || shared.run(false)))
    }

    #[test]
    fn the_work_runs_once_and_its_result_arrives() {
        loom::model(|| {
            let runs = Arc::new(AtomicUsize::new(0));
            let counted = Arc::clone(&runs);
            let (handover, thread) = start(move || counted.fetch_add(1, Ordering::Relaxed));
            let result = match handover.take_work() {
                Some(work) => work(),
                None => handover.wait(None, false).expect("no panic"),
            };
            assert_eq!(result, 0);
            thread.join().expect("no panic");
            assert_eq!(runs.load(Ordering::Relaxed), 1);
        });
    }

    #[test]
    fn a_panic_arrives() {
        loom::model(|| {
            let (handover, thread) = start(|| resume_unwind(Box::new(3)));
            if handover.take_work().is_none() {
                let payload: Result<(), _> = handover.wait(None, false);
                assert_eq!(payload.expect_err("a panic").downcast_ref(), Some(&3));
            }
            thread.join().expect("it is caught");
        });
    }

    #[test]
    fn no_wake_up_is_lost() {
        loom::model(|| {
            let (handover, thread) = start(|| 7);
            let signal = Signal::new();
            let result = match handover.poll(Waker::from(Arc::clone(&signal))) {
                Poll::Ready(result) => result,
                Poll::Pending => {
                    signal.wait();
                    let Poll::Ready(result) = handover.poll(Waker::noop().clone()) else {
                        panic!("it was woken too early")
                    };
                    result
                }
            };
            assert_eq!(result.expect("no panic"), 7);
            thread.join().expect("no panic");
        });
    }

    #[test]
    fn the_latest_waker_is_woken() {
        loom::model(|| {
            let (handover, thread) = start(|| 7);
            let (first, second) = (Signal::new(), Signal::new());
            if handover.poll(Waker::from(Arc::clone(&first))).is_pending()
                && handover.poll(Waker::from(Arc::clone(&second))).is_pending()
            {
                second.wait();
                assert_eq!(first.is_woken.load(Ordering::Relaxed), 0, "it was replaced");
                assert!(handover.is_finished());
            }
            thread.join().expect("no panic");
        });
    }

    #[test]
    fn the_result_of_a_dropped_handle_is_dropped_once() {
        loom::model(|| {
            let drops = Arc::new(AtomicUsize::new(0));
            let counted = Counted(Arc::clone(&drops));
            let (handover, thread) = start(move || counted);
            handover.abandon();
            thread.join().expect("no panic");
            assert_eq!(drops.load(Ordering::Relaxed), 1, "although the handle's share is alive");
            drop(handover);
            assert_eq!(drops.load(Ordering::Relaxed), 1);
        });
    }
}
