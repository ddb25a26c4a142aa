//! Decides how results are streamed: in blocks, each a call of its own that has returned before the first of its results is handed over.

use crate::engine::drive;
use crate::engine::retain::Retain;
use crate::engine::settings::Settings;
use crate::engine::team::{self, Team};
use crate::lazy::apply::Apply;
use crate::lazy::calls::{Stash, Stashed};
use crate::lazy::parallel_iter::ParallelIter;
use crate::lazy::stop::Stop;
use crate::lazy::stopped::Stopped;
use crate::lazy::yields::Yield;
use crate::report::trace::Trace;
use crate::unwind::{Payload, catch, discard};
use std::fmt::{self, Debug, Formatter};
use std::iter::{Fuse, FusedIterator};
use std::marker::PhantomData;
use std::mem;
use std::panic::resume_unwind;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A block aims at so much time: long beside calling the helpers, short beside what a reader notices.
const BLOCK_TARGET: Duration = Duration::from_millis(5);

/// The first block has so many items, for one who waits for the first result.
const FIRST_BLOCK_ITEMS: usize = 2;

/// A block may have so many times its items, where threads would otherwise wait for one long item.
const MAX_STRETCH: usize = 4;

impl<I, F, Y, S> IntoIterator for ParallelIter<I, F, Y, S>
where
    I: Iterator<Item: Send> + Send,
    F: Apply<I::Item, Output: Send, State: Send> + Sync,
    Y: Yield<F::Output>,
    S: Stop + Sync,
{
    type Item = Y::Item;
    type IntoIter = IntoIter<I, F, Y, S, F::Output, F::State>;

    fn into_iter(self) -> Self::IntoIter {
        let ParallelIter { input, f, settings, in_flight, stop, yields } = self;
        IntoIter {
            input: input.fuse(),
            f,
            settings,
            in_flight,
            stop,
            yields,
            stash: Stash::new(),
            size: FIRST_BLOCK_ITEMS,
            stretch: 1,
            buffer: Vec::new(),
            state: State::New,
            trace: None,
        }
    }
}

/// The results of calls as they come, in the order of the input: what a `for` loop makes of a [`ParallelIter`].
///
/// When there is none left to hand over, `next` runs the next few milliseconds of work on all threads, and returns when these are done: nothing runs
/// between two calls of `next`, so the iterator can be leaked, kept, or dropped, which drops the results that were not taken and the rest of the
/// input. It pulls no more than [`in_flight`](ParallelIter::in_flight) items at a time, and only if it has to. The first result comes after two
/// items at most.
///
/// A panic is resumed where its result would have been, after all before it; the stream ends with it.
///
/// The type names what the [`ParallelIter`] did, and what the function returns, `R`, and keeps for each thread, `K`.
///
/// ```
/// use parallelize::parallelize;
///
/// #[parallelize]
/// fn square(n: u64) -> u64 {
///     n * n
/// }
///
/// let first_large = square_parallel_iter(0..).into_iter().find(|square| *square > 1_000);
/// assert_eq!(first_large, Some(1_024));
/// ```
#[must_use = "iterators are lazy and do nothing unless consumed"]
pub struct IntoIter<I, F, Y, S, R, K> {
    input: Fuse<I>,
    f: F,
    settings: Settings,
    in_flight: usize,
    stop: S,
    yields: PhantomData<Y>,
    /// The states of the threads, while no block runs.
    stash: Stash<K>,
    /// How many items the next block has.
    size: usize,
    /// And how many times as many at most.
    stretch: usize,
    /// What is left of the last block, the next of them last: so taking one is cheap, and the memory is used again.
    buffer: Vec<R>,
    /// What comes after it.
    state: State,
    /// From the first block on.
    trace: Option<Trace>,
}

/// What comes after the buffer.
enum State {
    /// Nothing has run.
    New,
    Open,
    Panicked(Held),
    Stopped(Stopped),
    Ended,
}

/// A panic to be resumed, behind a lock that is never taken, so that a stream can be shared. Should nobody come so far, the loop would not have met it:
/// what it carries is not to panic in turn.
struct Held(Mutex<Option<Payload>>);

impl Held {
    fn take(&mut self) -> Option<Payload> {
        self.0.get_mut().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        discard(self.take());
    }
}

