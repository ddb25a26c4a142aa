//! Decides what is done with an item, and what a thread keeps from one item to the next.

use crate::step::Step;
use crate::stop::Stop;
use crate::yields::Apply;
use std::sync::{Mutex, PoisonError};

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

impl<T, S: Step, F: Fn(T) -> S> Work<T> for F {
    type Step = S;
    type Kept<'work>
        = ()
    where
        F: 'work;
    const KEEPS: bool = false;

    #[inline]
    fn kept(&self) {}

    #[inline]
    fn run(&self, (): &mut (), item: T) -> S {
        self(item)
    }
}

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
    pub(crate) stash: &'call Mutex<Vec<K>>,
}

/// A state that goes back when this is dropped.
pub(crate) struct Lent<'call, K> {
    state: Option<K>,
    stash: &'call Mutex<Vec<K>>,
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
        let state = if F::KEEPS { lock(self.stash).pop() } else { None };
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
            lock(self.stash).extend(self.state.take());
        }
    }
}

/// Nothing of the user's runs under this lock.
fn lock<K>(stash: &Mutex<Vec<K>>) -> std::sync::MutexGuard<'_, Vec<K>> {
    stash.lock().unwrap_or_else(PoisonError::into_inner)
}
