//! Sends the items of one call to other processes, and puts what comes back in input order.

use crate::distributed::answer::Answer;
use crate::distributed::dispatch::{Dispatch, Finished, Items, Piece};
use crate::distributed::wire::{Decode, Encode, WireError};
use crate::lazy::stop::{Cut, Stop, Stops};
use crate::lazy::travels::{End, Expected, Outcome, Parcel, Travels};
use crate::unwind::{Payload, catch, discard};
use std::mem;
use std::panic::resume_unwind;
use std::time::{Duration, Instant};

#[cfg(feature = "checkpoint")]
use crate::lazy::keeping::{Known, Ledger};
#[cfg(not(feature = "checkpoint"))]
use std::marker::PhantomData;

/// How long the courier pulls items before it sends them.
const PULL_AT_MOST: Duration = Duration::from_millis(1);

/// How often the courier looks after the other processes while it yields what has come back.
const LOOK_AFTER: Duration = Duration::from_micros(200);

/// How items and results become bytes. Function pointers instead of bounds, so that a type that
/// cannot be serialized is one error, where the function is annotated.
pub(crate) struct Shipping<T, R> {
    /// Appends the bytes of an item.
    pub(crate) encode: Encode<T>,
    /// Takes a result from the front of the bytes.
    pub(crate) decode: Decode<R>,
}

impl<T, R> Clone for Shipping<T, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, R> Copy for Shipping<T, R> {}

/// The longest wait for results, if nothing may stop the call.
const MAX_WAIT: Duration = Duration::from_secs(1);

/// An item that has been prepared.
enum Packed<R> {
    /// It need not run.
    #[cfg(feature = "checkpoint")]
    Known(R),
    Encoded(Expected<R>),
    Failed(WireError),
}

/// One call whose items run in other processes.
pub(crate) struct Courier<T, R> {
    pub(crate) dispatch: Dispatch,
    pub(crate) shipping: Shipping<T, R>,
    /// What may stop the call.
    pub(crate) stops: Stops,
    /// Where it is noted that the call was stopped.
    pub(crate) cut: Cut,
    /// The maximum number of items that have been pulled and not yielded.
    pub(crate) in_flight: usize,
    #[cfg(feature = "checkpoint")]
    pub(crate) ledger: Option<Ledger<T, R>>,
    pub(crate) travels: Travels<R>,
}

impl<T, R> Courier<T, R> {
    /// Returns what the next item has come to, and waits for it; `None` at the end of the call.
    ///
    /// # Panics
    ///
    /// If the input does, after all items before it.
    pub(crate) fn next(&mut self, input: &mut impl Iterator<Item = T>) -> Option<Outcome<R>> {
        if self.travels.is_known() {
            if self.travels.last_look.elapsed() >= LOOK_AFTER {
                self.look_after(input);
            }
        } else {
            self.wait(input);
        }
        if let Some(outcome) = self.travels.pop() {
            return Some(outcome);
        }
        match self.travels.end.replace(End::Nothing) {
            Some(End::Panic(payload)) => resume_unwind(payload),
            Some(End::Stop(reason)) => {
                // If the input has ended as well, the call was not stopped.
                if let Some(item) = input.next() {
                    discard(item);
                    self.cut.note(reason);
                }
            }
            Some(End::Nothing) | None => {}
        }
        None
    }

    /// Returns how many items may follow.
    pub(crate) fn size_hint(&self, input: &impl Iterator) -> (usize, Option<usize>) {
        let known = self.travels.len();
        if self.travels.end.is_some() {
            return (known, Some(known));
        }
        let (min, max) = input.size_hint();
        (known.saturating_add(min), max.and_then(|max| max.checked_add(known)))
    }

    /// Sends and receives until the next item has come to something, or until there is none.
    fn wait(&mut self, input: &mut impl Iterator<Item = T>) {
        loop {
            self.look_after(input);
            if self.travels.is_known() {
                return;
            }
            // Once it has been stopped, it need not be stopped again.
            let patience = if self.travels.end.is_some() { MAX_WAIT } else { self.stops.patience() };
            if let Some(finished) = self.dispatch.wait(patience) {
                self.receive(finished);
            }
        }
    }

    /// Receives what has come back, and sends what the other processes need, without waiting.
    fn look_after(&mut self, input: &mut impl Iterator<Item = T>) {
        loop {
            // Each time, because the input may take long.
            while let Some(finished) = self.dispatch.wait(Duration::ZERO) {
                self.receive(finished);
            }
            if self.travels.end.is_none() {
                self.travels.end = self.stops.check().err().map(End::Stop);
            }
            if !self.has_room() {
                break;
            }
            // An input that promises no more items must be asked, to notice its end.
            let left = input.size_hint().1.filter(|left| *left > 0);
            let Some(wanted) = self.dispatch.wanted(left) else { break };
            self.send(input, wanted);
            // What need not run may be all that the caller asks for.
            if self.travels.is_known() {
                break;
            }
        }
        self.travels.last_look = Instant::now();
    }

