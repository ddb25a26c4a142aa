//! The calls of an async function that are under way in one task.

use crate::concurrent::arrivals::Arrivals;
use crate::concurrent::wakes::Wakes;
use crate::concurrent::watch::Watch;
use crate::engine::outcome::Cause;
use crate::lazy::apply::Apply;
use crate::report::trace::Trace;
use crate::unwind::{Payload, catch, discard};
use std::collections::VecDeque;
use std::marker::PhantomData;
use std::mem;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

/// Maximum number of steps in one poll of the task. Calls that do not wait would otherwise keep the
/// executor from its other tasks.
const MAX_STEPS: usize = 256;

/// What becomes of the end of the call of the item with this index: a result that is passed on, or
/// what ends all calls.
pub(crate) type Rule<R, O, B> = fn(usize, Result<R, Payload>) -> Result<O, Cause<B>>;

/// The calls of `f` for the items of `input`.
///
/// Every type is a parameter of its own, and none is found through another, such as `F::Output`. Of
/// a future that is held across an `await`, the compiler forgets the lifetimes, and could not prove
/// that such a type is `Send`.
pub(crate) struct Flight<I, F, Fut, R, O, B, A> {
    /// The input, until it has ended or a call has failed.
    input: Option<I>,
    f: F,
    rule: Rule<R, O, B>,
    slots: Vec<Slot<Fut>>,
    /// The slots without a call.
    free: Vec<usize>,
    wakes: Arc<Wakes>,
    /// The slots that want to be polled in this poll of the task.
    woken: VecDeque<usize>,
    limits: Limits,
    /// The number of items that have been pulled.
    pulled: usize,
    arrivals: A,
    failure: Option<Failure<B>>,
    /// The number of steps that remain in this poll of the task.
    steps: usize,
    watch: Watch,
    results: PhantomData<fn() -> O>,
}

/// How much is under way at a time.
#[derive(Clone, Copy)]
pub(crate) struct Limits {
    /// Maximum number of calls that are under way.
    pub(crate) running: usize,
    /// Maximum number of items that have begun and whose results have not been passed on.
    pub(crate) held: usize,
}

/// A place for a call, which later calls use again.
struct Slot<Fut> {
    /// The index of its item.
    index: usize,
    future: Pin<Box<Option<Fut>>>,
    waker: Waker,
}

/// Drops the call, if there is one. A panic from that is ignored, because nobody waits for the call
/// any more.
impl<Fut> Drop for Slot<Fut> {
    fn drop(&mut self) {
        discard(catch(|| self.future.set(None)));
    }
}

/// The lowest failure.
struct Failure<B> {
    index: usize,
    cause: Cause<B>,
}

// A payload has been caught, so it leaves nothing half done.
impl<B> UnwindSafe for Failure<B> {}
impl<B> RefUnwindSafe for Failure<B> {}

// Nothing is pinned except what is in boxes.
impl<I, F, Fut, R, O, B, A> Unpin for Flight<I, F, Fut, R, O, B, A> {}

impl<I, F, Fut, R, O, B, A: Arrivals<O>> Flight<I, F, Fut, R, O, B, A> {
    /// Creates the calls, none of which has begun.
    pub(crate) fn new(input: I, f: F, rule: Rule<R, O, B>, limits: Limits, arrivals: A, watch: Watch) -> Self {
        Flight {
            input: Some(input),
            f,
            rule,
            slots: Vec::new(),
            free: Vec::new(),
            wakes: Wakes::new(),
            woken: VecDeque::new(),
            limits,
            pulled: 0,
            arrivals,
            failure: None,
            steps: 0,
            watch,
            results: PhantomData,
        }
    }

    /// Begins the first poll of the task. The completed calls are counted for `trace`.
    pub(crate) fn begin(&mut self, trace: &Arc<Trace>) {
        self.watch.begin(trace);
    }

    /// Begins a poll of the task.
    pub(crate) fn begin_poll(&mut self) {
        self.steps = MAX_STEPS;
    }

    /// Takes the next result to be passed on, with the index of its item; or what ends the calls,
    /// after all results before it.
    pub(crate) fn take(&mut self) -> Option<Result<(usize, O), Cause<B>>> {
        if let Some(result) = self.arrivals.take() {
            return Some(Ok(result));
        }
        if self.running() > 0 {
            return None;
        }
        self.failure.take().map(|failure| Err(failure.cause))
    }

    /// Returns whether nothing more comes, if there is nothing to take.
    pub(crate) fn has_ended(&self) -> bool {
        self.input.is_none() && self.running() == 0
    }

    /// Drops the calls that are under way. Returns whether there were any.
    fn give_up(&mut self) -> bool {
        let were_running = self.running() > 0;
        if were_running {
            // The calls below the failure do not finish, so one of them might have failed.
            discard(self.failure.take());
            self.give_up_from(0);
        }
        were_running
    }

    /// Takes the results behind the first that is missing, each with the index of its item.
    pub(crate) fn take_rest(&mut self) -> Vec<(usize, O)> {
        self.arrivals.take_rest()
    }

