//! A function whose finished items are counted.

use crate::lazy::apply::Apply;
use crate::report::count::{One, Tally};
use crate::report::meter::Meter;
use crate::report::progress::Progress;
use std::fmt::{self, Debug, Formatter};
use std::sync::Arc;

/// A function whose finished items are counted: what [`progress`](crate::ParallelIter::progress) makes of the function.
pub struct Watched<F> {
    f: F,
    /// Nothing where nobody would see the bar.
    meter: Option<Meter>,
}

impl<F> Watched<F> {
    /// With the input that it is for.
    pub(crate) fn new(progress: Progress, input: &impl Iterator, f: F) -> Self {
        let (least, most) = input.size_hint();
        let length = most.filter(|most| *most == least).map(|most| most as u64);
        Watched { f, meter: progress.meter(length) }
    }
}

/// The function is not known, and the bar is its own.
impl<F> Debug for Watched<F> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watched").field("is_seen", &self.meter.is_some()).finish_non_exhaustive()
    }
}

/// What a thread keeps, and where it counts.
pub struct Counting<K> {
    kept: K,
    tally: Option<Arc<Tally>>,
}

impl<T, F: Apply<T>> Apply<T> for Watched<F> {
    type Output = F::Output;
    type State = Counting<F::State>;
    const HAS_STATE: bool = F::HAS_STATE;

    fn state(&self) -> Counting<F::State> {
        Counting { kept: self.f.state(), tally: self.meter.as_ref().map(Meter::tally) }
    }

    #[inline]
    fn apply(&self, state: &mut Counting<F::State>, item: T) -> F::Output {
        // Dropped in any case: an item whose panic is caught is finished, too.
        let _one = state.tally.as_deref().map(One);
        self.f.apply(&mut state.kept, item)
    }

    fn unwatch(&mut self) {
        self.meter = None;
    }
}
