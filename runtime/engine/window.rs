//! The window of a call with a sink: how many items may be ahead of the sink, how many results it
//! has taken, and how long it has worked.

use crate::engine::clock::now;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Target work per thread, in nanoseconds, on the items ahead of the sink, because threads that are
/// this far ahead need not wait for an item or a sink that is slow for a while. More would only
/// take memory.
const WINDOW_TARGET_NANOS: f64 = 10_000_000.0;

/// Minimum number of items ahead of the sink, per thread, because items may take unequal times.
const MIN_ITEMS_PER_THREAD: usize = 4;

/// Fraction of the window, per thread, that a chunk has at most.
const CHUNKS_PER_THREAD: usize = 4;

/// Time per result, in nanoseconds, that counts as the cost of passing it on from another thread,
/// up to all of the time in the sink. Otherwise sharing cheap items would seem to win.
const PASSING_NANOS: u64 = 20;

/// The window of one call. Only the thread with the sink writes to it.
#[repr(align(128))]
pub(crate) struct Window {
    /// Maximum number of items and results that are held at a time.
    in_flight: usize,
    /// The number of first items whose results the sink has taken.
    delivered: AtomicUsize,
    sink: Mutex<SinkTime>,
}

/// The time of the sink, in nanoseconds.
struct SinkTime {
    /// When the clock of the call stands still because the sink works, in nanoseconds of [`now`];
    /// `u64::MAX` if it does not work.
    from: u64,
    /// The time for which it has stood still before.
    before: u64,
}

impl Window {
    /// Creates the window of a call that holds up to `in_flight` items and results.
    pub(crate) fn new(in_flight: usize, delivered: usize) -> Self {
        Window {
            in_flight,
            delivered: AtomicUsize::new(delivered),
            sink: Mutex::new(SinkTime { from: u64::MAX, before: 0 }),
        }
    }

    /// Returns the maximum number of items ahead of the sink, if an item takes `item_nanos`
    /// nanoseconds; 0 if that is not known.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // An estimate.
    pub(crate) fn size(&self, item_nanos: f64, threads: usize) -> usize {
        let min = threads.saturating_mul(MIN_ITEMS_PER_THREAD);
        let target = if item_nanos > 0.0 { (WINDOW_TARGET_NANOS / item_nanos) as usize } else { 0 };
        target.saturating_mul(threads).max(min).min(self.in_flight)
    }

    /// Returns the maximum number of items of a chunk in a window of `size` items, so that all
    /// threads find some.
    pub(crate) fn max_chunk_size(size: usize, threads: usize) -> usize {
        (size / threads.saturating_mul(CHUNKS_PER_THREAD)).max(1)
    }

    /// Returns the number of first items whose results the sink has taken.
    pub(crate) fn delivered(&self) -> usize {
        self.delivered.load(Ordering::Relaxed)
    }

    /// Records that the sink has taken the results of the first `items` items.
    #[inline]
    pub(crate) fn set_delivered(&self, items: usize) {
        self.delivered.store(items, Ordering::Relaxed);
    }

    /// Records that the sink begins to work on `results` results.
    pub(crate) fn begin_sink(&self, results: usize) {
        self.sink().from = now() + PASSING_NANOS.saturating_mul(results as u64);
    }

    /// Records that the sink has ended its work.
    pub(crate) fn end_sink(&self) {
        let mut sink = self.sink();
        sink.before += now().saturating_sub(sink.from);
        sink.from = u64::MAX;
    }

    /// Returns a clock that stands still while the sink works, in nanoseconds. Measured by it, a
    /// call takes what its threads needed besides the sink.
    ///
    /// The serial loop spends the same time in the sink, so only the rest tells whether sharing
    /// wins.
    pub(crate) fn time(&self) -> u64 {
        let sink = self.sink();
        now().min(sink.from).saturating_sub(sink.before)
    }

    fn sink(&self) -> MutexGuard<'_, SinkTime> {
        self.sink.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::Window;

    #[test]
    fn a_window_has_some_milliseconds_of_work() {
        let window = Window::new(1_000, 0);
        assert_eq!(window.size(0.0, 2), 8);
        assert_eq!(window.size(50_000.0, 2), 400);
        assert_eq!(window.size(2.0, 2), 1_000);
        assert_eq!(window.size(1e9, 2), 8);
        assert_eq!(Window::new(3, 0).size(1e9, 2), 3);
        assert_eq!((Window::max_chunk_size(500, 2), Window::max_chunk_size(3, 2)), (62, 1));
    }

    #[test]
    fn the_clock_stands_still_while_the_sink_works() {
        let nap = || std::thread::sleep(std::time::Duration::from_millis(2));
        let window = Window::new(1, 0);
        window.begin_sink(1);
        nap();
        let time = window.time();
        nap();
        assert_eq!(window.time(), time);
        window.end_sink();
        assert!((time..time + 1_000_000_000).contains(&window.time()));
        // It goes on if the work is no more than passing the results on.
        window.begin_sink(1_000_000);
        let time = window.time();
        nap();
        assert!(window.time() >= time + 2_000_000);
        window.end_sink();
        assert!(window.time() >= time + 2_000_000);
    }
}
