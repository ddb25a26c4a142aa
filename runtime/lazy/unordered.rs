//! The unordered terminals: each result goes to the sink as soon as its item is finished.

use crate::engine::desk::{Closed, Desk, SinkFailure};
use crate::engine::drive;
use crate::engine::retain::Retain;
use crate::engine::work::Work;
use crate::input::indexed::Indexed;
use crate::lazy::apply::Apply;
use crate::lazy::calls::{begin, run_unless_cancelled};
use crate::lazy::parallel_iter::ParallelIter;
use crate::lazy::stop::Stop;
use crate::lazy::stopped::Stopped;
use crate::lazy::try_trait::Try;
use crate::lazy::yields::Yield;
use crate::unwind::{catch, discard};
use std::convert::Infallible;
use std::marker::PhantomData;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, Ordering};

/// # Unordered terminals
///
/// These methods run the call, and pass each result to a function as soon as it is there. If the
/// items run in other processes, results come in input order.
impl<I, F, Y, S> ParallelIter<I, F, Y, S>
where
    I: Iterator<Item: Send> + Send,
    F: Apply<I::Item, Output: Send> + Sync,
    Y: Yield<F::Output, Item: Send>,
    S: Stop + Sync,
{
    /// Calls `sink` with each result as soon as its item is finished, in no particular order.
    ///
    /// The first argument of `sink` is the index of the item in the input, starting with 0. `sink`
    /// runs on the thread that has finished the item, or on one that is running `sink` at that
    /// time, but never on two threads at a time. Use [`for_each`](Self::for_each) if the results
    /// should come in input order, or if `sink` cannot be sent to another thread.
    ///
    /// If `sink` is slower than the items, results wait for it in memory: at most
    /// [`in_flight`](Self::in_flight) of them. Then the threads wait as well. Each thread also
    /// holds the items of a chunk that it has pulled: one item, or some tens of microseconds of
    /// work.
    ///
    /// Returns nothing; for a call that may be stopped, a `Result<(), Stopped>`.
    ///
    /// Passing a result on takes about 0.1 us if several threads work. Cheap items run on the
    /// calling thread alone, like the serial loop.
    ///
    /// # Errors
    ///
    /// [`Stopped`](crate::Stopped) if the call was stopped before its input ended. `sink` has been
    /// called with all results that were finished.
    ///
    /// # Panics
    ///
    /// If the function, the input iterator or `sink` panics. After a panic, no further items are
    /// assigned, and the results of those that are running still go to `sink`, unless it has
    /// panicked itself.
    ///
    /// # Examples
    ///
    /// ```
    /// # use parallelize::parallelize;
    /// # use std::thread;
    /// # use std::time::Duration;
    /// #[parallelize]
    /// fn wait(millis: u64) -> u64 {
    ///     thread::sleep(Duration::from_millis(millis));
    ///     millis
    /// }
    ///
    /// let mut order = Vec::new();
    /// wait_parallel_iter([200, 1])
    ///     .threads(2)
    ///     .for_each_unordered(|index, millis| order.push((index, millis)));
    /// assert_eq!(order, [(1, 1), (0, 200)]);
    /// ```
    pub fn for_each_unordered(self, mut sink: impl FnMut(usize, Y::Item) + Send) -> S::Ended<()> {
        let never_fails = |(index, result)| {
            sink(index, result);
            Ok::<(), Infallible>(())
        };
        let (Ok(()), stopped) = self.run_to_desk(never_fails);
        S::ended((), stopped)
    }

    /// Calls `sink` with each result like [`for_each_unordered`](Self::for_each_unordered), until
    /// it returns an error or `None`.
    ///
    /// This ends a call at its first answer: if `sink` fails, no further items are assigned.
    /// Running items are finished, and their results are dropped. With the option
    /// [`cancel`](macro@crate::parallelize#cancel), they can end early.
    ///
    /// Returns what `sink` has returned last. For a call that may be stopped, returns a `Result` of
    /// that, whose error is about the stop.
    ///
    /// # Errors
    ///
    /// For a call that may be stopped: [`Stopped`](crate::Stopped), if it was stopped before its
    /// input ended and before `sink` failed.
    ///
    /// # Panics
    ///
    /// Like [`for_each_unordered`](Self::for_each_unordered).
    ///
    /// # Examples
    ///
    /// The fastest of several mirrors answers:
    ///
    /// ```
    /// # use parallelize::parallelize;
    /// # use std::ops::ControlFlow;
    /// # use std::thread;
    /// # use std::time::Duration;
    /// #[parallelize(over = mirror)]
    /// fn fetch(mirror: &str, page: u64) -> Option<String> {
    ///     thread::sleep(Duration::from_millis(mirror.len() as u64));
    ///     (mirror != "down").then(|| format!("{page} of {mirror}"))
    /// }
    ///
    /// let calls = fetch_parallel_iter(["down", "slow and far away", "near"], 7)
    ///     .threads(3)
    ///     .skip_none();
    /// let answer = calls
    ///     .try_for_each_unordered(|_, page| ControlFlow::<_, ()>::Break(page));
    /// assert_eq!(answer, ControlFlow::Break("7 of near".to_owned()));
    /// ```
    pub fn try_for_each_unordered<R>(self, mut sink: impl FnMut(usize, Y::Item) -> R + Send) -> S::Ended<R::Output<()>>
    where
        R: Try<Item = (), Break: Send>,
    {
        let (end, stopped) = self.run_to_desk(|(index, result)| sink(index, result).branch());
        S::ended(R::from_branch(end), stopped)
    }

    /// Passes each result to `sink`, until the call is stopped or the sink fails.
    fn run_to_desk<E: Send>(
        self,
        sink: impl FnMut((usize, Y::Item)) -> Result<(), E> + Send,
    ) -> (Result<(), E>, Option<Stopped>) {
        let ParallelIter { input, mut f, mut settings, in_flight, mut stop, .. } = self;
        let desk = Desk::new(sink, in_flight);
        begin::<I::Item, F, S>(&mut settings, in_flight, &mut f, &mut stop);
        let work = AtDesk { f, stop, desk: &desk, has_begun: AtomicBool::new(false), yields: PhantomData::<fn() -> Y> };
        let run = || drive::collect(settings, Indexed::new(input), &work, &mut Vec::new(), Retain::Nothing);
        let end = catch(run);
        let finished = work.stop.finish().map_err(|halt| Stopped { reason: S::reason(halt) });
        match (desk.take_failure(), end) {
            (failure, Err(payload)) => {
                // An item has panicked as well.
                discard(failure);
                resume_unwind(payload)
            }
            (Some(SinkFailure::Panic(payload)), _) => resume_unwind(payload),
            (Some(SinkFailure::Error(error)), _) => (Err(error), finished.err()),
            (None, Ok(Err(End::Stop(halt)))) => (Ok(()), Some(Stopped { reason: S::reason(halt) })),
            (None, Ok(_)) => (Ok(()), finished.err()),
        }
    }
}

