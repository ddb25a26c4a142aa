//! The progress bar that the user asks for: a label, or a custom bar.

use crate::report::meter::Meter;
use indicatif::ProgressBar;

/// A label for a progress bar, or a custom progress bar. Needs the Cargo feature `progress`.
///
/// You create it with `into()`, or let [`ParallelIter::progress`](crate::ParallelIter::progress)
/// convert its argument.
///
/// **A label**, a [`&str`](str) or a [`String`], becomes a bar on the standard error, below the
/// bars of other calls. It shows the number of finished items and the rate in items per second. If
/// the input knows its length, it also shows the total and the remaining time. It appears only if
/// the standard error is a terminal, and once the call has run for 0.3 seconds. It disappears when
/// the call ends, also after an error or a panic.
///
/// **A custom [`ProgressBar`]** is increased by the number of finished items. If it has no length,
/// it gets the length of the input. The rest is up to you: its style, where it is drawn, and how it
/// ends.
///
/// * While the call runs, the bar is up to 0.1 seconds behind. It is exact when the call has ended,
///   or the stream was dropped.
/// * Several calls can share a bar. Set the total length of all of them first.
/// * A bar from [`ProgressBar::hidden`] counts without being drawn.
///
/// # Examples
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
/// let calls = square_parallel_iter(0..100).progress(bar.clone());
/// let squares: Vec<u64> = calls.collect();
/// assert_eq!(squares.len(), 100);
/// assert_eq!(bar.position(), 100);
/// assert_eq!(bar.length(), Some(100));
/// ```
#[derive(Clone, Debug)]
pub struct Progress(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Label(String),
    Custom(ProgressBar),
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
        Progress(Kind::Custom(bar))
    }
}

impl Progress {
    /// Creates the meter of a call with this number of items, if it is known.
    ///
    /// Returns `None` if nobody would see the bar.
    pub(crate) fn meter(self, length: Option<u64>) -> Option<Meter> {
        match self.0 {
            Kind::Label(label) => Meter::with_label(label, length),
            Kind::Custom(bar) => {
                if let (None, Some(length)) = (bar.length(), length) {
                    bar.set_length(length);
                }
                Some(Meter::new(bar, false))
            }
        }
    }
}
