//! The grain of a call: the measured time per item. It sizes batches and chunks, and tells whether
//! the remaining work pays for a worker thread.

/// Target duration of a chunk and maximum duration of a batch, in nanoseconds. It is long compared
/// with assigning a chunk (some hundred nanoseconds), and short compared with a call that is worth
/// a worker thread ([`MIN_WORK_TO_WAKE_NANOS`]).
pub(crate) const CHUNK_TARGET_NANOS: f64 = 50_000.0;

/// Minimum duration of a chunk, in nanoseconds, however few items remain, because assigning a
/// shorter one would take a noticeable part of its time.
const MIN_CHUNK_NANOS: f64 = 2_000.0;

/// Minimum remaining work, in nanoseconds, that pays for a sleeping worker thread. It starts 27 to
/// 58 us later, and waking it costs the calling thread 11 to 39 us (measured).
pub(crate) const MIN_WORK_TO_WAKE_NANOS: f64 = 130_000.0;

/// Minimum remaining work, in nanoseconds, that pays for a worker thread if waking one is
/// affordable (`wake::is_affordable`). It is lower, because a thread that is awake starts sooner
/// and costs less.
pub(crate) const MIN_WORK_IF_AWAKE_NANOS: f64 = 25_000.0;

/// Maximum time of a cheap item, in nanoseconds, because assigning such an item may cost more than
/// sharing gains. Whether it does is measured. More expensive items are shared without that check,
/// even if pulling them is expensive.
pub(crate) const MAX_CHEAP_ITEM_NANOS: f32 = 100.0;

/// Minimum time of an item, in nanoseconds, with which a thread looks after each item whether
/// another thread needs some of its items. Looking takes less than half a nanosecond.
const MIN_NANOS_TO_LOOK: f64 = 4.0;

/// Target time between two looks of a thread that runs cheaper items, in nanoseconds. It is long
/// compared with beginning a loop.
const GROUP_NANOS: f64 = 1_000.0;

/// The measured time per item.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Grain {
    /// The number of all measured items.
    items: f64,
    /// The time of all measured items, in nanoseconds.
    nanos: f64,
    /// The time per item in the last batch or chunk, in nanoseconds.
    last: f64,
}

impl Grain {
    /// Adds the time of a batch or chunk of `items` items, in nanoseconds.
    #[allow(clippy::cast_precision_loss)] // An estimate.
    pub(crate) fn add(&mut self, items: usize, nanos: u64) {
        if items > 0 {
            self.items += items as f64;
            self.nanos += nanos as f64;
            self.last = nanos as f64 / items as f64;
        }
    }

    /// Returns the expected time per item, in nanoseconds; 0 if nothing has been measured.
    ///
    /// It is the larger of the mean and the last measurement. A chunk that is too short costs
    /// little, but one that is too long keeps the other threads waiting.
    pub(crate) fn item_nanos(&self) -> f64 {
        if self.items == 0.0 { 0.0 } else { self.last.max(self.nanos / self.items) }
    }

    /// Returns the expected time per item like [`item_nanos`](Self::item_nanos), or `None` if
    /// nothing has been measured.
    pub(crate) fn known_item_nanos(&self) -> Option<f64> {
        (self.items > 0.0).then(|| self.item_nanos())
    }

    /// Returns the smaller of the mean and the last measurement, in nanoseconds per item, so that
    /// time during which a thread was preempted counts little.
    pub(crate) fn min_item_nanos(&self) -> f64 {
        self.last.min(self.mean_nanos())
    }

    /// Returns the mean time of all items, in nanoseconds; 0 if nothing has been measured.
    pub(crate) fn mean_nanos(&self) -> f64 {
        if self.items == 0.0 { 0.0 } else { self.nanos / self.items }
    }

    /// Returns the maximum number of items that the calling thread runs alone before it reads the
    /// clock again.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // An estimate.
    pub(crate) fn batch_size(&self) -> usize {
        (CHUNK_TARGET_NANOS / self.item_nanos().max(0.1)).max(1.0) as usize
    }

    /// Returns the number of items of the next chunk, if at least `min_remaining` items remain for
    /// `threads` threads. A `min_remaining` of 0 means that the number is unknown. `pull_nanos` is
    /// the time that pulling an item takes before it can run.
    // The size is an estimate.
    #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    pub(crate) fn chunk_size(&self, min_remaining: usize, threads: usize, pull_nanos: f64) -> usize {
        if self.items == 0.0 {
            return 1;
        }
        let item = (self.item_nanos() + pull_nanos).max(0.1);
        // Half of a thread's equal share, so that the threads finish at about the same time.
        let share = if min_remaining == 0 { f64::MAX } else { min_remaining as f64 / (2.0 * threads as f64) };
        let size = (CHUNK_TARGET_NANOS / item).min(share.max(MIN_CHUNK_NANOS / item));
        // At most twice as many items as have been measured, in case the next ones take longer.
        size.min(self.items * 2.0).max(1.0) as usize
    }

    /// Returns the number of items that a thread runs before it looks whether another thread needs
    /// some of its items. Between cheap items, it looks less often, so that the compiler can
    /// vectorize the loop.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // An estimate.
    pub(crate) fn group_len(&self) -> usize {
        let item = self.item_nanos();
        if item >= MIN_NANOS_TO_LOOK { 1 } else { ((GROUP_NANOS / item.max(0.1)) as usize).max(1) }
    }
}
