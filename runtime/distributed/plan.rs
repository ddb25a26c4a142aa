//! How many items are sent together.

use std::time::Duration;

/// The target duration of a chunk, in seconds: long compared with a letter, and short for somebody
/// who stops the call.
const CHUNK_TARGET: f64 = 0.02;

/// The maximum number of bytes of a chunk of several items, because larger ones gain nothing.
const MAX_CHUNK_BYTES: usize = 512 * 1024;

/// A process has a second chunk if the first one takes less than this, in seconds. With longer ones
/// it waits for a letter now and then, which is short in comparison.
const SHORT_CHUNK: f64 = 0.01;

/// The maximum growth of a chunk, compared with those that have come back, because later items may
/// take longer.
const MAX_GROWTH: usize = 8;

/// The number of chunks per process that the remaining items are enough for, so that all processes
/// end at about the same time.
const CHUNKS_LEFT: usize = 4;

/// What a call has shown of its items so far.
#[derive(Default)]
pub(crate) struct Plan {
    /// The time per item of one thread, in seconds, and the most items of a chunk that took it.
    measured: Option<(f64, usize)>,
    /// The bytes per item.
    bytes: f64,
}

#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "these are estimates, and casts of numbers that are too large saturate"
)]
impl Plan {
    /// Notes the size of a chunk that is sent.
    pub(crate) fn note_sent(&mut self, items: usize, bytes: usize) {
        let bytes = bytes as f64 / items.max(1) as f64;
        self.bytes = if self.bytes == 0.0 { bytes } else { 0.5 * self.bytes + 0.5 * bytes };
    }

    /// Notes how long a chunk took `threads` threads.
    pub(crate) fn note_ran(&mut self, items: usize, nanos: u64, threads: usize) {
        let time = nanos as f64 * 1e-9 * threads.min(items) as f64 / items.max(1) as f64;
        let (before, most) = self.measured.unwrap_or((time, items));
        self.measured = Some((0.5 * before + 0.5 * time, most.max(items)));
    }

    /// Returns the time that an item takes a thread, once it is known.
    pub(crate) fn item_time(&self) -> Option<Duration> {
        self.measured.and_then(|(time, _)| Duration::try_from_secs_f64(time).ok())
    }

    /// Returns whether each thread of a process gets an item of its own as soon as it is done with
    /// the one before. Otherwise, the threads of a process share a chunk.
    ///
    /// This is so for items of the length of a chunk, because threads would wait for the slowest
    /// one, and as long as nothing is known.
    pub(crate) fn is_beside(&self, threads: usize) -> bool {
        threads > 1 && self.measured.is_none_or(|(time, _)| time >= CHUNK_TARGET)
    }

    /// Returns the number of items of the next chunk, for one of `processes` processes, which has
    /// `threads` threads.
    ///
    /// It is a multiple of the number of threads if possible, so that all of them end at about the
    /// same time.
    pub(crate) fn size(&self, left: Option<usize>, processes: usize, threads: usize) -> usize {
        if self.is_beside(threads) {
            return 1;
        }
        let (processes, threads) = (processes.max(1), threads.max(1));
        let by_time = self.measured.map_or(threads, |(time, most)| {
            let size = (CHUNK_TARGET * threads as f64 / time.max(1e-9)) as usize;
            size.min(most.max(threads).saturating_mul(MAX_GROWTH))
        });
        let whole = |size: usize| (size - size % threads).max(threads);
        let wanted = whole(by_time);
        // If fewer items are left than there are threads, each process gets its share.
        let fair = left.map_or(usize::MAX, |left| {
            let last = left.div_ceil(processes).min(threads);
            whole(left.div_ceil(processes * CHUNKS_LEFT)).min(last.max(left / (processes * CHUNKS_LEFT)))
        });
        let by_bytes = if self.bytes > 0.0 { (MAX_CHUNK_BYTES as f64 / self.bytes) as usize } else { usize::MAX };
        wanted.min(fair).min(by_bytes).max(1)
    }

    /// Returns whether the next item would make a chunk of this many bytes too large.
    pub(crate) fn is_full(&self, bytes: usize) -> bool {
        bytes > 0 && bytes as f64 + self.bytes > MAX_CHUNK_BYTES as f64
    }