    /// Whether more items may be pulled.
    ///
    /// A stream yields what it has before it waits for its input again, which may need these
    /// results. It does not wait for its input longer than for its items.
    fn has_room(&self) -> bool {
        let Travels { end, last_pull, .. } = &self.travels;
        let is_slow = || self.dispatch.item_time().is_none_or(|item| *last_pull >= item);
        let must_wait = self.in_flight < usize::MAX
            && *last_pull >= PULL_AT_MOST
            && self.travels.len() > 0
            && (self.travels.is_known() || is_slow());
        end.is_none() && self.travels.len() < self.in_flight && !must_wait
    }

    /// Pulls an item, or notes the end of the input.
    fn pull(&mut self, input: &mut impl Iterator<Item = T>) -> Option<T> {
        let begun = Instant::now();
        let pulled = catch(|| input.next());
        self.travels.last_pull = begun.elapsed();
        match pulled {
            Ok(Some(item)) => Some(item),
            Ok(None) => {
                self.travels.end = Some(End::Nothing);
                None
            }
            Err(payload) => {
                self.travels.end = Some(End::Panic(payload));
                None
            }
        }
    }

    /// Pulls up to `wanted` items that must run, and sends them together. Stops after some time, so
    /// that others do not wait.
    fn send(&mut self, input: &mut impl Iterator<Item = T>, wanted: usize) {
        let mut items = Items { id: self.travels.next_id(), ..Items::default() };
        let mut parcels = Vec::new();
        let begun = Instant::now();
        while parcels.len() < wanted && self.has_room() && !self.dispatch.is_full(&items) {
            let Some(item) = self.pull(input) else { break };
            let index = self.travels.push();
            let end = items.bytes.len();
            let packed = catch(|| {
                let packed = self.pack(&item, &mut items.bytes);
                drop(item);
                packed
            });
            match packed {
                #[cfg(feature = "checkpoint")]
                Ok(Packed::Known(result)) => self.travels.settle(index, Ok(result)),
                Ok(Packed::Encoded(unfinished)) => {
                    items.ends.push(items.bytes.len());
                    parcels.push(Parcel { index, unfinished });
                }
                Ok(Packed::Failed(error)) => {
                    items.bytes.truncate(end);
                    let message = format!("item {index} cannot be sent to another process: {error}");
                    self.travels.settle(index, Err(Box::new(message)));
                }
                Err(payload) => {
                    items.bytes.truncate(end);
                    self.travels.settle(index, Err(payload));
                }
            }
            if begun.elapsed() >= PULL_AT_MOST {
                break;
            }
        }
        if !parcels.is_empty() {
            self.travels.sent(items.id, parcels);
            self.dispatch.send(items);
        }
    }

    /// Looks for the result of an item in the checkpoint of the call, if it has one, or else
    /// appends the bytes of the item. All of this is code of the user.
    fn pack(&self, item: &T, bytes: &mut Vec<u8>) -> Packed<R> {
        #[cfg(feature = "checkpoint")]
        let unfinished = match self.ledger.as_ref().map(|ledger| ledger.find(item)) {
            Some(Known::Result(result)) => return Packed::Known(result),
            Some(Known::Nothing(unfinished)) => Some(unfinished),
            None => None,
        };
        #[cfg(not(feature = "checkpoint"))]
        let unfinished = PhantomData;
        match (self.shipping.encode)(item, bytes) {
            Ok(()) => Packed::Encoded(unfinished),
            Err(error) => Packed::Failed(error),
        }
    }

    /// Notes what sent items have come to.
    fn receive(&mut self, finished: Finished) {
        match finished {
            Finished::Ran(piece, bytes) => self.unpack(&piece, &bytes),
            Finished::Died(piece, reason) => {
                let index = self.travels.parcel(&piece, 0).index;
                let message = format!("each process that ran item {index} has ended, the last one with {reason}");
                self.travels.settle(index, Err(Box::new(message)));
                self.travels.arrived(&piece, 1);
            }
        }
    }

    /// Notes the results and the panics of an answer.
    fn unpack(&mut self, piece: &Piece, bytes: &[u8]) {
        let Answer { items, panics, results: mut rest } = match Answer::decode(bytes) {
            Ok(answer) => answer,
            // The other processes run the same program.
            Err(error) => panic!("a process has sent an answer that cannot be read: {error}"),
        };
        let mut panics = panics.into_iter().peekable();
        for place in 0..items {
            let parcel = self.travels.parcel(piece, place);
            let (index, unfinished) = (parcel.index, mem::take(&mut parcel.unfinished));
            let outcome = match panics.next_if(|(other, _)| *other == place) {
                Some((_, panic)) => Err(panic.into_payload()),
                None => catch(|| self.open(index, &mut rest, unfinished)).and_then(|outcome| outcome),
            };
            self.travels.settle(index, outcome);
        }
        self.travels.arrived(piece, items);
    }

    /// Takes the result of an item from the front of the bytes, and keeps it in the checkpoint of
    /// the call, if it has one. All of this is code of the user.
    fn open(&self, index: usize, bytes: &mut &[u8], unfinished: Expected<R>) -> Outcome<R> {
        let result = (self.shipping.decode)(bytes).map_err(|error| -> Payload {
            Box::new(format!("the result of item {index} cannot be received: {error}"))
        })?;
        #[cfg(feature = "checkpoint")]
        if let (Some(ledger), Some(unfinished)) = (&self.ledger, unfinished) {
            ledger.finish(unfinished, &result);
        }
        #[cfg(not(feature = "checkpoint"))]
        let _ = unfinished;
        Ok(result)
    }
}
