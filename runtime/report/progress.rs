//! The progress that the user asks for: a label, a custom bar, or a log.

use crate::report::log::{Log, LogTo, ProgressLine, Target};
use crate::report::meter::Meter;
use crate::report::ticker::{self, Bar};
use indicatif::ProgressBar;
use std::sync::Arc;
use std::time::Duration;

/// How a call shows its progress: a progress bar, or lines in a log. Needs the Cargo feature
/// `progress`.
///
/// You create it with [`Progress::new`] or `into()`, or let
/// [`ParallelIter::progress`](crate::ParallelIter::progress) convert its argument.
///
/// **A label**, a [`&str`](str) or a [`String`], becomes a bar on the standard error, below the
/// bars of other calls. It shows the number of finished items and the rate in items per second. If
/// the number of items is known, it also shows the total and the remaining time. It appears only if
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
/// **A log** gets a line now and then. [`log_every`](Self::log_every) prints lines if there is no
/// terminal for a bar, as in a batch job. [`log_with`](Self::log_with) passes them to a closure.
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
pub struct Progress {
    kind: Kind,
    /// The number of items, if the user gives it.
    length: Option<u64>,
    log: Option<LogTo>,
}

#[derive(Clone, Debug)]
enum Kind {
    Label(String),
    Custom(ProgressBar),
}

impl From<&str> for Progress {
    fn from(label: &str) -> Self {
        Progress::new(label)
    }
}

impl From<String> for Progress {
    fn from(label: String) -> Self {
        Progress::new(label)
    }
}

impl From<ProgressBar> for Progress {
    fn from(bar: ProgressBar) -> Self {
        Progress { kind: Kind::Custom(bar), length: None, log: None }
    }
}

impl Progress {
    /// Creates a bar with a label. For a custom bar, use `Progress::from(bar)`.
    ///
    /// # Examples
    ///
    /// ```
    /// use parallelize::{Progress, parallelize};
    ///
    /// // As an option of the attribute. `progress = "squaring"` is the same.
    /// #[parallelize(over = n, progress = Progress::new("squaring"))]
    /// fn square(n: u64) -> u64 {
    ///     n * n
    /// }
    ///
    /// assert_eq!(square_parallel([2, 3]), [4, 9]);
    /// ```
    #[must_use]
    pub fn new(label: impl Into<String>) -> Self {
        Progress { kind: Kind::Label(label.into()), length: None, log: None }
    }

    /// Sets the total number of items, for inputs that do not know it.
    ///
    /// Overrides the length of the input, and that of a custom bar. It only affects what is shown:
    /// the call takes all items of the input, whatever their number is.
    ///
    /// # Examples
    ///
    /// ```
    /// use parallelize::{Progress, parallelize};
    ///
    /// #[parallelize]
    /// fn measure(line: &str) -> usize {
    ///     line.len()
    /// }
    ///
    /// let text = "a rose\nis a rose\nis a rose";
    /// // An iterator over lines does not know their number.
    /// let count = text.lines().count() as u64;
    /// let progress = Progress::new("measuring").with_length(count);
    /// let calls = measure_parallel_iter(text.lines()).progress(progress);
    /// assert_eq!(calls.collect::<Vec<_>>(), [6, 9, 9]);
    /// ```
    #[must_use]
    pub fn with_length(self, items: u64) -> Self {
        Progress { length: Some(items), ..self }
    }

    /// Prints a line to the standard error every `interval`, if that is not a terminal.
    ///
    /// This is for batch jobs and services, whose standard error is a file. On a terminal the call
    /// shows its bar instead. [`ProgressLine`] shows what the lines look like.
    ///
    /// A last line follows when the call or the stream ends, also after an error, a panic or a
    /// stop. A call that takes less than 0.3 seconds prints a last line only if it has printed
    /// another one. There are at most ten lines per second.
    ///
    /// Custom bars are increased as well. The line counts the items of one call, even if several
    /// calls share a bar.
    ///
    /// # Examples
    ///
    /// ```
    /// use parallelize::{Progress, parallelize};
    /// use std::time::Duration;
    ///
    /// #[parallelize(over = start)]
    /// fn simulate(start: f64, steps: u32) -> f64 {
    ///     (0..steps).fold(start, |x, _| x.sin())
    /// }
    ///
    /// let progress =
    ///     Progress::new("simulating").log_every(Duration::from_secs(60));
    /// let starts = (0..100).map(f64::from);
    /// let calls = simulate_parallel_iter(starts, 1_000).progress(progress);
    /// assert_eq!(calls.collect::<Vec<f64>>().len(), 100);
    /// ```
    #[must_use]
    pub fn log_every(self, interval: Duration) -> Self {
        Progress { log: Some(LogTo { interval, target: Target::Stderr }), ..self }
    }

    /// Passes a [`ProgressLine`] to `log` every `interval`, for example to write it with a logger.
    ///
    /// Replaces the bar of a label, also on a terminal. Everything else is as for
    /// [`log_every`](Self::log_every).
    ///
    /// `log` is called on the thread that shows the progress of all calls, and for the last line on
    /// the thread that ends the call. So it should return soon. If it panics, it is not called
    /// again for this call, and the call goes on.
    ///
    /// # Examples
    ///
    /// ```
    /// use parallelize::{Progress, parallelize};
    /// use std::sync::mpsc;
    /// use std::thread::sleep;
    /// use std::time::Duration;
    ///
    /// #[parallelize(over = millis, threads = 4)]
    /// fn wait(millis: u64) -> u64 {
    ///     sleep(Duration::from_millis(millis));
    ///     millis
    /// }
    ///
    /// let (sender, lines) = mpsc::channel();
    /// let progress = Progress::new("waiting")
    ///     .log_with(Duration::from_millis(100), move |line| {
    ///         // Usually `log::info!("{line}")` or the like.
    ///         let _ = sender.send(line.to_string());
    ///     });
    /// let calls = wait_parallel_iter([40; 40]).progress(progress);
    /// assert_eq!(calls.collect::<Vec<_>>().len(), 40);
    ///
    /// // The first lines are like
    /// // `waiting: 8/40 (20%), 0.1 s, 78/s, 0.4 s left`.
    /// let last = lines.iter().last().unwrap();
    /// assert!(last.starts_with("waiting: 40/40 (100%) in "));
    /// ```
    #[must_use]
    pub fn log_with<F>(self, interval: Duration, log: F) -> Self
    where
        F: Fn(&ProgressLine) + Send + Sync + 'static,
    {
        Progress { log: Some(LogTo { interval, target: Target::Closure(Arc::new(log)) }), ..self }
    }

    /// Creates the meter of a call with this number of items, if it is known.
    ///
    /// Returns `None` if nobody would see the progress.
    pub(crate) fn meter(self, length: Option<u64>) -> Option<Meter> {
        let Progress { kind, length: given, log } = self;
        let length = given.or(length);
        let is_terminal = ticker::is_attended();
        let log = log.filter(|log| !is_terminal || matches!(log.target, Target::Closure(_)));
        let (label, bar) = match kind {
            Kind::Label(label) => {
                let bar = (is_terminal && log.is_none()).then(|| ticker::bar(label.clone(), length));
                (label, bar)
            }
            Kind::Custom(bar) => {
                if let Some(length) = length.filter(|_| given.is_some() || bar.length().is_none()) {
                    bar.set_length(length);
                }
                (bar.prefix(), Some(Bar { bar, is_ours: false }))
            }
        };
        let log = log.map(|to| Log::new(&label, length, to));
        (bar.is_some() || log.is_some()).then(|| Meter::new(bar, log))
    }
}
