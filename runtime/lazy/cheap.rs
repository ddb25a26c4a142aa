//! Cheap items of a stream: the calling thread runs them one by one, because each block would cost
//! more than it gains.

use crate::engine::clock::{MAX_TICKS_PER_NANO, ticks};
use crate::lazy::apply::Apply;
use crate::lazy::stop::Stop;
use crate::lazy::stream::{IntoIter, State};
use crate::lazy::yields::Yield;
use std::mem;

/// Maximum time of a cheap item, in nanoseconds. Below it, a block of two threads takes longer than
/// the serial loop (measured).
const MAX_CHEAP_ITEM_NANOS: f32 = 50.0;

/// Minimum number of items of a block that tells whether items are cheap.
const MIN_CONCLUSIVE_ITEMS: usize = 64;

/// Number of items of which one is timed, because a clock read takes longer than some items.
const ITEMS_PER_SAMPLE: usize = 256;

/// Maximum time of a cheap item, in clock ticks. If the clock is a slow cycle counter, it is some
/// times the limit in nanoseconds.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // 250 ticks.
const MAX_CHEAP_ITEM_TICKS: u64 = (MAX_CHEAP_ITEM_NANOS * MAX_TICKS_PER_NANO) as u64;

impl<I, F, Y, S, R: Send, K: Send> IntoIter<I, F, Y, S, R, K>
where
    I: Iterator<Item: Send> + Send,
    F: Apply<I::Item, Output = R, State = K> + Sync,
    Y: Yield<R>,
    S: Stop + Sync,
{
    /// Returns the number of items to run one by one after a block of `items` items.
    ///
    /// The time that the block took per item does not tell that: with many threads, it is short for
    /// expensive items, too.
    pub(crate) fn cheap_items_after(&self, items: usize) -> usize {
        let is_cheap = self.settings.memory.past().is_some_and(|past| past.low <= MAX_CHEAP_ITEM_NANOS);
        if items >= MIN_CONCLUSIVE_ITEMS && is_cheap { ITEMS_PER_SAMPLE } else { 0 }
    }

    /// Runs one cheap item.
    ///
    /// The state is `Ended`. The stream goes on only if this returns a result.
    #[inline]
    pub(crate) fn next_cheap(&mut self) -> Option<R> {
        let left = mem::take(&mut self.cheap_items);
        if left == 1 {
            return self.next_sample();
        }
        let result = if F::HAS_TOKEN || self.stop.check().is_err() || cfg!(feature = "tracing") {
            self.run_one()?
        } else {
            let item = self.input.next()?;
            let state = self.stash.first(|| self.f.state());
            self.f.apply(state, item)
        };
        self.cheap_items = left - 1;
        Some(result)
    }

    /// Runs and times one item. If it is not cheap, a block follows.
    #[inline(never)]
    fn next_sample(&mut self) -> Option<R> {
        let start = ticks();
        let result = self.run_one()?;
        if ticks().wrapping_sub(start) <= MAX_CHEAP_ITEM_TICKS {
            self.cheap_items = ITEMS_PER_SAMPLE;
        } else {
            self.state = State::Open;
        }
        Some(result)
    }
}

#[cfg(test)]
mod tests {
    use super::{ITEMS_PER_SAMPLE, IntoIter, State};
    use crate::engine::memory::Memory;
    use crate::engine::settings::Settings;
    use crate::input::split::Input;
    use crate::lazy::apply::{Apply, StreamState};
    use crate::lazy::cancel_token::CancelToken;
    use crate::lazy::parallel_iter::ParallelIter;
    use crate::lazy::stop::Stop;
    use crate::lazy::yields::Yield;
    use crate::unwind::catch;
    use std::cell::Cell;
    use std::iter;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::{Duration, Instant};

    static MEMORY: Memory = Memory::new("test");

    fn calls<I: Iterator, F: Apply<I::Item>>(input: I, f: F) -> ParallelIter<I, F> {
        ParallelIter::new(Settings::new(&MEMORY), Input::unknown(input), f)
    }

    /// Returns a stream that takes its items for cheap from the first on.
    fn cheap<I, F, Y, S>(calls: ParallelIter<I, F, Y, S>) -> IntoIter<I, F, Y, S, F::Output, F::State>
    where
        I: Iterator<Item: Send> + Send,
        F: Apply<I::Item, Output: Send, State: StreamState> + Sync,
        Y: Yield<F::Output>,
        S: Stop + Sync,
    {
        let mut stream = calls.into_iter();
        stream.stop.start();
        stream.state = State::Ended;
        stream.cheap_items = ITEMS_PER_SAMPLE;
        stream
    }

    #[test]
    fn results_are_those_of_the_serial_loop() {
        let f = |x: u32| (x % 3 > 0).then_some(x);
        for count in [0, 1, 255, 256, 257, 3_000] {
            assert!(cheap(calls(0..count, f)).eq((0..count).map(f)));
            assert!(cheap(calls(0..count, f).skip_none()).eq((0..count).filter_map(f)));
            let mut stream = cheap(calls(0..count, f));
            assert_eq!(stream.by_ref().count(), count as usize);
            assert_eq!((stream.next(), stream.size_hint()), (None, (0, Some(0))));
        }
    }

    #[test]
    fn each_item_is_pulled_when_its_result_is_needed() {
        let pulled = AtomicUsize::new(0);
        let input = (0..1_000).inspect(|_| _ = pulled.fetch_add(1, Ordering::Relaxed));
        let mut stream = cheap(calls(input, |x: usize| x));
        assert!((0..200).all(|x| stream.next() == Some(x)));
        assert_eq!((pulled.load(Ordering::Relaxed), stream.size_hint()), (200, (800, Some(800))));
    }

    #[test]
    fn a_panic_of_the_function_or_the_input_ends_the_stream() {
        let panics = |x: u32| if x == 100 { panic!("item {x}") } else { x };
        let pulled = AtomicUsize::new(0);
        let input = (0..1_000).inspect(|_| _ = pulled.fetch_add(1, Ordering::Relaxed));
        for mut stream in [
            Box::new(cheap(calls(input, panics))) as Box<dyn Iterator<Item = u32>>,
            Box::new(cheap(calls((0..1_000).map(panics), |x| x))),
        ] {
            let last = Cell::new(0);
            assert!(catch(|| stream.by_ref().for_each(|x| last.set(x))).is_err());
            assert_eq!((last.get(), stream.next()), (99, None));
        }
        assert_eq!(pulled.into_inner(), 101);
    }

    #[test]
    fn a_stop_ends_the_stream() {
        let token = CancelToken::new();
        let mut stream = cheap(calls(0..10_000, |x: u32| x).cancel_with(&token));
        let mut last = 0;
        stream.by_ref().for_each(|x| {
            last = x;
            if x == 100 {
                token.cancel();
            }
        });
        assert_eq!((last, stream.next()), (100, None));
        assert!(stream.stopped().is_some());
    }

    #[test]
    fn a_block_follows_after_an_expensive_item() {
        let spin = |x: u32| {
            let start = Instant::now();
            while start.elapsed() < Duration::from_micros(20) {}
            x
        };
        let mut stream = cheap(calls(0.., spin));
        let mut run = 0;
        while stream.cheap_items > 0 {
            assert_eq!(stream.next(), Some(run));
            run += 1;
        }
        assert!(run <= 256 && matches!(stream.state, State::Open), "after {run} items");
        assert!(iter::zip(stream, run..).take(1_000).all(|(x, y)| x == y));
    }
}
