//! A progress log: a line now and then that tells how far a call is.

use crate::report::count::Count;
use crate::unwind::catch;
use indicatif::HumanCount;
use std::fmt::{self, Debug, Display, Formatter};
use std::io::{self, Write};
use std::panic::resume_unwind;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A line of a progress log: how far a call is. Needs the Cargo feature `progress`.
///
/// [`Progress::log_with`](crate::Progress::log_with) passes it to your closure.
/// [`Display`] writes the line that [`Progress::log_every`](crate::Progress::log_every) prints,
/// without a newline. The methods have the names of those of indicatif's
/// [`ProgressBar`](indicatif::ProgressBar).
///
/// ```text
/// simulating: 4,200/10,000 (42%), 2 min 0 s, 35/s, 2 min 45 s left
/// simulating: 10,000/10,000 (100%) in 4 min 46 s, 35/s
/// ```
///
/// Without a length, the lines look like this:
///
/// ```text
/// simulating: 4,200 items, 2 min 0 s, 35/s
/// ```
///
/// # Examples
///
/// See [`Progress::log_with`](crate::Progress::log_with).
#[derive(Clone, Debug)]
pub struct ProgressLine {
    label: Arc<str>,
    position: u64,
    /// The number of items whose results come from a checkpoint.
    stored: u64,
    length: Option<u64>,
    elapsed: Duration,
    is_last: bool,
}

impl ProgressLine {
    /// Returns the label. For a custom bar, that is its prefix, which is often empty.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Returns the number of finished items.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Returns the total number of items, if it is known.
    #[must_use]
    pub fn length(&self) -> Option<u64> {
        self.length
    }

    /// Returns the time since the first item began.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// Returns the number of finished items per second since the first item began. Items whose
    /// results come from a checkpoint do not count.
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // A rate needs no more than 53 bits.
    pub fn per_sec(&self) -> f64 {
        let seconds = self.elapsed.as_secs_f64();
        if seconds > 0.0 { self.position.saturating_sub(self.stored) as f64 / seconds } else { 0.0 }
    }

    /// Returns the estimated remaining time: `None` if the length is unknown, if no item has
    /// finished, or if the call has ended.
    #[must_use]
    #[allow(clippy::cast_precision_loss)] // As for `per_sec`.
    pub fn eta(&self) -> Option<Duration> {
        let remaining = self.length?.saturating_sub(self.position);
        let is_known = !self.is_last && self.position > self.stored;
        is_known.then(|| Duration::try_from_secs_f64(remaining as f64 / self.per_sec()).ok()).flatten()
    }

    /// Returns whether the call has ended: no line follows.
    ///
    /// The call may have ended early, by an error, a panic or a stop. The position is then below
    /// the length.
    #[must_use]
    pub fn is_last(&self) -> bool {
        self.is_last
    }
}

impl Display for ProgressLine {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if !self.label.is_empty() {
            write!(f, "{}: ", self.label)?;
        }
        write!(f, "{}", HumanCount(self.position))?;
        match self.length {
            Some(length) => {
                let percent = u128::from(self.position) * 100 / u128::from(length.max(1));
                write!(f, "/{} ({percent}%)", HumanCount(length))?;
            }
            None => write!(f, " items")?,
        }
        write!(f, "{}", if self.is_last { " in " } else { ", " })?;
        write_duration(f, self.elapsed)?;
        let rate = self.per_sec();
        if rate >= 1.0 {
            let digits = if rate < 10.0 { 2 } else { 0 };
            write!(f, ", {rate:.digits$}/s")?;
        } else if rate > 0.0 {
            write!(f, ", ")?;
            write_duration(f, Duration::try_from_secs_f64(1.0 / rate).unwrap_or(Duration::MAX))?;
            write!(f, " per item")?;
        }
        if let Some(eta) = self.eta() {
            write!(f, ", ")?;
            write_duration(f, eta)?;
            write!(f, " left")?;
        }
        Ok(())
    }
}

/// Writes a duration in its two largest units.
fn write_duration(f: &mut Formatter<'_>, duration: Duration) -> fmt::Result {
    let seconds = duration.as_secs();
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    if days > 0 {
        write!(f, "{days} d {hours} h")
    } else if hours > 0 {
        write!(f, "{hours} h {minutes} min")
    } else if minutes > 0 {
        write!(f, "{minutes} min {} s", seconds % 60)
    } else {
        write!(f, "{:.1} s", duration.as_secs_f64())
    }
}

/// Where the lines of a log go, and how often.
#[derive(Clone)]
pub(crate) struct LogTo {
    pub(crate) interval: Duration,
    pub(crate) target: Target,
}

/// Where the lines of a log go.
#[derive(Clone)]
pub(crate) enum Target {
    /// To the standard error.
    Stderr,
    Closure(Arc<dyn Fn(&ProgressLine) + Send + Sync>),
}

/// Shows the interval and the target.
impl Debug for LogTo {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let target = match self.target {
            Target::Stderr => "Stderr",
            Target::Closure(_) => "Closure",
        };
        f.debug_struct("LogTo").field("interval", &self.interval).field("target", &target).finish()
    }
}

