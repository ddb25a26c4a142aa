//! Decides what a progress bar is told of a call: how many of its items are finished, and how many there are, if that is known.

use crate::ticker;
use crate::yields::Apply;
use indicatif::ProgressBar;
use std::fmt::{self, Debug, Formatter};
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};

/// A progress bar to be: made from a label, or a bar of one's own.
///
/// From a label, [`&str`](str) or [`String`], it is drawn on the standard error, if that is a terminal and once a call has lasted 0.3 seconds, below those of
/// other calls; and taken away when the call ends, also by a failure or a panic. It shows how many items are finished, of how many, the rate, and the time
/// that is left by that rate.
///
/// A [`ProgressBar`] of one's own is counted up, and given the length of the input where it has none; everything else is its own: how it looks, where it
/// is drawn, how it ends. It is up to a tenth of a second behind, and exact when the call has ended, or the stream was dropped. One bar can count for several
/// calls; give it the length of all of them. Made by [`ProgressBar::hidden`], it counts unseen.
///
/// ```
/// use parallelize::indicatif::ProgressBar;
/// use parallelize::parallelize;
///
/// #[parallelize]
/// fn square(n: u64) -> u64 {
///     n * n
/// }
///
/// let bar = ProgressBar::hidden();
/// let squares = square_parallel_iter(0..100).progress(bar.clone()).collect::<Vec<_>>();
/// assert_eq!(squares.len(), 100);
/// assert_eq!((bar.position(), bar.length()), (100, Some(100)));
/// ```
#[derive(Clone, Debug)]
pub struct Progress(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Label(String),
    Own(ProgressBar),
}

impl From<&str> for Progress {
    fn from(label: &str) -> Self {
        Progress(Kind::Label(label.to_owned()))
    }
}

impl From<String> for Progress {
    fn from(label: String) -> Self {
        Progress(Kind::Label(label))
    }
}

impl From<ProgressBar> for Progress {
    fn from(bar: ProgressBar) -> Self {
        Progress(Kind::Own(bar))
    }
}

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
        let meter = match progress.0 {
            Kind::Label(label) => ticker::is_attended().then(|| Meter::new(ticker::bar(label, length), true)),
            Kind::Own(bar) => {
                if let (None, Some(length)) = (bar.length(), length) {
                    bar.set_length(length);
                }
                Some(Meter::new(bar, false))
            }
        };
        Watched { f, meter }
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
    const KEEPS: bool = F::KEEPS;

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

/// Counts one item when it is dropped.
struct One<'tally>(&'tally Tally);

impl Drop for One<'_> {
    #[inline]
    fn drop(&mut self) {
        // No read-modify-write, which takes some nanoseconds: nobody else writes to it.
        self.0.0.store(self.0.0.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    }
}

/// How many items one thread at a time has finished; in cache lines of its own, of which two may be fetched together.
#[derive(Default)]
#[repr(align(128))]
struct Tally(AtomicU64);

/// How many items of a call are finished, by all its threads.
#[derive(Default)]
pub(crate) struct Count(Mutex<Vec<Arc<Tally>>>);

impl Count {
    pub(crate) fn sum(&self) -> u64 {
        self.tallies().iter().map(|tally| tally.0.load(Ordering::Relaxed)).sum()
    }

    fn tallies(&self) -> MutexGuard<'_, Vec<Arc<Tally>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The count of a call and its bar, which is kept up to date from when the call begins until this is dropped.
struct Meter {
    count: Arc<Count>,
    bar: ProgressBar,
    /// Not the user's.
    is_ours: bool,
    begun: Once,
}

impl Meter {
    fn new(bar: ProgressBar, is_ours: bool) -> Self {
        Meter { count: Arc::default(), bar, is_ours, begun: Once::new() }
    }

    /// Where a thread that begins is to count.
    fn tally(&self) -> Arc<Tally> {
        self.begun.call_once(|| ticker::add(&self.count, &self.bar, self.is_ours));
        let tally = Arc::default();
        self.count.tallies().push(Arc::clone(&tally));
        tally
    }
}

/// Nothing in it can be left half done by a panic.
impl UnwindSafe for Meter {}
impl RefUnwindSafe for Meter {}

impl Drop for Meter {
    fn drop(&mut self) {
        if self.begun.is_completed() {
            ticker::remove(&self.count);
        }
    }
}
