//! The feed of a shared call: the input iterator, from which one thread at a time pulls items.

use crate::engine::chunk::Chunk;
use crate::engine::clock::{MIN_WAIT_TICKS, nanos_since, ticks};
use crate::engine::costs::PullCosts;
use crate::engine::slots::Slots;
use crate::unwind::{Payload, catch};
use std::time::Instant;

/// Maximum size of the items of a chunk, in bytes, because the thread that pulls them reads them
/// again at once. So they should fit into the nearest cache.
const MAX_CHUNK_BYTES: usize = 32 * 1024;

/// Target time between two clock reads while a thread pulls items, in nanoseconds of the work on
/// these items, because a clock read takes up to 20 ns.
const CLOCK_READ_INTERVAL_NANOS: f64 = 400.0;

/// Maximum number of items that a thread pulls between two clock reads for a block. If the input
/// begins to wait behind quick items, their results wait for this number of items.
const MAX_BLOCK_ITEMS_BETWEEN_CLOCK_READS: usize = 8;

/// Maximum number of items that a thread pulls between two clock reads for other calls.
const MAX_ITEMS_BETWEEN_CLOCK_READS: usize = 64;

/// The rest of the input, and the slots for its results.
pub(crate) struct Feed<'vec, I, R> {
    input: I,
    slots: Slots<'vec, R>,
    /// Maximum number of items to pull at a time: 1 after a pull that has waited, and twice the
    /// number after each pull that has not.
    max_items: usize,
    /// Maximum number of items that are pulled between two clock reads.
    max_interval: usize,
    /// Minimum duration of a pull that has waited, in clock ticks.
    min_wait_ticks: u64,
}

/// What a thread has pulled.
pub(crate) struct Pulled<'vec, I: Iterator, R> {
    /// The items, which may be none.
    pub(crate) chunk: Chunk<'vec, I, R>,
    /// The panic of the input after these items.
    pub(crate) panic: Option<Payload>,
    pub(crate) costs: PullCosts,
}

impl<'vec, I: Iterator, R> Feed<'vec, I, R> {
    /// Creates the feed of a call. `is_block` tells that the results wait for the whole call, and
    /// `may_wait` whether the input may wait. If not, a pull that takes long has been preempted.
    pub(crate) fn new(input: I, slots: Slots<'vec, R>, is_block: bool, may_wait: bool) -> Self {
        let max_interval = if is_block { MAX_BLOCK_ITEMS_BETWEEN_CLOCK_READS } else { MAX_ITEMS_BETWEEN_CLOCK_READS };
        let min_wait_ticks = if may_wait { MIN_WAIT_TICKS } else { u64::MAX };
        Feed { input, slots, max_items: usize::MAX, max_interval, min_wait_ticks }
    }

    /// Pulls up to `size` items, each of which takes `item_nanos` nanoseconds to run. `start` is
    /// the index of the first of them.
    ///
    /// Stops after an item for which the input has waited, because the items before it wait, too.
    /// Also stops if `has_failed` says that the call has failed meanwhile.
    pub(crate) fn pull(
        &mut self,
        start: usize,
        size: usize,
        item_nanos: f64,
        has_failed: impl Fn() -> bool,
    ) -> Pulled<'vec, I, R> {
        let begin = Instant::now();
        let size = size.min((MAX_CHUNK_BYTES / size_of::<I::Item>().max(1)).max(1)).min(self.max_items);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // An estimate.
        let interval = (CLOCK_READ_INTERVAL_NANOS / item_nanos.max(1.0)) as usize;
        let interval = interval.clamp(1, self.max_interval);
        let mut items = Vec::new();
        let mut has_waited = false;
        let mut min_remaining = 0;
        let pulled = catch(|| {
            items.reserve_exact(size);
            let mut last_read = ticks();
            while items.len() < size && !has_waited && !has_failed() {
                let count = interval.min(size - items.len());
                let before = items.len();
                // `take` does not call `next()` after `count` items, so fewer items mean that the
                // input has ended.
                items.extend(self.input.by_ref().take(count));
                if items.len() - before < count {
                    return true;
                }
                let now = ticks();
                has_waited = now.wrapping_sub(last_read) >= self.min_wait_ticks;
                last_read = now;
            }
            min_remaining = self.input.size_hint().0;
            false
        });
        let (has_ended, panic) = match pulled {
            Ok(has_ended) => (has_ended, None),
            Err(payload) => (true, Some(payload)),
        };
        self.max_items = if has_waited { 1 } else { self.max_items.saturating_mul(2) };
        let part = self.slots.take(items.len());
        let chunk = Chunk::pulled(start, items, part);
        let costs = PullCosts { has_ended, has_waited, min_remaining, nanos: nanos_since(begin) };
        Pulled { chunk, panic, costs }
    }

    /// Returns the rest of the input.
    pub(crate) fn into_input(self) -> I {
        self.input
    }
}

#[cfg(test)]
mod tests {
    use super::Feed;
    use crate::engine::slots::Slots;
    use std::thread;
    use std::time::Duration;

    #[test]
    fn an_input_that_never_waits_is_only_preempted() {
        let slow = || (0..10).inspect(|_| thread::sleep(Duration::from_millis(5)));
        for (may_wait, pulled) in [(true, 1), (false, 3)] {
            let mut feed = Feed::<_, ()>::new(slow(), Slots::none(false), true, may_wait);
            let first = feed.pull(0, 3, 1_000.0, || false);
            assert_eq!((first.costs.has_waited, first.chunk.remaining()), (may_wait, pulled));
        }
    }
}
