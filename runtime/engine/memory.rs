//! The memory of a function: what its earlier calls tell about the time per item of its next one.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// What is remembered of one function. The macro creates a `static` of this type in each generated
/// function.
///
/// The memory is two times per item, in nanoseconds, in one word. `low` falls at once and rises
/// slowly. `high` rises at once and falls slowly. The next call is expected to lie between them. If
/// threads update the memory at the same time, an update may be lost, which is harmless.
#[derive(Debug)]
pub struct Memory {
    /// The path of the function, for reports of its calls.
    function: &'static str,
    past: AtomicU64,
    /// Whether sharing wins if the input is known by its type.
    known: Verdict,
    /// Whether sharing wins if items are pulled from the input, which takes time of its own.
    pulled: Verdict,
}

/// Whether sharing wins.
#[derive(Debug)]
pub(crate) struct Verdict {
    /// The number of calls that are not shared because an earlier one was not won by sharing, and
    /// above [`SPAN_SHIFT`], the number with which that began.
    skips: AtomicU32,
    /// The time per item of that call on the calling thread alone, in nanoseconds, as the bits of
    /// an `f32`.
    rejected: AtomicU32,
    /// The number of consecutive short calls that sharing has not won, up to [`MIN_SHORT_LOSSES`].
    short_losses: AtomicU32,
}

/// The times per item that earlier calls took, in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Past {
    pub(crate) low: f32,
    pub(crate) high: f32,
}

/// Maximum factor by which `low` rises in one call, because a call may be slow by chance, and `low`
/// must hold for the next one.
const MAX_RISE_FACTOR: f32 = 4.0;

/// Maximum fraction by which `high` falls in one call, because cheap calls may alternate with
/// expensive ones, and `high` must hold for both.
const MAX_FALL_FRACTION: f32 = 1.0 / 32.0;

/// Minimum and maximum number of calls that are not shared after a call for which sharing did not
/// win. It doubles with each such call, because trying costs up to 0.3 ms.
const SKIPPED_CALLS: (u32, u32) = (16, 256);

/// Number of short calls in a row that sharing must lose, because its threads may have been
/// preempted in one of them.
const MIN_SHORT_LOSSES: u32 = 2;

/// The bits of `skips` above which the number is kept with which skipping began.
const SPAN_SHIFT: u32 = 16;

/// The word of a function that has not been measured. No measurement leads to it, because both of
/// its halves are NaN.
const UNKNOWN: u64 = u64::MAX;

impl Memory {
    /// Creates the memory of a function of which only the path is known.
    #[must_use]
    pub const fn new(function: &'static str) -> Self {
        Memory { function, past: AtomicU64::new(UNKNOWN), known: Verdict::new(), pulled: Verdict::new() }
    }

    /// Returns the path of the function.
    pub(crate) fn function(&self) -> &'static str {
        self.function
    }

    /// Returns the times of earlier calls, or `None` if the function has not been measured.
    pub(crate) fn past(&self) -> Option<Past> {
        let bits = self.past.load(Ordering::Relaxed);
        #[allow(clippy::cast_possible_truncation)] // The halves of the word.
        let past = Past { low: f32::from_bits((bits >> 32) as u32), high: f32::from_bits(bits as u32) };
        (bits != UNKNOWN).then_some(past)
    }

    /// Returns whether sharing wins for inputs that are known by their type, or for others.
    pub(crate) fn verdict(&self, is_known: bool) -> &Verdict {
        if is_known { &self.known } else { &self.pulled }
    }

    /// Adds the mean time per item of a call, in nanoseconds.
    pub(crate) fn add(&self, nanos: f32) {
        let past = match self.past() {
            None => Past { low: nanos, high: nanos },
            Some(Past { low, high }) => {
                // At least 1, because no factor raises a time of 0.
                let max_low = (low * MAX_RISE_FACTOR).max(1.0);
                let low = if nanos < low { nanos } else { nanos.min(max_low) };
                let high = if nanos > high { nanos } else { nanos.max(high - high * MAX_FALL_FRACTION) };
                Past { low, high }
            }
        };
        let bits = u64::from(past.low.to_bits()) << 32 | u64::from(past.high.to_bits());
        self.past.store(bits, Ordering::Relaxed);
    }
}

impl Verdict {
    const fn new() -> Self {
        Verdict { skips: AtomicU32::new(0), rejected: AtomicU32::new(0), short_losses: AtomicU32::new(0) }
    }

    /// Counts a call, and returns the time per item with which it must not be shared, in
    /// nanoseconds, or `None` if it may be. A call whose items take far longer may be shared.
    pub(crate) fn skip_sharing(&self) -> Option<f32> {
        let skips = self.skips.load(Ordering::Relaxed);
        let is_skipped = skips & ((1 << SPAN_SHIFT) - 1) > 0;
        if is_skipped {
            // If threads do this at the same time, a call may not be counted, which is harmless.
            self.skips.store(skips - 1, Ordering::Relaxed);
        }
        is_skipped.then(|| f32::from_bits(self.rejected.load(Ordering::Relaxed)))
    }

