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

/// Minimum remaining work, in nanoseconds, that pays for a worker thread that lingers after another
/// call: it begins within a microsecond.
pub(crate) const MIN_WORK_IF_LINGERING_NANOS: f64 = 12_000.0;

/// Maximum time of a cheap item, in nanoseconds, because assigning such an item may cost more than
/// sharing gains. Whether it does is measured. More expensive items are shared without that check,
/// even if pulling them is expensive.
pub(crate) const MAX_CHEAP_ITEM_NANOS: f32 = 100.0;

/// Minimum factor by which a chunk takes longer than expected if its last item was a heavy one.
const MIN_HEAVY_FACTOR: f64 = 2.0;

/// Minimum time that pulling takes per item, in nanoseconds, with which threads pull items one by
/// one. Taking the lock for each is then cheap. What an expensive pull creates is large, and is
/// found in the cache if it runs next.
pub(crate) const MIN_EXPENSIVE_PULL_NANOS: f64 = 1_000.0;

/// Minimum speedup over the calling thread alone that sharing cheap items must promise. It is above
/// 1, because the promise is an estimate.
const MIN_SHARING_GAIN: f64 = 1.2;

/// Maximum ratio of the time that an item runs to the time that pulling it takes, with which the
/// pulls can be what makes sharing lose. Above it, the wall time tells.
const MAX_RUN_TO_PULL: f64 = 0.5;

/// Minimum time of an item, in nanoseconds, with which a thread looks after each item whether
/// another thread needs some of its items. Looking then takes no measurable time.
const MIN_NANOS_TO_LOOK: f64 = 2.0;

/// Minimum work on items that are given back, in nanoseconds, because that costs some hundred.
const MIN_RETURNED_NANOS: f64 = 2_000.0;

/// Number of items between two clock reads of a thread that knows of another one without work, but
/// expects its own remaining items to take little time.
const ITEMS_PER_CLOCK_READ: usize = 2;

/// Target time between two looks of a thread that runs cheaper items, in nanoseconds. It is long
/// compared with beginning a loop.
const GROUP_NANOS: f64 = 1_000.0;

/// Maximum time, in nanoseconds, that loading code and memory into the caches may take at the
/// beginning of a call, for instance after a pause.
pub(crate) const MAX_COLD_NANOS: f64 = 20_000.0;

/// The measured time per item.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Grain {
    /// The number of all measured items.
    items: f64,
    /// The time of all measured items, in nanoseconds.
    nanos: f64,
    /// The number of items of the first measurement, during which code and memory may have been
    /// loaded into the caches; 0 if there was no such time.
    first_items: f64,
    /// The time of these items, in nanoseconds.
    first_nanos: f64,
    /// The time per item in the last batch or chunk, in nanoseconds.
    last: f64,
    /// The time of the heavy item at the end of the last chunk, in nanoseconds; 0 if it had none.
    heavy: f64,
    /// The time per item that earlier calls predict, in nanoseconds; 0 if it is unknown.
    expected: f64,
}

impl Grain {
    /// Tells what earlier calls predict: the time per item, in nanoseconds.
    pub(crate) fn expect(&mut self, nanos: f64) {
        self.expected = nanos;
    }

    /// Replaces what has been measured by one time per item, in nanoseconds.
    pub(crate) fn reset(&mut self, nanos: f64) {
        *self = Grain { items: self.items.min(1.0), nanos, last: nanos, expected: self.expected, ..Grain::default() };
    }

    /// Adds the time of a batch or chunk of `items` items, in nanoseconds.
    #[allow(clippy::cast_precision_loss)] // An estimate.
    pub(crate) fn add(&mut self, items: usize, nanos: u64) {
        if items > 0 {
            if self.items == 0.0 {
                (self.first_items, self.first_nanos) = (items as f64, nanos as f64);
            }
            self.items += items as f64;
            self.nanos += nanos as f64;
            self.last = nanos as f64 / items as f64;
            self.heavy = 0.0;
        }
    }

