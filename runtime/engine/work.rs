//! The work of a call: what is done with an item, and the state that a thread keeps between items.

use crate::engine::step::Step;
use crate::unwind::discard;
use std::mem;
use std::thread;

/// What the engine does with each item of a call.
pub(crate) trait Work<T> {
    /// What an item returns: a result or the end of the call.
    type Step: Step;

    /// What a thread keeps from one item to the next.
    type State<'work>
    where
        Self: 'work;

    /// Whether a thread keeps something that it must create only once per call.
    const HAS_STATE: bool;

    /// Minimum time of an item that is shared, in nanoseconds, because threads that run cheaper
    /// items would wait for each other.
    const MIN_SHARED_ITEM_NANOS: f64 = 0.0;

    /// Creates the state of a thread before its first item.
    ///
    /// Must not panic, and so calls none of the user's closures: those run with the first item.
    fn state(&self) -> Self::State<'_>;

    /// Runs one item on the thread that has `state`.
    fn run(&self, state: &mut Self::State<'_>, item: T) -> Self::Step;

    /// Tells running items that those from index `end` on are no longer needed, because an item
    /// below them has failed, or because no results are wanted.
    #[inline]
    fn note_end(&self, _: usize) {}

    /// Prepares the state of the calling thread for other threads, which run items from now on.
    #[inline]
    fn begin_sharing(&self, _: &mut Self::State<'_>) {}

    /// Prepares the state of the calling thread for running items alone again.
    #[inline]
    fn end_sharing(&self, _: &mut Self::State<'_>) {}

    /// Leaves what a worker thread has for the next one, before it makes room for it.
    ///
    /// Without this, the next one could create another. Runs no code of the user.
    #[inline]
    fn set_aside(&self, _: &mut Self::State<'_>) {}
}

/// The result of an item, which goes into the output.
pub(crate) type OutputOf<W, T> = <<W as Work<T>>::Step as Step>::Output;

/// What a thread that has run an item passes to the calling thread.
pub(crate) type CarriedOf<W, T> = <<W as Work<T>>::Step as Step>::Carried;

/// The value with which an item ends the call.
pub(crate) type BreakOf<W, T> = <<W as Work<T>>::Step as Step>::Break;

/// The state of the calling thread.
///
/// During unwinding, panics from dropping the state are ignored, because a second panic would abort
/// the process. Unlike the serial loop, which has one state, a call has several that may panic.
pub(crate) struct QuietDrop<K>(Option<K>);

impl<K> QuietDrop<K> {
    pub(crate) fn new(state: K) -> Self {
        QuietDrop(Some(state))
    }

    #[inline]
    pub(crate) fn get(&mut self) -> &mut K {
        self.0.as_mut().expect("the state is taken only when it is dropped")
    }
}

impl<K> Drop for QuietDrop<K> {
    #[inline]
    fn drop(&mut self) {
        if mem::needs_drop::<K>() && thread::panicking() {
            discard(self.0.take());
        }
    }
}