/// The work of an unordered call: what an item yields is brought to the desk.
struct AtDesk<'call, F, S, Y, D> {
    f: F,
    stop: S,
    desk: &'call D,
    /// Whether the calling thread, which is the first, has created its state.
    has_begun: AtomicBool,
    yields: PhantomData<fn() -> Y>,
}

/// What ends an unordered call before its input.
enum End<H> {
    Stop(H),
    Closed(Closed),
}

/// The state of a thread: that of the function, and the sink while no other thread runs items.
struct AtDeskState<K, D> {
    state: K,
    sink: Option<D>,
    /// Whether other threads have run items, and may again.
    is_shared: bool,
}

impl<F, S, Y, R, D, E> AtDesk<'_, F, S, Y, Desk<(usize, R), D, E>>
where
    D: FnMut((usize, R)) -> Result<(), E>,
{
    /// Passes a result to the sink, which the state or the desk has.
    #[inline]
    fn pass<K>(&self, state: &mut AtDeskState<K, D>, result: (usize, R)) -> Result<(), Closed> {
        let Some(sink) = &mut state.sink else { return self.desk.bring(result) };
        // A sink that has panicked must not get to other threads.
        let passed = if state.is_shared {
            catch(|| sink(result)).map_err(SinkFailure::Panic).and_then(|end| end.map_err(SinkFailure::Error))
        } else {
            sink(result).map_err(SinkFailure::Error)
        };
        passed.map_err(|failure| {
            self.desk.close(failure);
            discard(state.sink.take());
            Closed
        })
    }
}

impl<T, F, S, Y, D, E> Work<(usize, T)> for AtDesk<'_, F, S, Y, Desk<(usize, Y::Item), D, E>>
where
    F: Apply<T>,
    S: Stop,
    Y: Yield<F::Output>,
    D: FnMut((usize, Y::Item)) -> Result<(), E>,
    E: Send,
{
    type Step = Result<(), End<S::Halt>>;
    type State<'work>
        = AtDeskState<F::State, D>
    where
        Self: 'work;
    const HAS_STATE: bool = F::HAS_STATE;
    // Measured: two threads that bring results all the time take 0.1 us for each.
    const MIN_SHARED_ITEM_NANOS: f64 = 200.0;

    fn state(&self) -> AtDeskState<F::State, D> {
        let is_calling_thread = !self.has_begun.swap(true, Ordering::Relaxed);
        let sink = if is_calling_thread { self.desk.take_sink() } else { None };
        AtDeskState { state: self.f.state(), sink, is_shared: false }
    }

    #[inline]
    fn run(&self, state: &mut AtDeskState<F::State, D>, (index, item): (usize, T)) -> Self::Step {
        if state.sink.is_none() && self.desk.is_closed() {
            return Err(End::Closed(Closed));
        }
        self.stop.check().map_err(End::Stop)?;
        let result = if F::HAS_TOKEN {
            // A cancelled item is dropped: the call was stopped, the desk has closed, or an item
            // below it has failed, which ends the call.
            let result = run_unless_cancelled(&self.f, &mut state.state, item);
            result.ok_or_else(|| self.stop.check().map_or_else(End::Stop, |()| End::Closed(Closed)))?
        } else {
            self.f.apply(&mut state.state, item)
        };
        let Some(result) = Y::one(result) else { return Ok(()) };
        self.pass(state, (index, result)).map_err(|closed| {
            self.f.note_end(0);
            End::Closed(closed)
        })
    }

    fn note_end(&self, end: usize) {
        self.f.note_end(if self.desk.is_closed() { 0 } else { end });
    }

    fn begin_sharing(&self, state: &mut AtDeskState<F::State, D>) {
        state.is_shared = true;
        if let Some(sink) = state.sink.take() {
            self.desk.return_sink(sink);
            // The sink may have failed for a result in the queue.
            self.note_end(usize::MAX);
        }
    }

    fn end_sharing(&self, state: &mut AtDeskState<F::State, D>) {
        state.sink = self.desk.take_sink();
    }
}
