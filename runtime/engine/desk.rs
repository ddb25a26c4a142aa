//! The desk of an unordered call: the threads bring their results, and one thread at a time passes
//! them to the sink.
//!
//! A thread that finds the sink at the desk takes it, passes its result, and then passes what
//! others have brought meanwhile. A thread that does not find the sink leaves its result in the
//! queue, and goes on. The thread with the sink returns it while the queue is empty, under the lock
//! that guards both, so no result stays behind. If the queue is full and another thread waits
//! for room, that one takes the sink over after [`MAX_PASSED`] results.

use crate::engine::sync::{AtomicBool, Condvar, Mutex, MutexGuard, Ordering};
use crate::unwind::{Payload, catch, discard};
use std::collections::VecDeque;
use std::mem;
use std::sync::PoisonError;

/// Maximum number of results that a thread passes at a time while another thread waits for room,
/// because its own items wait.
const MAX_PASSED: usize = if cfg!(loom) { 2 } else { 8 };

/// The desk of one call, with results of type `R` and a sink of type `S`, whose errors are of type
/// `E`.
pub(crate) struct Desk<R, S, E> {
    state: Mutex<State<R, S, E>>,
    /// A result has left the queue, or the desk has closed.
    has_room: Condvar,
    /// Maximum number of results in the queue.
    max_queued: usize,
    /// Whether the sink has failed. A copy that is read without the lock.
    is_closed: AtomicBool,
}

struct State<R, S, E> {
    /// The sink, unless a thread has taken it.
    sink: Option<S>,
    queue: VecDeque<R>,
    /// The number of threads that wait for room in the queue.
    waiting: usize,
    /// How the sink has failed.
    failure: Option<SinkFailure<E>>,
}

/// How a sink has failed.
pub(crate) enum SinkFailure<E> {
    Error(E),
    Panic(Payload),
}

/// The sink has failed, so no more results are wanted.
#[derive(Debug, PartialEq)]
pub(crate) struct Closed;

impl<R, S, E> Desk<R, S, E>
where
    S: FnMut(R) -> Result<(), E>,
{
    /// Creates the desk of a call. Up to `max_queued` results wait while the sink works, at least
    /// one.
    pub(crate) fn new(sink: S, max_queued: usize) -> Self {
        let state = State { sink: Some(sink), queue: VecDeque::new(), waiting: 0, failure: None };
        Desk {
            state: Mutex::new(state),
            has_room: Condvar::new(),
            max_queued: max_queued.max(1),
            is_closed: AtomicBool::new(false),
        }
    }

    /// Takes the sink, if it is at the desk, after it has got the results in the queue. Until
    /// [`return_sink`](Self::return_sink), the results of other threads stay in the queue.
    pub(crate) fn take_sink(&self) -> Option<S> {
        let mut state = self.lock();
        let sink = state.sink.take()?;
        let Some(queued) = state.queue.pop_front() else { return Some(sink) };
        drop(state);
        // If the sink fails, whoever runs the next item finds that out.
        self.pass(sink, queued, true).ok().flatten()
    }

    /// Returns the sink to the desk, after it has got the results in the queue.
    pub(crate) fn return_sink(&self, sink: S) {
        let mut state = self.lock();
        let Some(queued) = state.queue.pop_front() else {
            state.sink = Some(sink);
            return;
        };
        drop(state);
        // As above.
        let _ = self.pass(sink, queued, false);
    }

    /// Returns whether the sink has failed.
    #[inline]
    pub(crate) fn is_closed(&self) -> bool {
        self.is_closed.load(Ordering::Relaxed)
    }

    /// Brings a result to the sink. Waits if too many results are in the queue.
    ///
    /// # Errors
    ///
    /// If the sink has failed. The result may have been dropped.
    pub(crate) fn bring(&self, result: R) -> Result<(), Closed> {
        let mut state = self.lock();
        while state.failure.is_none() {
            if let Some(sink) = state.sink.take() {
                // Those that came before are passed first.
                let first = match state.queue.pop_front() {
                    Some(first) => {
                        state.queue.push_back(result);
                        first
                    }
                    None => result,
                };
                drop(state);
                return self.pass(sink, first, false).map(drop);
            }
            if state.queue.len() < self.max_queued {
                state.queue.push_back(result);
                return Ok(());
            }
            state.waiting += 1;
            state = self.has_room.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.waiting -= 1;
        }
        drop(state);
        discard(result);
        Err(Closed)
    }

    /// Passes `first` to the sink, and then the results in the queue. Returns the sink to the desk
    /// unless it `keeps_sink`.
    fn pass(&self, mut sink: S, first: R, keeps_sink: bool) -> Result<Option<S>, Closed> {
        let mut next = first;
        let mut passed = 0;
        loop {
            let failure = match catch(|| sink(next)) {
                Ok(Ok(())) => None,
                Ok(Err(error)) => Some(SinkFailure::Error(error)),
                Err(payload) => Some(SinkFailure::Panic(payload)),
            };
            if let Some(failure) = failure {
                self.close(failure);
                discard(sink);
                return Err(Closed);
            }
            passed += 1;
            let mut state = self.lock();
            let is_relieved = passed >= MAX_PASSED && state.waiting > 0 && !keeps_sink;
            match if is_relieved { None } else { state.queue.pop_front() } {
                Some(queued) => next = queued,
                None if keeps_sink => return Ok(Some(sink)),
                None => {
                    state.sink = Some(sink);
                    drop(state);
                    // A thread that waits for room takes the sink.
                    self.has_room.notify_one();
                    return Ok(None);
                }
            }
            drop(state);
            self.has_room.notify_one();
        }
    }

    /// Closes the desk, because the sink has failed.
    pub(crate) fn close(&self, failure: SinkFailure<E>) {
        let mut state = self.lock();
        state.failure = Some(failure);
        let queue = mem::take(&mut state.queue);
        self.is_closed.store(true, Ordering::Relaxed);
        drop(state);
        self.has_room.notify_all();
        queue.into_iter().for_each(discard);
    }

    /// Returns how the sink has failed, once no thread uses the desk.
    pub(crate) fn take_failure(&self) -> Option<SinkFailure<E>> {
        self.lock().failure.take()
    }

    /// Locks the desk. No code of the user runs under this lock.
    fn lock(&self) -> MutexGuard<'_, State<R, S, E>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::{Closed, Desk, SinkFailure};

    #[test]
    fn a_sink_that_fails_closes_the_desk() {
        let mut seen = Vec::new();
        let desk = Desk::new(
            |x| {
                seen.push(x);
                if x == 2 { Err("two") } else { Ok(()) }
            },
            1,
        );
        assert_eq!(desk.bring(1), Ok(()));
        assert!(!desk.is_closed());
        assert_eq!(desk.bring(2), Err(Closed));
        assert!(desk.is_closed());
        assert_eq!(desk.bring(3), Err(Closed));
        assert!(matches!(desk.take_failure(), Some(SinkFailure::Error("two"))));
        drop(desk);
        assert_eq!(seen, [1, 2]);
    }

    #[test]
    fn results_wait_in_the_queue_while_the_sink_is_away() {
        let mut seen = Vec::new();
        let desk = Desk::new(
            |x| {
                seen.push(x);
                Ok::<(), ()>(())
            },
            2,
        );
        let sink = desk.take_sink().expect("it is at the desk");
        // Nobody would make room, so none of these waits.
        assert_eq!([desk.bring(1), desk.bring(2)], [Ok(()), Ok(())]);
        assert!(desk.take_sink().is_none());
        desk.return_sink(sink);
        assert!(desk.take_sink().is_some());
        drop(desk);
        assert_eq!(seen, [1, 2]);
    }

    #[test]
    fn a_panic_of_the_sink_closes_the_desk() {
        let desk = Desk::new(|x: u32| if x > 0 { panic!("{x}") } else { Ok::<(), ()>(()) }, 1);
        assert_eq!(desk.bring(0), Ok(()));
        assert_eq!(desk.bring(7), Err(Closed));
        assert!(matches!(desk.take_failure(), Some(SinkFailure::Panic(_))));
    }
}