    fn running(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// Records that an item has failed. Calls above it are dropped, and those below finish.
    fn fail(&mut self, index: usize, cause: Cause<B>) {
        discard(self.input.take());
        if self.failure.as_ref().is_some_and(|lowest| lowest.index < index) {
            return discard(cause);
        }
        discard(self.failure.replace(Failure { index, cause }));
        self.give_up_from(index);
        self.arrivals.cut(index);
    }

    /// Drops the calls of the items from this index on.
    fn give_up_from(&mut self, index: usize) {
        for (place, slot) in self.slots.iter_mut().enumerate() {
            if slot.index >= index && slot.future.is_some() {
                discard(catch(|| slot.future.set(None)));
                self.free.push(place);
            }
        }
    }

    /// Adds the end of a call.
    fn end_call(&mut self, index: usize, end: Result<R, Payload>) {
        self.watch.count();
        match (self.rule)(index, end) {
            Ok(result) => self.arrivals.put(index, result),
            Err(cause) => self.fail(index, cause),
        }
    }
}

impl<I, F, Fut, R, O, B, A> Flight<I, F, Fut, R, O, B, A>
where
    I: Iterator,
    F: Apply<I::Item, Output = Fut, State = ()>,
    Fut: Future<Output = R>,
    A: Arrivals<O>,
{
    /// Polls the calls that have been woken, and begins others as long as there is room.
    ///
    /// Returns whether everything has been done that can be. The task is then woken when more can
    /// be done. Otherwise the steps of this poll are used up, and the task is woken at once.
    pub(crate) fn advance(&mut self, cx: &mut Context<'_>) -> bool {
        while self.steps > 0 {
            let has_polled = match self.woken.pop_front() {
                Some(place) => {
                    self.poll_slot(place);
                    true
                }
                None => self.wakes.take(&mut self.woken),
            };
            // Also if a call has been woken: one that wakes itself would keep others from
            // beginning.
            if !self.begin_next() && !has_polled && self.wakes.wait(cx.waker()) {
                return true;
            }
            self.steps -= 1;
        }
        cx.waker().wake_by_ref();
        false
    }

    /// Stops the calls: none begins any more, those that are ready finish, and the others are
    /// dropped. Returns whether that has ended any, or the input before its end.
    pub(crate) fn stop(&mut self) -> bool {
        let had_input = self.size_hint().1 != Some(0);
        discard(self.input.take());
        let mut woken = mem::take(&mut self.woken);
        if self.wakes.take(&mut self.woken) {
            woken.append(&mut self.woken);
        }
        for place in woken {
            self.poll_slot(place);
        }
        self.give_up() || had_input
    }

    /// Returns the number of items that remain in the input, according to its size hint.
    pub(crate) fn size_hint(&self) -> (usize, Option<usize>) {
        self.input.as_ref().map_or((0, Some(0)), Iterator::size_hint)
    }

    /// Begins another call, if there is room for it. Returns whether it has done anything.
    fn begin_next(&mut self) -> bool {
        if self.running() >= self.limits.running || self.arrivals.held() >= self.limits.held {
            return false;
        }
        let Some(input) = &mut self.input else { return false };
        let index = self.pulled;
        let item = match catch(|| input.next()) {
            Ok(Some(item)) => item,
            Ok(None) => {
                // The loop drops its input after all items.
                if let Err(payload) = catch(|| drop(self.input.take())) {
                    self.fail(index, Cause::Panic(payload));
                }
                return true;
            }
            Err(payload) => {
                self.fail(index, Cause::Panic(payload));
                return true;
            }
        };
        self.pulled += 1;
        self.arrivals.begin();
        match catch(|| self.f.apply(&mut (), item)) {
            Ok(future) => {
                let place = self.place(index, future);
                self.poll_slot(place);
            }
            Err(payload) => self.end_call(index, Err(payload)),
        }
        true
    }

    /// Puts a call into a slot.
    fn place(&mut self, index: usize, future: Fut) -> usize {
        match self.free.pop() {
            Some(place) => {
                let slot = &mut self.slots[place];
                slot.index = index;
                slot.future.set(Some(future));
                place
            }
            None => {
                let waker = self.wakes.add_slot();
                self.slots.push(Slot { index, future: Box::pin(Some(future)), waker });
                self.slots.len() - 1
            }
        }
    }

    /// Polls the call in a slot, if there is one. It may have ended since it was woken.
    fn poll_slot(&mut self, place: usize) {
        let Slot { index, future, waker } = &mut self.slots[place];
        let index = *index;
        let Some(call) = future.as_mut().as_pin_mut() else { return };
        let end = match catch(|| call.poll(&mut Context::from_waker(waker))) {
            Ok(Poll::Pending) => return,
            Ok(Poll::Ready(result)) => Ok(result),
            Err(payload) => Err(payload),
        };
        // The loop drops the call before it goes on, so a panic from that is one of the item.
        let dropped = catch(|| future.set(None));
        self.free.push(place);
        let end = match (end, dropped) {
            (Ok(result), Err(payload)) => {
                discard(result);
                Err(payload)
            }
            (end, dropped) => {
                discard(dropped);
                end
            }
        };
        self.end_call(index, end);
    }
}
