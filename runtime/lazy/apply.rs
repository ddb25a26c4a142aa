//! The function of a lazy call: plain, with a state per thread, or with caught panics.

use crate::lazy::item_panic::ItemPanic;
use crate::lazy::start::Start;
use crate::unwind::catch;

#[cfg(all(feature = "checkpoint", feature = "distributed"))]
use crate::lazy::keeping::Ledger;

/// The function that a [`ParallelIter`](crate::ParallelIter) calls for each item of type `T`.
///
/// You do not need to name this trait: it appears in the signatures of lazy versions, and of
/// methods of [`ParallelIter`](crate::ParallelIter). Every `Fn(T) -> R` implements it.
// Not `Fn` itself: in `impl Fn(T) -> R`, the return type of a function that returns `impl Trait`
// cannot be named.
pub trait Apply<T> {
    /// The return type of the function.
    type Output;

    /// The state that a thread keeps from one item to the next; `()` if there is none.
    type State;

    /// Whether there is such a state.
    #[doc(hidden)]
    const HAS_STATE: bool;

    /// Whether items have tokens, through which they may ask whether they are still needed.
    #[doc(hidden)]
    const HAS_TOKEN: bool = false;

    /// Whether `begin` must be called: items have tokens, or are counted.
    #[doc(hidden)]
    const HAS_BEGIN: bool = Self::HAS_TOKEN;

    /// Returns the initial state of a thread.
    #[doc(hidden)]
    fn state(&self) -> Self::State;

    /// Calls the function for one item.
    #[doc(hidden)]
    fn apply(&self, state: &mut Self::State, item: T) -> Self::Output;

    /// Returns the checkpoint of the call, if it has one.
    #[cfg(all(feature = "checkpoint", feature = "distributed"))]
    #[doc(hidden)]
    fn ledger(&self) -> Option<Ledger<T, Self::Output>> {
        None
    }

    /// Removes the progress bar of the function, if it has one, because another bar replaces it.
    #[doc(hidden)]
    fn unwatch(&mut self) {}

    /// Prepares the state of a thread for an item that does not run, because a checkpoint has its
    /// result.
    #[doc(hidden)]
    fn pass_over(&self, _: &mut Self::State) {}

    /// Begins a call.
    #[doc(hidden)]
    fn begin(&mut self, _: &mut Start) {}

    /// Cancels the items from index `end` on, if items have tokens.
    #[doc(hidden)]
    fn note_end(&self, _: usize) {}

    /// Returns whether the last item of a thread knows that it is cancelled.
    #[doc(hidden)]
    fn was_cancelled(&self, _: &Self::State) -> bool {
        false
    }
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

/// The state of a thread that a stream can keep from one block to the next.
///
/// Every `Send` type implements it. You do not need to name this trait: it exists for its message.
#[diagnostic::on_unimplemented(
    message = "a stream needs values of `per_thread` that can be sent between threads",
    label = "`{Self}` is not `Send`",
    note = "a stream keeps the values of `per_thread` for its next block, where another thread may get them",
    note = "`collect` and `try_collect` need no `Send` here; for a stream, write `Arc` instead of `Rc`"
)]
pub trait StreamState: Send {}

#[diagnostic::do_not_recommend]
impl<K: Send> StreamState for K {}

/// A function with a state per thread, which `create` creates before the first item of a thread.
///
/// You do not need to name this type: it is the function of a lazy version with `per_thread`.
pub struct PerThread<C, F> {
    pub(crate) create: C,
    pub(crate) f: F,
}

impl<T, R, K, C: Fn() -> K, F: Fn(&mut K, T) -> R> Apply<T> for PerThread<C, F> {
    type Output = R;
    type State = Option<K>;
    const HAS_STATE: bool = true;

    #[inline]
    fn state(&self) -> Option<K> {
        None
    }

    #[inline]
    fn apply(&self, state: &mut Option<K>, item: T) -> R {
        (self.f)(state.get_or_insert_with(&self.create), item)
    }
}

/// A function whose panics are caught, each with the index of its item.
///
/// You do not need to name this type:
/// [`catch_panics`](crate::ParallelIter::catch_panics) returns a
/// [`ParallelIter`](crate::ParallelIter) with it.
#[derive(Clone, Copy, Debug)]
pub struct CatchPanics<F>(pub(crate) F);

impl<T, F: Apply<T>> Apply<(usize, T)> for CatchPanics<F> {
    type Output = Result<F::Output, ItemPanic>;
    type State = F::State;
    const HAS_STATE: bool = F::HAS_STATE;
    const HAS_TOKEN: bool = F::HAS_TOKEN;
    const HAS_BEGIN: bool = F::HAS_BEGIN;

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

    fn begin(&mut self, start: &mut Start) {
        self.0.begin(start);
    }

    fn note_end(&self, end: usize) {
        self.0.note_end(end);
    }

    #[inline]
    fn was_cancelled(&self, state: &F::State) -> bool {
        self.0.was_cancelled(state)
    }
}
