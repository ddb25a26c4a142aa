//! Decides what a progress bar is told of a call: how many of its items are finished, and how many there are, if that is known.

use crate::report::meter::Meter;
use indicatif::ProgressBar;

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

impl Progress {
    /// Starts to measure a call of that length, if it is known. Returns nothing if nobody would see the bar.
    pub(crate) fn meter(self, length: Option<u64>) -> Option<Meter> {
        match self.0 {
            Kind::Label(label) => Meter::with_label(label, length),
            Kind::Own(bar) => {
                if let (None, Some(length)) = (bar.length(), length) {
                    bar.set_length(length);
                }
                Some(Meter::new(bar, false))
            }
        }
    }
}