/// Maximum time for which the end of a call waits for a line that is being written.
const MAX_WAIT: Duration = Duration::from_secs(1);

/// The log of one call.
pub(crate) struct Log {
    label: Arc<str>,
    length: Option<u64>,
    to: LogTo,
    written: Mutex<Written>,
    /// A line has been written.
    is_free: Condvar,
}

/// What a log has written. Not locked while a line is written, because the code of the call may
/// hold what that needs, such as the standard error.
struct Written {
    /// The elapsed time at which the next line is due.
    due: Duration,
    has_line: bool,
    is_writing: bool,
    has_ended: bool,
}

impl Log {
    pub(crate) fn new(label: &str, length: Option<u64>, to: LogTo) -> Self {
        let written = Written { due: to.interval, has_line: false, is_writing: false, has_ended: false };
        Log { label: label.into(), length, to, written: Mutex::new(written), is_free: Condvar::new() }
    }

    /// Writes a line if one is due.
    pub(crate) fn write_if_due(&self, elapsed: Duration, count: &Count) {
        let mut written = self.lock();
        if elapsed < written.due || written.is_writing || written.has_ended {
            return;
        }
        written.due = elapsed.saturating_add(self.to.interval);
        (written.has_line, written.is_writing) = (true, true);
        drop(written);
        let end = catch(|| self.write(count, elapsed, false));
        let mut written = self.lock();
        written.is_writing = false;
        // A closure that has panicked is not called again.
        written.has_ended |= end.is_err();
        drop(written);
        self.is_free.notify_all();
        if let Err(payload) = end {
            resume_unwind(payload);
        }
    }

    /// Writes the last line, if there was another one or if `is_long`. Waits for a line that is
    /// being written, at most [`MAX_WAIT`]: then there is no last line.
    pub(crate) fn end(&self, count: &Count, elapsed: Duration, is_long: bool) {
        let is_writing = |written: &mut Written| written.is_writing;
        let waited = self.is_free.wait_timeout_while(self.lock(), MAX_WAIT, is_writing);
        let mut written = waited.unwrap_or_else(PoisonError::into_inner).0;
        let is_wanted = !written.is_writing && !written.has_ended && (written.has_line || is_long);
        written.has_ended = true;
        drop(written);
        if is_wanted {
            self.write(count, elapsed, true);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Written> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, count: &Count, elapsed: Duration, is_last: bool) {
        let (label, length) = (Arc::clone(&self.label), self.length);
        // An item may finish in between.
        let (stored, position) = (count.stored(), count.sum());
        let line = ProgressLine { label, position, stored, length, elapsed, is_last };
        match &self.to.target {
            // In one piece, and without a panic if the standard error is closed.
            Target::Stderr => {
                let _ = io::stderr().write_all(format!("{line}\n").as_bytes());
            }
            Target::Closure(log) => log(&line),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ProgressLine;
    use std::time::Duration;

    fn line(position: u64, length: Option<u64>, seconds: f64, is_last: bool) -> String {
        let elapsed = Duration::from_secs_f64(seconds);
        ProgressLine { label: "simulating".into(), position, stored: 0, length, elapsed, is_last }.to_string()
    }

    #[test]
    fn results_from_a_checkpoint_tell_nothing_of_the_rate() {
        let line = |position, stored| {
            let (length, elapsed) = (Some(10_000), Duration::from_secs(10));
            ProgressLine { label: "".into(), position, stored, length, elapsed, is_last: false }.to_string()
        };
        assert_eq!(line(4_200, 4_000), "4,200/10,000 (42%), 10.0 s, 20/s, 4 min 50 s left");
        assert_eq!(line(4_000, 4_000), "4,000/10,000 (40%), 10.0 s");
    }

    #[test]
    fn lines_are_readable() {
        assert_eq!(line(0, Some(10), 5.0, false), "simulating: 0/10 (0%), 5.0 s");
        assert_eq!(
            line(4_200, Some(10_000), 120.0, false),
            "simulating: 4,200/10,000 (42%), 2 min 0 s, 35/s, 2 min 45 s left"
        );
        assert_eq!(line(10, Some(10), 4.0, true), "simulating: 10/10 (100%) in 4.0 s, 2.50/s");
        assert_eq!(line(4, Some(10), 7_300.0, true), "simulating: 4/10 (40%) in 2 h 1 min, 30 min 25 s per item");
        assert_eq!(line(7_200, None, 3_600.0, false), "simulating: 7,200 items, 1 h 0 min, 2.00/s");
        assert_eq!(
            line(1, Some(u64::MAX), 90_000.0, true),
            "simulating: 1/18,446,744,073,709,551,615 (0%) in 1 d 1 h, 1 d 1 h per item"
        );
        // An estimate that no duration can hold is left out.
        let endless = line(1, Some(u64::MAX), 90_000.0, false);
        assert!(endless.ends_with(" per item"), "{endless}");
        assert_eq!(line(0, None, 0.0, true), "simulating: 0 items in 0.0 s");
    }
}
