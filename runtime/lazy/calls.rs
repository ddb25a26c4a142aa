//! The work that lazy and eager calls give to the engine: the function, what may stop it, and the states of the threads.

use crate::engine::step::Step;
use crate::engine::work::Work;
use crate::lazy::apply::Apply;
use crate::lazy::stop::Stop;
use crate::unwind::{catch, discard};
use std::mem;
use std::panic::resume_unwind;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

/// Calls of a function that may be stopped before each item, and what `then` makes of the results.
pub(crate) struct Calls<F, S, A> {
    f: F,
    stop: S,
    then: A,
}

impl<F, S, A> Calls<F, S, A> {
    pub(crate) fn new(f: F, stop: S, then: A) -> Self {
        Calls { f, stop, then }
    }
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
        (self.then)(self.stop.check().map(|()| self.f.apply(state, item)))
    }
}

/// The same, with states that outlive the call: a thread takes one that is there, and gives it back.
pub(crate) struct Stashed<'call, F, S, K> {
    pub(crate) f: &'call F,
    pub(crate) stop: &'call S,
    pub(crate) stash: &'call Stash<K>,
}

/// States that wait for a thread.
pub(crate) struct Stash<K>(Mutex<Vec<K>>);

impl<K> Stash<K> {
    pub(crate) fn new() -> Self {
        Stash(Mutex::new(Vec::new()))
    }

    /// The first of them, which is made where there is none.
    #[inline]
    pub(crate) fn first(&mut self, make: impl FnOnce() -> K) -> &mut K {
        let stash = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        if stash.is_empty() {
            stash.push(make());
        }
        &mut stash[0]
    }

    /// Nothing of the user's runs under this lock.
    fn lock(&self) -> MutexGuard<'_, Vec<K>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Each is dropped by itself: of several that panic the first is heard.
impl<K> Drop for Stash<K> {
    fn drop(&mut self) {
        let mut states = mem::take(self.0.get_mut().unwrap_or_else(PoisonError::into_inner)).into_iter();
        while let Some(state) = states.next() {
            if let Err(payload) = catch(|| drop(state)) {
                states.by_ref().for_each(discard);
                // Not while another is on its way.
                if thread::panicking() { discard(payload) } else { resume_unwind(payload) }
            }
        }
    }
}

/// A state that goes back when this is dropped.
pub(crate) struct Lent<'call, K> {
    state: Option<K>,
    stash: &'call Stash<K>,
}

impl<T, F, S> Work<T> for Stashed<'_, F, S, F::State>
where
    F: Apply<T, Output: Send>,
    S: Stop,
{
    type Step = S::Step<F::Output>;
    type State<'work>
        = Lent<'work, F::State>
    where
        Self: 'work;
    const HAS_STATE: bool = F::HAS_STATE;

    fn state(&self) -> Lent<'_, F::State> {
        // Without a look into the stash where there is nothing to be kept.
        let state = if size_of::<F::State>() > 0 { self.stash.lock().pop() } else { None };
        Lent { state, stash: self.stash }
    }

    #[inline]
    fn run(&self, lent: &mut Lent<'_, F::State>, item: T) -> Self::Step {
        let call = |()| self.f.apply(lent.state.get_or_insert_with(|| self.f.state()), item);
        S::step(self.stop.check().map(call))
    }
}

impl<K> Drop for Lent<'_, K> {
    fn drop(&mut self) {
        if size_of::<K>() > 0 {
            self.stash.lock().extend(self.state.take());
        }
    }
}