    /// Adds the time of a chunk whose items behind these have been given back. If it took far
    /// longer than expected, that is probably the time of its last item, behind which the thread
    /// was asked to stop. The next items may be as heavy.
    #[allow(clippy::cast_precision_loss)] // An estimate.
    pub(crate) fn add_stopped(&mut self, items: usize, nanos: u64) {
        let expected = self.mean_nanos() * items as f64;
        self.add(items, nanos);
        if expected > 0.0 && nanos as f64 > MIN_HEAVY_FACTOR * expected {
            self.heavy = nanos as f64 - expected;
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

    /// Returns the time of all measured items, in nanoseconds.
    pub(crate) fn measured_nanos(&self) -> f64 {
        self.nanos
    }

    /// Returns whether more than one item has been measured.
    pub(crate) fn has_several_items(&self) -> bool {
        self.items > 1.0
    }

    /// Returns whether what has been measured predicts the rest: there is a second measurement, or
    /// the first one took too long to be that of loading code and memory into the caches.
    pub(crate) fn is_confirmed(&self) -> bool {
        self.items > self.first_items || self.first_nanos >= MAX_COLD_NANOS
    }

    /// Returns the expected time per item like [`item_nanos`](Self::item_nanos), without the first
    /// measurement if that may have been spent on loading code and memory into the caches.
    pub(crate) fn warm_item_nanos(&self) -> f64 {
        let warm_items = self.items - self.first_items;
        if warm_items > 0.0 && self.first_nanos < MAX_COLD_NANOS {
            self.last.max((self.nanos - self.first_nanos) / warm_items)
        } else {
            self.item_nanos()
        }
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
        let is_unconfirmed = self.items > 0.0 && !self.is_confirmed();
        let target = if is_unconfirmed { self.nanos } else { CHUNK_TARGET_NANOS };
        (target / self.item_nanos().max(0.1)).max(1.0) as usize
    }

    /// Returns the number of items of the next chunk, if at least `min_remaining` items remain for
    /// `threads` threads. A `min_remaining` of 0 means that the number is unknown. `pull_nanos` is
    /// the time that pulling an item takes before it can run.
    // The size is an estimate.
    #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    pub(crate) fn chunk_size(&self, min_remaining: usize, threads: usize, pull_nanos: f64) -> usize {
        if self.items == 0.0 || pull_nanos >= MIN_EXPENSIVE_PULL_NANOS {
            return 1;
        }
        let item = (self.item_nanos().max(self.heavy) + pull_nanos).max(0.1);
        // Half of a thread's equal share, so that the threads finish at about the same time.
        let share = if min_remaining == 0 { f64::MAX } else { min_remaining as f64 / (2.0 * threads as f64) };
        let size = (CHUNK_TARGET_NANOS / item).min(share.max(MIN_CHUNK_NANOS / item));
        // At most twice as many items as have been measured, in case the next ones take longer.
        size.min(self.items * 2.0).max(1.0) as usize
    }

    /// Returns whether a thread gives back the `remaining` of the `size` items of its chunk to a
    /// thread without work. `nanos` returns the time that the items so far have taken, in
    /// nanoseconds. It may be far longer than was expected of all of them.
    #[allow(clippy::cast_precision_loss)] // An estimate.
    #[inline(never)]
    pub(crate) fn pays_to_return(&self, size: usize, remaining: usize, nanos: impl Fn() -> u64) -> bool {
        if remaining < 2 {
            return false;
        }
        if remaining as f64 * self.item_nanos() >= MIN_RETURNED_NANOS {
            return true;
        }
        let done = size - remaining;
        done % ITEMS_PER_CLOCK_READ == 0
            && done > 0
            && remaining as f64 * nanos() as f64 >= MIN_RETURNED_NANOS * done as f64
    }

    /// Returns the number of items that a thread runs before it looks whether another thread needs
    /// some of its items. Between cheap items, it looks less often, so that the compiler can
    /// vectorize the loop.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // An estimate.
    pub(crate) fn group_len(&self) -> usize {
        let item = self.item_nanos();
        // Few heavy items among cheap ones may be what earlier calls have spent their time on.
        if item.max(self.expected) >= MIN_NANOS_TO_LOOK { 1 } else { ((GROUP_NANOS / item.max(0.1)) as usize).max(1) }
    }
}

/// Returns whether sharing can win with items that take `pull` nanoseconds to pull and `run`
/// nanoseconds to run. On the calling thread alone, an item takes `alone` nanoseconds, or 0 if that
/// is unknown.
#[allow(clippy::cast_precision_loss)] // An estimate.
pub(crate) fn promises_gain(pull: f64, run: f64, threads: usize, alone: f64) -> bool {
    // The time per item if all threads work and none waits for the lock.
    let equal_share = (pull + run) / threads as f64;
    if run < f64::from(MAX_CHEAP_ITEM_NANOS) && pull < MIN_EXPENSIVE_PULL_NANOS {
        // If pulling takes more than half of the time, the others mostly wait for the lock.
        return (2.0 * pull).max(equal_share) * MIN_SHARING_GAIN <= run.max(alone);
    }
    // Only one thread pulls at a time. It may take longer to pull than the calling thread alone.
    let serial = if alone > 0.0 { alone.min(pull + run) } else { pull + run };
    let is_pull_bound = pull >= MIN_EXPENSIVE_PULL_NANOS && run < MAX_RUN_TO_PULL * pull;
    !is_pull_bound || pull * MIN_SHARING_GAIN <= serial
}

#[cfg(test)]
mod tests {
    use super::{Grain, promises_gain};

