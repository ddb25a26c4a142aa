//! Decides what a function's past calls say of its next one: how long an item takes at least, and at most.

use std::sync::atomic::{AtomicU64, Ordering};

/// What is remembered of one function: the macro makes a `static` of it beside each twin.
///
/// Two numbers of nanoseconds an item in one word. `low` falls at once and rises slowly, `high` rises at once and falls slowly: between
/// them is what cannot be told from the past. Threads that update it at the same time may lose one of the updates, which is harmless.
#[derive(Debug)]
pub struct Memory {
    /// The path of the function, for those who are told of its calls.
    function: &'static str,
    past: AtomicU64,
}

/// What the past says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Past {
    pub(crate) low: f32,
    pub(crate) high: f32,
}

/// `low` rises at most this much a call.
const MAX_RISE_FACTOR: f32 = 4.0;

/// `high` falls by this part a call.
const FALL_FRACTION: f32 = 1.0 / 32.0;

/// The numbers of a function that has not been measured: there is no such pair, for `low` is above `high`.
const UNKNOWN: u64 = u64::MAX;

impl Memory {
    /// Nothing is known of `function` but its path.
    #[must_use]
    pub const fn new(function: &'static str) -> Self {
        Memory { function, past: AtomicU64::new(UNKNOWN) }
    }

    /// The path of the function.
    pub(crate) fn function(&self) -> &'static str {
        self.function
    }

    /// What is known, if the function has been measured.
    pub(crate) fn past(&self) -> Option<Past> {
        let bits = self.past.load(Ordering::Relaxed);
        #[allow(clippy::cast_possible_truncation)] // The halves of the word.
        let past = Past { low: f32::from_bits((bits >> 32) as u32), high: f32::from_bits(bits as u32) };
        (bits != UNKNOWN).then_some(past)
    }

    /// Adds that the items of a call took this many nanoseconds each.
    pub(crate) fn add(&self, nanos: f32) {
        let past = match self.past() {
            None => Past { low: nanos, high: nanos },
            Some(Past { low, high }) => {
                let low = if nanos < low { nanos } else { nanos.min((low * MAX_RISE_FACTOR).max(1.0)) };
                let high = if nanos > high { nanos } else { nanos.max(high - high * FALL_FRACTION) };
                Past { low, high }
            }
        };
        let bits = u64::from(past.low.to_bits()) << 32 | u64::from(past.high.to_bits());
        self.past.store(bits, Ordering::Relaxed);
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
    fn what_stays_the_same_is_known_in_the_end() {
        let memory = Memory::new("f");
        memory.add(1.0);
        memory.add(1000.0);
        for _ in 0..200 {
            memory.add(50.0);
        }
        assert_eq!(memory.past(), Some(Past { low: 50.0, high: 50.0 }));
    }

    #[test]
    fn an_item_may_take_no_time() {
        let memory = Memory::new("f");
        memory.add(0.0);
        memory.add(5.0);
        assert_eq!(memory.past(), Some(Past { low: 1.0, high: 5.0 }));
    }
}
