//! Decides what is done with an item, and what a thread keeps from one item to the next.

use crate::outcome::{catch, discard};
use crate::step::Step;
use crate::stop::Stop;
use crate::yields::Apply;
use std::mem;
use std::panic::resume_unwind;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

/// What the engine does with the items of a call.
pub(crate) trait Work<T> {
    type Step: Step;

    /// What a thread keeps between items.
    type Kept<'work>
    where
        Self: 'work;

    /// Whether it keeps something that each thread is to make once.
    const KEEPS: bool;

    /// What a thread begins with; nothing of the user's is run for it.
    fn kept(&self) -> Self::Kept<'_>;

    fn run(&self, kept: &mut Self::Kept<'_>, item: T) -> Self::Step;
}

/// What goes into the output.
pub(crate) type OutputOf<W, T> = <<W as Work<T>>::Step as Step>::Output;

/// What ends the call.
pub(crate) type BreakOf<W, T> = <<W as Work<T>>::Step as Step>::Break;

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
    type Kept<'work>
        = F::State
    where
        Self: 'work;
    const KEEPS: bool = F::KEEPS;

    #[inline]
    fn kept(&self) -> F::State {
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

/// What a thread has kept. Where a panic is on its way, that of dropping this is not heard, and the process not aborted: the loop has one state, and a
/// call several that may panic.
pub(crate) struct Tidy<K>(Option<K>);

impl<K> Tidy<K> {
    pub(crate) fn new(kept: K) -> Self {
        Tidy(Some(kept))
    }

    #[inline]
    pub(crate) fn get(&mut self) -> &mut K {
        self.0.as_mut().expect("it is taken when this is dropped")
    }
}

impl<K> Drop for Tidy<K> {
    #[inline]
    fn drop(&mut self) {
        if mem::needs_drop::<K>() && thread::panicking() {
            discard(self.0.take());
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
    type Kept<'work>
        = Lent<'work, F::State>
    where
        Self: 'work;
    const KEEPS: bool = F::KEEPS;

    fn kept(&self) -> Lent<'_, F::State> {
        // Without a look into the stash where there is nothing to be kept.
        let state = if size_of::<F::State>() > 0 { self.stash.lock().pop() } else { None };
        Lent { state, stash: self.stash }
    }

    #[inline]
    fn run(&self, kept: &mut Lent<'_, F::State>, item: T) -> Self::Step {
        let call = |()| self.f.apply(kept.state.get_or_insert_with(|| self.f.state()), item);
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
