//! The work of a call for the engine: its function, its stops and its states.

use crate::engine::settings::Settings;
use crate::engine::step::Step;
use crate::engine::work::Work;
use crate::lazy::apply::Apply;
use crate::lazy::start::Start;
use crate::lazy::stop::Stop;
use crate::unwind::{catch, discard};
use std::mem;
use std::panic::resume_unwind;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

/// The work of a call that runs to its end, or until `stop` stops it before an item.
pub(crate) struct Calls<F, S, A> {
    f: F,
    stop: S,
    /// Converts a result, or the stop, into a step of the engine.
    to_step: A,
}

impl<F, S: Stop, A> Calls<F, S, A> {
    /// Begins a call that holds all of its results.
    #[inline]
    pub(crate) fn begin<T>(settings: &mut Settings, f: F, stop: S, to_step: A) -> Self
    where
        F: Apply<T>,
    {
        Self::begin_bounded(settings, usize::MAX, f, stop, to_step)
    }

    /// Begins a call that holds at most `in_flight` items and results, where it can.
    #[inline]
    pub(crate) fn begin_bounded<T>(settings: &mut Settings, in_flight: usize, mut f: F, mut stop: S, to_step: A) -> Self
    where
        F: Apply<T>,
    {
        begin::<T, F, S>(settings, in_flight, &mut f, &mut stop);
        Calls { f, stop, to_step }
    }

    /// Waits until all results are in the checkpoint of the call, if it has one.
    #[inline]
    pub(crate) fn finish(&self) -> Result<(), S::Halt> {
        self.stop.finish()
    }
}

/// Begins a call: starts the clock of its timeout, and tells its function what may stop it. The
/// function may change that, and the number of threads.
#[inline]
pub(crate) fn begin<T, F: Apply<T>, S: Stop>(settings: &mut Settings, in_flight: usize, f: &mut F, stop: &mut S) {
    stop.start();
    if F::HAS_BEGIN {
        let mut start = Start { stops: stop.stops(), threads: settings.threads, in_flight };
        f.begin(&mut start);
        settings.threads = start.threads;
        stop.replace(start.stops);
    }
}

/// Runs one item. An item that knows that the call was stopped counts as stopped before it ran.
#[inline]
pub(crate) fn run_item<T, F, S>(f: &F, stop: &S, state: &mut F::State, item: T) -> Result<F::Output, S::Halt>
where
    F: Apply<T>,
    S: Stop,
{
    // If nothing stops the call, a cancelled item is above a failure, and dropped because of that.
    if F::HAS_TOKEN && S::MAY {
        run_unless_cancelled(f, state, item).ok_or_else(|| stop.halt())
    } else {
        Ok(f.apply(state, item))
    }
}

/// Runs one item. Drops its result or its panic if it knows that it is cancelled.
pub(crate) fn run_unless_cancelled<T, F: Apply<T>>(f: &F, state: &mut F::State, item: T) -> Option<F::Output> {
    let called = catch(|| f.apply(state, item));
    if f.was_cancelled(state) {
        discard(called);
        return None;
    }
    Some(called.unwrap_or_else(|payload| resume_unwind(payload)))
}

impl<T, R, F, S, A> Work<T> for Calls<F, S, A>
where
    R: Step,
    F: Apply<T>,
    S: Stop,
    A: Fn(Result<F::Output, S::Halt>) -> R,
{
    type Step = R;
    type State<'work>
        = F::State
    where
        Self: 'work;
    const HAS_STATE: bool = F::HAS_STATE;

    #[inline]
    fn state(&self) -> F::State {
        self.f.state()
    }

    #[inline]
    fn run(&self, state: &mut F::State, item: T) -> R {
        (self.to_step)(self.stop.check().and_then(|()| run_item(&self.f, &self.stop, state, item)))
    }

    fn note_end(&self, end: usize) {
        self.f.note_end(end);
    }
}