#[cfg(all(test, loom))]
mod models {
    use super::{Closed, Desk, SinkFailure};
    use std::sync::Arc;

    /// Lets `threads` threads bring a result each, and returns what they got and what the sink has.
    fn bring(threads: usize, max_queued: usize, failing: Option<usize>) {
        let seen = Arc::new(loom::sync::Mutex::new(Vec::new()));
        let sink = {
            let seen = Arc::clone(&seen);
            move |x| {
                // loom reports a thread that finds this locked: one at a time.
                seen.try_lock().expect("one thread at a time").push(x);
                if Some(x) == failing { Err(x) } else { Ok(()) }
            }
        };
        let desk = Arc::new(Desk::new(sink, max_queued));
        let threads: Vec<_> = (0..threads)
            .map(|x| {
                let desk = Arc::clone(&desk);
                loom::thread::spawn(move || desk.bring(x))
            })
            .collect();
        let count = threads.len();
        // At any time, results are in the queue only if a thread has the sink, or will take it.
        {
            let state = desk.lock();
            assert!(state.queue.is_empty() || state.sink.is_none() || state.waiting > 0);
        }
        let ends: Vec<_> = threads.into_iter().map(|thread| thread.join().expect("no panic")).collect();
        assert_eq!(desk.take_sink().is_some(), failing.is_none());
        let mut seen = seen.lock().expect("no panic").clone();
        seen.sort_unstable();
        if let Some(failing) = failing {
            // Whoever passed that result has closed the desk, at the latest `take_sink`.
            assert!(seen.contains(&failing) && desk.bring(9) == Err(Closed));
            assert!(matches!(desk.take_failure(), Some(SinkFailure::Error(x)) if x == failing));
        } else {
            // Nothing stays behind, and the sink is back.
            assert_eq!(seen, (0..count).collect::<Vec<_>>());
            assert!(ends.iter().all(Result::is_ok));
        }
    }

    #[test]
    fn all_results_of_two_threads_reach_the_sink() {
        loom::model(|| bring(2, 1, None));
    }

    fn check_bounded(model: impl Fn() + Send + Sync + 'static) {
        let mut builder = loom::model::Builder::new();
        builder.preemption_bound = Some(3);
        builder.check(model);
    }

    #[test]
    fn a_thread_takes_the_sink_while_another_brings_a_result() {
        loom::model(|| {
            let seen = Arc::new(loom::sync::Mutex::new(Vec::new()));
            let sink = {
                let seen = Arc::clone(&seen);
                move |x: usize| -> Result<(), ()> {
                    seen.try_lock().expect("one thread at a time").push(x);
                    Ok(())
                }
            };
            let desk = Arc::new(Desk::new(sink, 1));
            let other = {
                let desk = Arc::clone(&desk);
                loom::thread::spawn(move || desk.bring(1))
            };
            if let Some(sink) = desk.take_sink() {
                assert_eq!(sink(2), Ok(()));
                desk.return_sink(sink);
            }
            assert_eq!(other.join().expect("no panic"), Ok(()));
            assert!(seen.lock().expect("no panic").contains(&1) && desk.take_sink().is_some());
        });
    }

    #[test]
    fn three_threads_wait_for_room() {
        check_bounded(|| bring(3, 1, None));
    }

    #[test]
    fn a_failure_releases_threads_that_wait() {
        check_bounded(|| bring(3, 1, Some(0)));
    }
}