    /// Records whether sharing has won in a call whose items take `nanos` nanoseconds each on the
    /// calling thread alone.
    pub(crate) fn note_sharing(&self, has_won: bool, nanos: f32) {
        let (min, max) = SKIPPED_CALLS;
        let span = (2 * (self.skips.load(Ordering::Relaxed) >> SPAN_SHIFT)).clamp(min, max);
        self.rejected.store(nanos.to_bits(), Ordering::Relaxed);
        self.skips.store(if has_won { 0 } else { span << SPAN_SHIFT | span }, Ordering::Relaxed);
        if has_won {
            self.short_losses.store(0, Ordering::Relaxed);
        }
    }

    /// Does the same for a call that was too short to be judged before it ended. The next calls are
    /// not shared after [`MIN_SHORT_LOSSES`] such calls in a row.
    ///
    /// Each such call that sharing has won halves the number of calls that the next loss skips.
    /// Otherwise, calls that are slow by chance now and then would add up.
    pub(crate) fn note_short_call(&self, has_lost: bool, nanos: f32) {
        let before = self.short_losses.load(Ordering::Relaxed);
        let losses = if has_lost { (before + 1).min(MIN_SHORT_LOSSES) } else { 0 };
        self.short_losses.store(losses, Ordering::Relaxed);
        if losses == MIN_SHORT_LOSSES {
            self.note_sharing(false, nanos);
        }
        let skips = self.skips.load(Ordering::Relaxed);
        if !has_lost && skips > 0 {
            self.skips.store(skips >> (SPAN_SHIFT + 1) << SPAN_SHIFT, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Memory, Past};

    #[test]
    fn low_falls_at_once_and_high_rises_at_once() {
        let memory = Memory::new("f");
        assert_eq!(memory.past(), None);
        memory.add(100.0);
        assert_eq!(memory.past(), Some(Past { low: 100.0, high: 100.0 }));
        memory.add(10.0);
        assert_eq!(memory.past(), Some(Past { low: 10.0, high: 96.875 }));
        memory.add(1000.0);
        assert_eq!(memory.past(), Some(Past { low: 40.0, high: 1000.0 }));
    }

    #[test]
    fn the_time_of_equal_calls_is_known_in_the_end() {
        let memory = Memory::new("f");
        memory.add(1.0);
        memory.add(1000.0);
        for _ in 0..200 {
            memory.add(50.0);
        }
        assert_eq!(memory.past(), Some(Past { low: 50.0, high: 50.0 }));
    }

    #[test]
    fn calls_after_a_loss_are_not_shared() {
        let memory = Memory::new("f");
        assert_eq!(memory.verdict(true).skip_sharing(), None);
        for span in [16, 32, 64, 128, 256, 256] {
            memory.verdict(true).note_sharing(false, 5.0);
            assert_eq!((0..1000).filter(|_| memory.verdict(true).skip_sharing() == Some(5.0)).count(), span);
        }
        memory.verdict(true).note_sharing(true, 5.0);
        assert_eq!(memory.verdict(true).skip_sharing(), None);
        memory.verdict(true).note_sharing(false, 7.0);
        assert_eq!((0..1000).filter(|_| memory.verdict(true).skip_sharing() == Some(7.0)).count(), 16);
    }

    #[test]
    fn short_calls_are_not_shared_after_two_losses() {
        let memory = Memory::new("f");
        let verdict = memory.verdict(false);
        verdict.note_short_call(true, 5.0);
        verdict.note_short_call(false, 5.0);
        verdict.note_short_call(true, 5.0);
        assert_eq!(verdict.skip_sharing(), None);
        verdict.note_short_call(true, 5.0);
        assert_eq!((0..1000).filter(|_| verdict.skip_sharing() == Some(5.0)).count(), 16);
        // Then each further loss counts, until sharing wins once.
        verdict.note_short_call(true, 5.0);
        assert_eq!((0..1000).filter(|_| verdict.skip_sharing().is_some()).count(), 32);
        verdict.note_sharing(true, 5.0);
        verdict.note_short_call(true, 5.0);
        assert_eq!(verdict.skip_sharing(), None);
    }

    #[test]
    fn short_calls_that_win_make_up_for_losses_by_chance() {
        let memory = Memory::new("f");
        let verdict = memory.verdict(false);
        let skipped = || (0..1000).filter(|_| verdict.skip_sharing().is_some()).count();
        for _ in 0..10 {
            verdict.note_short_call(true, 5.0);
            verdict.note_short_call(true, 5.0);
            assert_eq!(skipped(), 16);
            verdict.note_short_call(false, 5.0);
            verdict.note_short_call(false, 5.0);
        }
    }

    #[test]
    fn an_item_may_take_no_time() {
        let memory = Memory::new("f");
        memory.add(0.0);
        memory.add(5.0);
        assert_eq!(memory.past(), Some(Past { low: 1.0, high: 5.0 }));
    }
}
