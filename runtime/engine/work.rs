//! Decides what is done with an item, and what a thread keeps from one item to the next.

use crate::engine::step::Step;
use crate::unwind::discard;
use std::mem;
use std::thread;

/// What the engine does with the items of a call.
pub(crate) trait Work<T> {
    type Step: Step;

    /// What a thread keeps between items.
    type State<'work>
    where
        Self: 'work;

    /// Whether it keeps something that each thread is to make once.
    const HAS_STATE: bool;

    /// What a thread begins with; nothing of the user's is run for it.
    fn state(&self) -> Self::State<'_>;

    fn run(&self, state: &mut Self::State<'_>, item: T) -> Self::Step;
}

/// What goes into the output.
pub(crate) type OutputOf<W, T> = <<W as Work<T>>::Step as Step>::Output;

/// What ends the call.
pub(crate) type BreakOf<W, T> = <<W as Work<T>>::Step as Step>::Break;

/// What a thread has kept. Where a panic is on its way, that of dropping this is not heard, and the process not aborted: the loop has one state, and a
/// call several that may panic.
pub(crate) struct QuietDrop<K>(Option<K>);

impl<K> QuietDrop<K> {
    pub(crate) fn new(state: K) -> Self {
        QuietDrop(Some(state))
    }

    #[inline]
    pub(crate) fn get(&mut self) -> &mut K {
        self.0.as_mut().expect("it is taken when this is dropped")
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
