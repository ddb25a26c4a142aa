//! Streams: runs a call in blocks, each of which has returned before its first result is yielded.

use crate::engine::drive;
use crate::engine::known::may_wait;
use crate::engine::retain::Retain;
use crate::engine::settings::Settings;
use crate::engine::team::{self, Team};
use crate::input::split::Input;
use crate::lazy::apply::{Apply, StreamState};
use crate::lazy::calls::{Stash, Stashed, begin, run_item};
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

/// Target duration of a block. Waking worker threads takes much less, and a person notices much
/// more.
const BLOCK_TARGET: Duration = Duration::from_millis(5);

/// Minimum number of items of the first block. It is small, so that the first result comes early.
const FIRST_BLOCK_ITEMS: usize = 2;

/// Maximum factor by which a block may exceed its planned number of items. Threads run the
/// additional items instead of waiting for one long item.
const MAX_STRETCH: usize = 4;

impl<I, F, Y, S> ParallelIter<I, F, Y, S>
where
    I: Iterator<Item: Send> + Send,
    F: Apply<I::Item, Output: Send> + Sync,
    Y: Yield<F::Output>,
    S: Stop + Sync,
{
    /// Returns an iterator over the results, in input order and in bounded memory.
    ///
    /// A `for` loop calls it. [`IntoIter`] says how many results it holds, and what it costs.
    ///
    /// # Examples
    ///
    /// ```
    /// # use parallelize::parallelize;
    /// #[parallelize]
    /// fn square(n: u64) -> u64 {
    ///     n * n
    /// }
    ///
    /// let mut squares = square_parallel_iter(0..).into_iter();
    /// assert_eq!(squares.next(), Some(0));
    /// assert_eq!(squares.find(|square| *square > 1_000), Some(1_024));
    /// ```
    // A method of the type, so that a state that is not `Send` is told in words of ours: of the
    // method of a trait, the compiler only says that it does not exist.
    #[allow(clippy::should_implement_trait)] // It is implemented, by this method.
    pub fn into_iter(self) -> IntoIter<I, F, Y, S, F::Output, F::State>
    where
        F: Apply<I::Item, State: StreamState>,
    {
        let ParallelIter { input, f, settings, in_flight, stop, .. } = self;
        IntoIter {
            settings: Settings { may_wait: may_wait(&input), ..settings },
            input: input.items.fuse(),
            f,
            in_flight,
            stop,
            yields: PhantomData,
            stash: Stash::new(),
            run: 0,
            block_items: FIRST_BLOCK_ITEMS,
            stretch: 1,
            buffer: Vec::new(),
            cheap_items: 0,
            state: State::New,
            trace: None,
        }
    }
}

// For a `for` loop, the compiler shows the first bound of this block and its comment.
impl<I, F, Y, S> IntoIterator for ParallelIter<I, F, Y, S>
where
    F: Apply<I::Item, Output: Send, State: StreamState> + Sync, // `per_thread` values: `Send`
    I: Iterator<Item: Send> + Send,
    Y: Yield<F::Output>,
    S: Stop + Sync,
{
    type Item = Y::Item;
    type IntoIter = IntoIter<I, F, Y, S, F::Output, F::State>;

    fn into_iter(self) -> Self::IntoIter {
        ParallelIter::into_iter(self)
    }
}