impl<I, F, Y, S, R: Send, K: Send> IntoIter<I, F, Y, S, R, K>
where
    I: Iterator<Item: Send> + Send,
    F: Apply<I::Item, Output = R, State = K> + Sync,
    Y: Yield<R>,
    S: Stop + Sync,
{
    /// Why the stream has ended before its input; nothing as long as it has not.
    ///
    /// ```
    /// # use parallelize::{CancelToken, StopReason, parallelize};
    /// #[parallelize]
    /// fn square(n: u64) -> u64 {
    ///     n * n
    /// }
    ///
    /// let token = CancelToken::new();
    /// let mut squares = square_parallel_iter(0..).cancel_with(&token).into_iter();
    /// assert_eq!(squares.next(), Some(0));
    /// assert_eq!(squares.stopped(), None);
    /// token.cancel();
    /// // What was finished by then is still handed over.
    /// assert!(squares.by_ref().count() < 100);
    /// assert_eq!(squares.stopped().unwrap().reason, StopReason::Cancelled);
    /// ```
    pub fn stopped(&self) -> Option<Stopped> {
        match self.state {
            // The results before it come first.
            State::Stopped(stopped) if self.buffer.is_empty() => Some(stopped),
            _ => None,
        }
    }

    /// Runs the next block.
    #[inline(never)]
    fn fill(&mut self) {
        let settings = Settings { enough: self.size, ..self.settings };
        let trace = self.trace.get_or_insert_with(|| Trace::begin(settings.memory.function(), self.input.size_hint()));
        let input = self.input.by_ref().take(self.size.saturating_mul(self.stretch).min(self.in_flight));
        let (f, stop, stash) = (&self.f, &self.stop, &self.stash);
        let mut results = mem::take(&mut self.buffer);
        let begun = Instant::now();
        let run = || drive::run(settings, trace, input, &Stashed { f, stop, stash }, &mut results, Retain::Completed);
        self.state = match catch(run) {
            Ok(Ok(())) if results.is_empty() => State::Ended,
            Ok(Ok(())) => State::Open,
            Ok(Err(halt)) => State::Stopped(Stopped { reason: S::reason(halt) }),
            Err(payload) => State::Panicked(Held(Mutex::new(Some(payload)))),
        };
        results.reverse();
        self.buffer = results;
        self.stretch = MAX_STRETCH;
        self.size = self.size_after(begun.elapsed()).min(self.in_flight);
    }

    /// How many items the block after one that took so long has.
    fn size_after(&self, time: Duration) -> usize {
        if time < BLOCK_TARGET / 4 {
            self.size.saturating_mul(4)
        } else if time < BLOCK_TARGET {
            self.size * 2
        } else {
            // Of heavy items enough for all threads to be done at about the same time.
            let least = 8 * Team::of(self.settings.threads).threads();
            if time > 4 * BLOCK_TARGET { (self.size / 2).max(least) } else { self.size.max(least) }
        }
    }

    /// Runs one item, as the loop does. The state is `Ended` unless it returns one: a panic, of the input's or the function's, ends the stream.
    #[inline]
    fn alone(&mut self) -> Option<R> {
        if let Err(halt) = self.stop.check() {
            // An input that has ended was not stopped.
            if self.input.next().is_some() {
                self.state = State::Stopped(Stopped { reason: S::reason(halt) });
            }
            return None;
        }
        let trace =
            self.trace.get_or_insert_with(|| Trace::begin(self.settings.memory.function(), self.input.size_hint()));
        let _entered = trace.enter();
        let item = self.input.next()?;
        let state = self.stash.first(|| self.f.state());
        let result = self.f.apply(state, item);
        trace.finished(1);
        self.state = State::Open;
        Some(result)
    }
}

impl<I, F, Y, S, R: Send, K: Send> Iterator for IntoIter<I, F, Y, S, R, K>
where
    I: Iterator<Item: Send> + Send,
    F: Apply<I::Item, Output = R, State = K> + Sync,
    Y: Yield<R>,
    S: Stop + Sync,
{
    type Item = Y::Item;

    #[inline]
    fn next(&mut self) -> Option<Y::Item> {
        loop {
            while let Some(result) = self.buffer.pop() {
                if let Some(item) = Y::one(result) {
                    return Some(item);
                }
            }
            match mem::replace(&mut self.state, State::Ended) {
                State::Panicked(mut held) => return held.take().and_then(|payload| resume_unwind(payload)),
                State::Ended => return None,
                State::Stopped(stopped) => {
                    self.state = State::Stopped(stopped);
                    return None;
                }
                State::New => self.stop.start(),
                State::Open => {}
            }
            if team::is_alone(self.settings.threads) {
                if let Some(item) = self.alone().and_then(Y::one) {
                    return Some(item);
                }
            } else {
                self.fill();
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let held = self.buffer.len();
        let (least, most) = match self.state {
            State::New | State::Open => self.input.size_hint(),
            _ => (0, Some(0)),
        };
        let least = if S::MAY { held } else { held.saturating_add(least) };
        (Y::least(least), most.and_then(|most| most.checked_add(held)))
    }
}

/// After its end, a panic, or a stop, there is nothing more, and the input is not asked again.
impl<I, F, Y, S, R: Send, K: Send> FusedIterator for IntoIter<I, F, Y, S, R, K>
where
    I: Iterator<Item: Send> + Send,
    F: Apply<I::Item, Output = R, State = K> + Sync,
    Y: Yield<R>,
    S: Stop + Sync,
{
}

/// Where it is; not the input, nor the function.
impl<I, F, Y, S: Debug, R, K> Debug for IntoIter<I, F, Y, S, R, K> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("IntoIter")
            .field("held", &self.buffer.len())
            .field("in_flight", &self.in_flight)
            .field("stop", &self.stop)
            .finish_non_exhaustive()
    }
}