    #[test]
    fn a_short_measurement_is_confirmed_by_as_many_items() {
        let mut grain = Grain::default();
        grain.add(5, 5_000);
        assert_eq!((grain.is_confirmed(), grain.batch_size()), (false, 5));
        grain.add(5, 5_000);
        assert_eq!((grain.is_confirmed(), grain.batch_size()), (true, 50));
        grain.reset(1_000.0);
        assert_eq!((grain.is_confirmed(), grain.batch_size()), (true, 50));
        let mut long = Grain::default();
        long.add(5, 20_000);
        assert_eq!((long.is_confirmed(), long.batch_size()), (true, 12));
    }

    #[test]
    fn a_cold_beginning_does_not_count() {
        let warm = |grain: Grain| format!("{:.0} ns", grain.warm_item_nanos());
        let mut grain = Grain::default();
        grain.add(1, 15_000);
        assert_eq!(warm(grain), "15000 ns");
        grain.add(21, 2_100);
        grain.add(64, 6_400);
        assert_eq!(warm(grain), "100 ns");
        // Nothing is loaded for so long.
        let mut long = Grain::default();
        long.add(1, 20_000);
        long.add(1, 10_000);
        assert_eq!(warm(long), "15000 ns");
    }

    #[test]
    fn items_behind_a_heavy_one_are_given_back() {
        let mut grain = Grain::default();
        grain.add(1_000, 1_000);
        // 1,500 of 5,000 items remain, and are expected to take 1.5 us.
        assert!(!grain.pays_to_return(5_000, 1_500, || 3_500));
        assert!(grain.pays_to_return(5_000, 1_500, || 20_000_000));
        assert!(grain.pays_to_return(5_000, 2_000, || unreachable!("2 us are worth it")));
        assert!(!grain.pays_to_return(5_000, 1, || 20_000_000));
    }

    #[test]
    fn items_behind_a_heavy_one_are_taken_one_by_one() {
        let mut grain = Grain::default();
        grain.add(1_000, 50_000);
        // 10 us more than expected are not a heavy item.
        grain.add_stopped(1_000, 60_000);
        assert_eq!(grain.chunk_size(usize::MAX, 8, 0.0), 833);
        grain.add_stopped(1_000, 20_050_000);
        assert_eq!(grain.chunk_size(usize::MAX, 8, 0.0), 1);
        // The next items are cheap again: the mean is 6.7 us, because of the heavy one.
        grain.add(1, 50);
        assert_eq!(grain.chunk_size(usize::MAX, 8, 0.0), 7);
    }

    #[test]
    fn a_thread_looks_after_each_item_if_earlier_calls_had_heavy_ones() {
        let mut grain = Grain::default();
        grain.add(1_000, 1_000);
        assert_eq!(grain.group_len(), 1_000);
        grain.expect(3_000.0);
        assert_eq!(grain.group_len(), 1);
    }

    #[test]
    fn expensive_items_are_pulled_one_by_one() {
        let mut grain = Grain::default();
        grain.add(1_000, 40_000);
        assert_eq!(grain.chunk_size(usize::MAX, 2, 0.0), 1_250);
        assert_eq!(grain.chunk_size(usize::MAX, 2, 900.0), 53);
        assert_eq!(grain.chunk_size(usize::MAX, 2, 1_000.0), 1);
    }

    #[test]
    fn cheap_items_are_shared_if_pulling_is_cheaper_still() {
        assert!(promises_gain(1.0, 5.0, 2, 6.0));
        assert!(!promises_gain(3.0, 2.0, 2, 5.0));
    }

    #[test]
    fn items_that_are_pulled_one_by_one_are_not_shared_if_they_run_for_a_short_time() {
        // 200 kB are filled, and one byte is read.
        assert!(!promises_gain(1_200.0, 40.0, 2, 0.0));
        assert!(!promises_gain(1_200.0, 40.0, 2, 1_240.0));
        // The pages of several such items at a time must be mapped again and again.
        assert!(!promises_gain(33_000.0, 8_000.0, 2, 1_240.0));
        // The thread that runs an item is not the one that pulls the next.
        assert!(promises_gain(1_200.0, 1_200.0, 2, 2_400.0));
        assert!(promises_gain(33_000.0, 30_000.0, 2, 1_240.0));
    }

    #[test]
    fn items_that_run_for_long_are_shared() {
        assert!(promises_gain(0.0, 100_000.0, 2, 0.0));
        assert!(promises_gain(2_000.0, 100_000.0, 2, 102_000.0));
    }
}