    /// Returns whether a chunk of this size is so short that the process needs another one before
    /// it is finished.
    pub(crate) fn is_short(&self, items: usize, threads: usize) -> bool {
        let threads = threads.clamp(1, items.max(1));
        self.measured.is_some_and(|(time, _)| time * (items as f64) < SHORT_CHUNK * threads as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::Plan;

    /// After a chunk of this size, whose items took this many nanoseconds each.
    fn plan(items: usize, nanos: u64) -> Plan {
        let mut plan = Plan::default();
        plan.note_sent(items, items * 8);
        plan.note_ran(items, items as u64 * nanos, 1);
        plan
    }

    #[test]
    fn nothing_is_known_at_first() {
        assert_eq!(Plan::default().size(None, 4, 1), 1);
        assert_eq!(Plan::default().size(Some(1_000), 4, 8), 1);
        assert!(Plan::default().is_beside(8) && !Plan::default().is_beside(1));
        assert!(!Plan::default().is_short(1, 1));
    }

    #[test]
    fn chunks_take_the_target_time() {
        assert_eq!(plan(1_000, 100_000).size(None, 2, 1), 200);
        assert_eq!(plan(1, 3_300_000).size(None, 2, 1), 6);
        assert_eq!(plan(1, 100_000_000).size(None, 2, 1), 1);
        // All threads of a process have an item.
        assert_eq!(plan(4, 12_000_000).size(None, 2, 4), 4);
        assert_eq!(plan(4, 6_000_000).size(None, 2, 4), 12);
        // Or one of its own.
        assert!(plan(1, 100_000_000).is_beside(4) && !plan(1, 12_000_000).is_beside(4));
        assert_eq!(plan(1, 100_000_000).size(None, 2, 4), 1);
    }

    #[test]
    fn chunks_grow_step_by_step() {
        assert_eq!(plan(1, 100).size(None, 2, 1), 8);
        assert_eq!(plan(8, 100).size(None, 2, 1), 64);
    }

    #[test]
    fn chunks_have_a_maximum_size() {
        let mut plan = plan(1 << 20, 1);
        assert_eq!(plan.size(None, 2, 1), 1 << 16);
        for _ in 0..20 {
            plan.note_sent(1, 64 << 20);
        }
        assert_eq!(plan.size(None, 2, 1), 1);
    }

    #[test]
    fn chunks_are_full_before_they_are_too_large() {
        let plan = plan(1, 1);
        for (bytes, is_full) in [(0, false), (8, false), ((512 << 10) - 8, false), ((512 << 10) - 7, true)] {
            assert_eq!(plan.is_full(bytes), is_full, "{bytes}");
        }
        assert!(!Plan::default().is_full(0));
        assert!(Plan::default().is_full(1 << 20));
    }

    #[test]
    fn the_rest_is_shared_fairly() {
        let plan = plan(1_000, 1_000);
        assert_eq!(plan.size(Some(800), 2, 1), 100);
        assert_eq!(plan.size(Some(3), 2, 1), 1);
        assert_eq!(plan.size(Some(1_000), 2, 4), 124);
        // Every process gets some of the last items.
        assert_eq!(plan.size(Some(5), 2, 4), 3);
        assert_eq!(plan.size(Some(1), 2, 4), 1);
    }

    #[test]
    fn all_items_are_sent_whatever_their_number() {
        for (processes, threads) in [(1, 1), (2, 1), (3, 4), (64, 64)] {
            for mut left in [1, 7, 100, 12_345] {
                while left > 0 {
                    let size = plan(100, 1_000).size(Some(left), processes, threads);
                    assert!((1..=left).contains(&size), "{size} of {left}");
                    left -= size;
                }
            }
        }
    }

    #[test]
    fn short_chunks_are_those_below_half_of_the_target() {
        let plan = plan(1, 1_000_000);
        assert!(plan.is_short(9, 1));
        assert!(!plan.is_short(11, 1));
        assert!(plan.is_short(36, 4) && !plan.is_short(44, 4));
    }
}
