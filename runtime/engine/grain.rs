//! Decides how many items are handed out at a time, and whether the work that is left is worth a helper.

/// A chunk aims at this many nanoseconds: long beside handing it out (tens), short beside a call that is worth a helper.
pub(crate) const CHUNK_TARGET_NANOS: f64 = 50_000.0;

/// A chunk has at least so much work, however few items are left, in nanoseconds.
const MIN_CHUNK_NANOS: f64 = 2_000.0;

/// What is left has to take so many nanoseconds for a helper that sleeps to be worth waking: its thread starts 27 to 58 us later, and waking
/// costs the caller 11 to 39 us.
pub(crate) const MIN_WORK_TO_WAKE_NANOS: f64 = 130_000.0;

/// And for one that is awake.
pub(crate) const MIN_WORK_IF_AWAKE_NANOS: f64 = 25_000.0;

/// Items that take less than this, in nanoseconds, may be too cheap to hand out; what is heavier gains, however dear the pulling.
pub(crate) const MAX_CHEAP_ITEM_NANOS: f32 = 100.0;

/// The time that items take, as seen so far.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Grain {
    items: f64,
    nanos: f64,
    /// Nanoseconds an item in the last chunk.
    last: f64,
}

impl Grain {
    /// A chunk of so many items took so many nanoseconds.
    #[allow(clippy::cast_precision_loss)] // An estimate.
    pub(crate) fn add(&mut self, items: usize, nanos: u64) {
        if items > 0 {
            self.items += items as f64;
            self.nanos += nanos as f64;
            self.last = nanos as f64 / items as f64;
        }
    }

    /// How long an item takes, in nanoseconds: of what it took lately and what it took on the whole the longer, for a chunk that is too
    /// short costs little, and one that is too long keeps the others waiting.
    pub(crate) fn item(&self) -> f64 {
        if self.items == 0.0 { 0.0 } else { self.last.max(self.nanos / self.items) }
    }

    /// The same, once items have been seen.
    pub(crate) fn known(&self) -> Option<f64> {
        (self.items > 0.0).then(|| self.item())
    }

    /// The shorter of the two, for where a thread that was put aside for a while must not count.
    pub(crate) fn least(&self) -> f64 {
        self.last.min(self.mean())
    }

    /// Nanoseconds an item on the whole.
    pub(crate) fn mean(&self) -> f64 {
        if self.items == 0.0 { 0.0 } else { self.nanos / self.items }
    }

    /// How many items the caller runs alone before it looks at the clock again.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // An estimate.
    pub(crate) fn batch(&self) -> usize {
        (CHUNK_TARGET_NANOS / self.item().max(0.1)).max(1.0) as usize
    }

    /// How many items a chunk gets, of at least `left` that are left for `threads`.
    #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)] // An estimate.
    pub(crate) fn chunk(&self, left: usize, threads: usize) -> usize {
        if self.items == 0.0 {
            return 1;
        }
        let item = self.item().max(0.1);
        let share = if left == 0 { f64::MAX } else { left as f64 / (2 * threads) as f64 };
        // Not more than doubled at a time, in case the first items are no measure of the next.
        (CHUNK_TARGET_NANOS / item).min(share.max(MIN_CHUNK_NANOS / item)).min(self.items * 2.0).max(1.0) as usize
    }
}