/// A stream: an iterator over the results of a call, in input order and in bounded memory.
///
/// A `for` loop over a [`ParallelIter`] creates it, or [`ParallelIter::into_iter`]. It is a
/// sequential iterator: its adaptors, such as `map`, run on the calling thread.
///
/// The stream runs the call in blocks. If `next` is called and no finished result is left, it runs
/// a block of items on all threads, and returns when the whole block is finished. The first block
/// has an item per thread, so that the first result arrives early. The target duration of later
/// blocks is 5 ms, but a block takes at least as long as its longest item. A block has at most
/// [`in_flight`](ParallelIter::in_flight) items. With one thread, every block is a single item. The
/// same holds as long as items take less than some tens of nanoseconds.
///
/// Nothing runs between two calls of `next`, except in other processes. You may therefore keep the
/// stream, leak it or drop it. If you drop it, the results that were not taken and the rest of the
/// input are dropped.
///
/// The first four type parameters are those of [`ParallelIter`]. `R` is the return type of the
/// function, and `K` the state that each thread keeps.
///
/// # Panics
///
/// `next` panics if the function or the input iterator panics, once it has yielded all results
/// before the panic. The stream then ends.
///
/// # Examples
///
/// ```
/// use parallelize::parallelize;
///
/// #[parallelize]
/// fn square(n: u64) -> u64 {
///     n * n
/// }
///
/// let mut squares = square_parallel_iter(0..).into_iter();
/// let first_large = squares.find(|square| *square > 1_000);
/// assert_eq!(first_large, Some(1_024));
/// ```
#[must_use = "iterators are lazy and do nothing unless consumed"]
pub struct IntoIter<I, F, Y, S, R, K> {
    pub(crate) input: Fuse<I>,
    pub(crate) f: F,
    pub(crate) settings: Settings,
    in_flight: usize,
    pub(crate) stop: S,
    yields: PhantomData<fn() -> Y>,
    /// The states of the threads, while no block runs.
    pub(crate) stash: Stash<K>,
    /// The number of items that have run, if items have tokens.
    pub(crate) run: usize,
    /// Planned number of items of the next block.
    block_items: usize,
    /// Factor by which the next block may exceed that number.
    stretch: usize,
    /// Results of the last block that are not yet yielded, in reverse order: the next one is cheap
    /// to take, and the memory is reused.
    pub(crate) buffer: Vec<R>,
    /// The number of items after the buffer that are expected to be cheap: they run one by one, and
    /// the last of them is timed. If it is not 0, the state is `Ended`, so that a panic of the
    /// input or of the function ends the stream.
    pub(crate) cheap_items: usize,
    /// What follows after the buffer.
    pub(crate) state: State,
    /// The span of the call; `None` before the first block.
    trace: Option<Trace>,
}

/// What follows after the buffered results.
pub(crate) enum State {
    /// The first block.
    New,
    /// Another block.
    Open,
    /// A panic, which is then resumed.
    Panicked(Held),
    /// The end, because the call was stopped.
    Stopped(Stopped),
    /// The end.
    Ended,
}

