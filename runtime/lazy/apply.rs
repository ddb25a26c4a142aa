//! The function of one item, as a lazy call holds it.

use crate::lazy::item_panic::ItemPanic;
use crate::unwind::catch;

/// A function of one item, as [`ParallelIter`](crate::ParallelIter) holds it: any `Fn(T) -> R`, or one with a state for each thread.
///
/// A trait beside `Fn`, for the result of a function that returns `impl Trait` cannot be named in `impl Fn(T) -> ..`.
pub trait Apply<T> {
    /// What the function returns.
    type Output;

    /// What a thread keeps from one item to the next; `()` if that is nothing.
    type State;

    /// Whether it is something.
    #[doc(hidden)]
    const HAS_STATE: bool;

    /// What a thread begins with.
    #[doc(hidden)]
    fn state(&self) -> Self::State;

    /// Calls the function.
    #[doc(hidden)]
    fn apply(&self, state: &mut Self::State, item: T) -> Self::Output;

    /// Another bar is to show its progress, should it have one.
    #[doc(hidden)]
    fn unwatch(&mut self) {}
}

impl<T, R, F: Fn(T) -> R> Apply<T> for F {
    type Output = R;
    type State = ();
    const HAS_STATE: bool = false;

    #[inline]
    fn state(&self) {}

    #[inline]
    fn apply(&self, (): &mut (), item: T) -> R {
        self(item)
    }
}

/// A function with a state for each thread, which is made before the thread's first item.
pub struct PerThread<M, F> {
    pub(crate) make: M,
    pub(crate) f: F,
}

impl<T, R, K, M: Fn() -> K, F: Fn(&mut K, T) -> R> Apply<T> for PerThread<M, F> {
    type Output = R;
    type State = Option<K>;
    const HAS_STATE: bool = true;

    #[inline]
    fn state(&self) -> Option<K> {
        None
    }

    #[inline]
    fn apply(&self, state: &mut Option<K>, item: T) -> R {
        (self.f)(state.get_or_insert_with(&self.make), item)
    }
}

/// A function whose panics are caught, each with the index of its item: what
/// [`catch_panics`](crate::ParallelIter::catch_panics) makes of the function.
#[derive(Clone, Copy, Debug)]
pub struct CatchPanics<F>(pub(crate) F);

impl<T, F: Apply<T>> Apply<(usize, T)> for CatchPanics<F> {
    type Output = Result<F::Output, ItemPanic>;
    type State = F::State;
    const HAS_STATE: bool = F::HAS_STATE;

    fn state(&self) -> F::State {
        self.0.state()
    }

    #[inline]
    fn apply(&self, state: &mut F::State, (index, item): (usize, T)) -> Self::Output {
        catch(|| self.0.apply(state, item)).map_err(|payload| ItemPanic::new(index, payload))
    }

    fn unwatch(&mut self) {
        self.0.unwatch();
    }
}
