//! A function whose finished items are counted for a progress bar.

use crate::input::zip::exact_length;
use crate::lazy::apply::Apply;
use crate::lazy::start::Start;
use crate::report::count::{One, Tally};
use crate::report::meter::Meter;
use crate::report::progress::Progress;
use std::fmt::{self, Debug, Formatter};
use std::sync::Arc;

#[cfg(feature = "checkpoint")]
use crate::checkpoint::checkpoint::Checkpoint;
#[cfg(feature = "checkpoint")]
use crate::lazy::kept::Checkpointed;
#[cfg(feature = "checkpoint")]
use crate::lazy::stop::Stops;

/// A function whose finished items are counted for a progress bar.
///
/// You do not need to name this type: [`progress`](crate::ParallelIter::progress) returns a
/// [`ParallelIter`](crate::ParallelIter) with it.
#[doc(hidden)]
pub struct Watched<F> {
    f: F,
    /// `None` if nobody would see the progress.
    meter: Option<Meter>,
}

impl<F> Watched<F> {
    /// Wraps `f`. The bar gets the length of `input`, if it is known.
    pub(crate) fn new(progress: Progress, input: &impl Iterator, f: F) -> Self {
        let length = exact_length(input).map(|length| length as u64);
        Watched { f, meter: progress.meter(length) }
    }
}

/// Shows whether there is a bar or a log to count for.
impl<F> Debug for Watched<F> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watched").field("is_seen", &self.meter.is_some()).finish_non_exhaustive()
    }
}

/// The state of a thread together with the tally in which it counts its items.
///
/// You do not need to name this type: it is the state of a function with a progress bar.
#[doc(hidden)]
pub struct Counting<K> {
    state: K,
    tally: Option<Arc<Tally>>,
}

impl<T, F: Apply<T>> Apply<T> for Watched<F> {
    type Output = F::Output;
    type State = Counting<F::State>;
    const HAS_STATE: bool = F::HAS_STATE;
    const HAS_TOKEN: bool = F::HAS_TOKEN;
    const HAS_BEGIN: bool = true;

    fn state(&self) -> Counting<F::State> {
        Counting { state: self.f.state(), tally: self.meter.as_ref().map(Meter::tally) }
    }

    #[inline]
    fn apply(&self, counting: &mut Counting<F::State>, item: T) -> F::Output {
        // Counts on drop, so an item whose panic is caught counts as well.
        let _one = counting.tally.as_deref().map(One);
        self.f.apply(&mut counting.state, item)
    }

    fn unwatch(&mut self) {
        self.meter = None;
    }

    fn begin(&mut self, start: &mut Start) {
        if let (Some(meter), Some(stored)) = (&self.meter, start.stops.keeper.stored()) {
            meter.count_stored(stored);
        }
        self.f.begin(start);
    }

    fn note_end(&self, end: usize) {
        self.f.note_end(end);
    }

    #[inline]
    fn was_cancelled(&self, counting: &Counting<F::State>) -> bool {
        self.f.was_cancelled(&counting.state)
    }
}

#[cfg(feature = "checkpoint")]
impl<F: Checkpointed> Checkpointed for Watched<F> {
    fn keep(&mut self, store: &Checkpoint, stops: &mut Stops) {
        self.f.keep(store, stops);
    }
}