/// The work of one block of a stream, or of a call with a sink.
///
/// The states of the threads outlive the block: a thread takes a state from the stash, and returns
/// it when it leaves. So it may leave while the sink is too far behind.
pub(crate) struct Stashed<'call, F, S, K, A> {
    pub(crate) f: &'call F,
    pub(crate) stop: &'call S,
    pub(crate) stash: &'call Stash<K>,
    /// Converts a result, or the stop, into a step of the engine.
    pub(crate) to_step: A,
    /// The number of items that have run before the block.
    pub(crate) before: usize,
}

/// The states of a stream that no thread uses at the moment.
pub(crate) struct Stash<K>(Mutex<Vec<K>>);

impl<K> Stash<K> {
    pub(crate) fn new() -> Self {
        Stash(Mutex::new(Vec::new()))
    }

    /// Returns the first state, and creates it if there is none.
    #[inline]
    pub(crate) fn first(&mut self, create: impl FnOnce() -> K) -> &mut K {
        let stash = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        if stash.is_empty() {
            stash.push(create());
        }
        &mut stash[0]
    }

    /// Locks the states. No code of the user runs under this lock.
    fn lock(&self) -> MutexGuard<'_, Vec<K>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Drops the states one by one. If several panic, only the first panic is resumed.
impl<K> Drop for Stash<K> {
    fn drop(&mut self) {
        let mut states = mem::take(self.0.get_mut().unwrap_or_else(PoisonError::into_inner)).into_iter();
        while let Some(state) = states.next() {
            if let Err(payload) = catch(|| drop(state)) {
                states.by_ref().for_each(discard);
                // While this thread is already unwinding, a second panic would abort the process.
                if thread::panicking() { discard(payload) } else { resume_unwind(payload) }
            }
        }
    }
}

/// A state that returns to the stash when this is dropped.
pub(crate) struct Lent<'call, K> {
    state: Option<K>,
    stash: &'call Stash<K>,
}

impl<T, R, F, S, A> Work<T> for Stashed<'_, F, S, F::State, A>
where
    R: Step,
    F: Apply<T>,
    S: Stop,
    A: Fn(Result<F::Output, S::Halt>) -> R,
{
    type Step = R;
    type State<'work>
        = Lent<'work, F::State>
    where
        Self: 'work;
    // A thread that comes back finds a state in the stash.
    const HAS_STATE: bool = false;

    fn state(&self) -> Lent<'_, F::State> {
        // A state without a size is never stored, so the lock is not needed.
        let state = if size_of::<F::State>() > 0 { self.stash.lock().pop() } else { None };
        Lent { state, stash: self.stash }
    }

    #[inline]
    fn run(&self, lent: &mut Lent<'_, F::State>, item: T) -> R {
        let call = |()| run_item(self.f, self.stop, lent.state.get_or_insert_with(|| self.f.state()), item);
        (self.to_step)(self.stop.check().and_then(call))
    }

    fn note_end(&self, end: usize) {
        self.f.note_end(self.before.saturating_add(end));
    }

    fn set_aside(&self, lent: &mut Lent<'_, F::State>) {
        lent.give_back();
    }
}

impl<K> Lent<'_, K> {
    fn give_back(&mut self) {
        if size_of::<K>() > 0 {
            self.stash.lock().extend(self.state.take());
        }
    }
}

impl<K> Drop for Lent<'_, K> {
    fn drop(&mut self) {
        self.give_back();
    }
}

#[cfg(test)]
mod tests {
    use super::{Stash, Stashed};
    use crate::engine::work::Work;
    use crate::lazy::apply::PerThread;
    use crate::lazy::stop::{Never, Stop};
    use std::cell::Cell;

    #[test]
    fn the_next_worker_gets_the_state_of_one_that_makes_room() {
        let created = Cell::new(0);
        let create = || created.set(created.get() + 1);
        let (f, stash) = (PerThread { create, f: |(): &mut (), item: u32| item }, Stash::new());
        let work = Stashed { f: &f, stop: &Never, stash: &stash, before: 0, to_step: Never::step };
        let mut leaving = work.state();
        work.run(&mut leaving, 1);
        work.set_aside(&mut leaving);
        work.run(&mut work.state(), 2);
        assert_eq!(created.get(), 1);
    }
}