/// The payload of a panic that has not been resumed yet.
///
/// If the consumer never reaches it, the serial loop would never have panicked either, so dropping
/// the payload must not panic. The lock is never taken. It makes the payload `Sync`.
pub(crate) struct Held(Mutex<Option<Payload>>);

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
    /// Returns why the stream ended before its input, or `None` if it was not stopped.
    ///
    /// Also returns `None` as long as finished results are left. They are still yielded after a
    /// stop.
    ///
    /// # Examples
    ///
    /// ```
    /// # use parallelize::{CancelToken, StopReason, parallelize};
    /// #[parallelize]
    /// fn square(n: u64) -> u64 {
    ///     n * n
    /// }
    ///
    /// let token = CancelToken::new();
    /// let calls = square_parallel_iter(0..).cancel_with(&token);
    /// let mut squares = calls.into_iter();
    /// assert_eq!(squares.next(), Some(0));
    /// assert_eq!(squares.stopped(), None);
    ///
    /// token.cancel();
    /// for square in squares.by_ref() {
    ///     println!("{square} was finished before");
    /// }
    /// let stopped = squares.stopped().unwrap();
    /// assert_eq!(stopped.reason, StopReason::Cancelled);
    /// ```
    pub fn stopped(&self) -> Option<Stopped> {
        match self.state {
            // The results before the stop come first.
            State::Stopped(stopped) if self.buffer.is_empty() => Some(stopped),
            _ => None,
        }
    }

    /// Runs the next block and fills the buffer with its results.
    #[inline(never)]
    fn fill(&mut self) {
        if self.trace.is_none() {
            // A first block with an item for each thread takes no longer than one with fewer.
            let threads = Team::of(self.settings.threads).threads();
            self.block_items = self.block_items.max(threads).min(self.in_flight);
        }
        let settings = Settings { enough: self.block_items, ..self.settings };
        let trace = self.trace.get_or_insert_with(|| Trace::begin(settings.memory.function(), self.input.size_hint()));
        let max_items = self.block_items.saturating_mul(self.stretch).min(self.in_flight);
        let input = Input::unknown(self.input.by_ref().take(max_items));
        let (f, stop, stash) = (&self.f, &self.stop, &self.stash);
        let work = Stashed { f, stop, stash, before: self.run, to_step: S::step };
        let mut results = mem::take(&mut self.buffer);
        let begun = Instant::now();
        let run = || drive::run(settings, trace, input, &work, &mut results, Retain::Completed);
        self.state = match catch(run) {
            Ok(Ok(())) if results.is_empty() => State::Ended,
            Ok(Ok(())) => State::Open,
            Ok(Err(halt)) => State::Stopped(Stopped { reason: S::reason(halt) }),
            Err(payload) => State::Panicked(Held(Mutex::new(Some(payload)))),
        };
        self.run += results.len();
        if matches!(self.state, State::Open) {
            self.cheap_items = self.cheap_items_after(results.len());
            self.state = if self.cheap_items > 0 { State::Ended } else { State::Open };
        }
        results.reverse();
        self.buffer = results;
        self.stretch = MAX_STRETCH;
        self.block_items = self.items_after(begun.elapsed()).min(self.in_flight);
    }

    /// Returns the number of items of the next block, if the last one took `time`.
    fn items_after(&self, time: Duration) -> usize {
        if time < BLOCK_TARGET / 4 {
            self.block_items.saturating_mul(4)
        } else if time < BLOCK_TARGET {
            self.block_items.saturating_mul(2)
        } else {
            // Expensive items: enough of them that all threads finish at about the same time.
            let least = Team::of(self.settings.threads).threads().saturating_mul(8);
            if time > 4 * BLOCK_TARGET { (self.block_items / 2).max(least) } else { self.block_items.max(least) }
        }
    }

    /// Runs one item on the calling thread, like the serial loop.
    ///
    /// The state is `Ended` when this begins, so that a panic of the input or of the function ends
    /// the stream. The caller changes that if this returns a result.
    #[inline]
    pub(crate) fn run_one(&mut self) -> Option<R> {
        if let Err(halt) = self.stop.check() {
            // If the input has ended as well, the call was not stopped.
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
        match run_item(&self.f, &self.stop, state, item) {
            Ok(result) => {
                self.run += 1;
                trace.finished(1);
                Some(result)
            }
            Err(halt) => {
                self.state = State::Stopped(Stopped { reason: S::reason(halt) });
                None
            }
        }
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
            if self.cheap_items > 0 {
                match self.next_cheap().map(Y::one) {
                    Some(Some(item)) => return Some(item),
                    _ => continue,
                }
            }
            match mem::replace(&mut self.state, State::Ended) {
                State::Panicked(mut held) => return held.take().and_then(|payload| resume_unwind(payload)),
                State::Ended => {
                    // The state is still `Ended`, unless results are missing in the checkpoint.
                    if let Err(halt) = self.stop.finish() {
                        self.state = State::Stopped(Stopped { reason: S::reason(halt) });
                    }
                    return None;
                }
                State::Stopped(stopped) => {
                    // Why the call was stopped matters more than what is missing because of that.
                    let _ = self.stop.finish();
                    self.state = State::Stopped(stopped);
                    return None;
                }
                State::New => {
                    begin::<I::Item, F, S>(&mut self.settings, self.in_flight, &mut self.f, &mut self.stop);
                }
                State::Open => {}
            }
            if team::is_alone(self.settings.threads) {
                if let Some(result) = self.run_one() {
                    self.state = State::Open;
                    if let Some(item) = Y::one(result) {
                        return Some(item);
                    }
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
            _ if self.cheap_items > 0 => self.input.size_hint(),
            _ => (0, Some(0)),
        };
        let least = if S::MAY { held } else { held.saturating_add(least) };
        (Y::least(least), most.and_then(|most| most.checked_add(held)))
    }
}

/// After its end, a panic or a stop, the stream yields nothing more and does not pull from the
/// input.
impl<I, F, Y, S, R: Send, K: Send> FusedIterator for IntoIter<I, F, Y, S, R, K>
where
    I: Iterator<Item: Send> + Send,
    F: Apply<I::Item, Output = R, State = K> + Sync,
    Y: Yield<R>,
    S: Stop + Sync,
{
}

/// Shows the number of buffered results and the options, without the input and the function.
impl<I, F, Y, S: Debug, R, K> Debug for IntoIter<I, F, Y, S, R, K> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("IntoIter")
            .field("held", &self.buffer.len())
            .field("in_flight", &self.in_flight)
            .field("stop", &self.stop)
            .finish_non_exhaustive()
    }
}
