//! Where the items of one call are that run in other processes, and what they have come to.

use crate::distributed::dispatch::Piece;
use crate::lazy::stopped::StopReason;
use crate::unwind::{Payload, discard};
use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

#[cfg(feature = "checkpoint")]
use crate::lazy::keeping::Unfinished;
#[cfg(not(feature = "checkpoint"))]
use std::marker::PhantomData;

/// What an item has come to: its result, or its panic.
pub(crate) type Outcome<R> = Result<R, Payload>;

/// What the checkpoint of a call expects of an item, if there is one.
#[cfg(feature = "checkpoint")]
pub(crate) type Expected<R> = Option<Unfinished<R>>;
#[cfg(not(feature = "checkpoint"))]
pub(crate) type Expected<R> = PhantomData<fn() -> R>;

/// Where the items of a call are. An item is known by its index in the input.
pub(crate) struct Travels<R> {
    /// The number of items that have been yielded.
    yielded: usize,
    /// What the next items have come to, as far as it is known.
    outcomes: VecDeque<Option<Outcome<R>>>,
    /// The items that have been sent together, by their id.
    sent: HashMap<u64, Sent<R>>,
    next_id: u64,
    /// Why no more items are pulled.
    pub(crate) end: Option<End>,
    /// The time that the last item has taken the input.
    pub(crate) last_pull: Duration,
    /// When the other processes were last looked after.
    pub(crate) last_look: Instant,
}

/// Items that have been sent together.
struct Sent<R> {
    items: Vec<Parcel<R>>,
    /// How many of them have not come back.
    out: usize,
}

/// An item that has been sent.
pub(crate) struct Parcel<R> {
    pub(crate) index: usize,
    pub(crate) unfinished: Expected<R>,
}

/// What follows after the pulled items.
pub(crate) enum End {
    /// Nothing.
    Nothing,
    /// A panic of the input.
    Panic(Payload),
    /// Nothing, because the call was stopped.
    Stop(StopReason),
}

impl<R> Travels<R> {
    pub(crate) fn new() -> Self {
        Travels {
            yielded: 0,
            outcomes: VecDeque::new(),
            sent: HashMap::new(),
            next_id: 0,
            end: None,
            last_pull: Duration::ZERO,
            last_look: Instant::now(),
        }
    }

    /// Returns the number of items that have been pulled and not yielded.
    pub(crate) fn len(&self) -> usize {
        self.outcomes.len()
    }

    /// Returns whether it is known what the next item has come to, or that there is none.
    pub(crate) fn is_known(&self) -> bool {
        match self.outcomes.front() {
            Some(outcome) => outcome.is_some(),
            None => self.end.is_some(),
        }
    }

    /// Takes what the next item has come to.
    pub(crate) fn pop(&mut self) -> Option<Outcome<R>> {
        let outcome = self.outcomes.pop_front().flatten()?;
        self.yielded += 1;
        Some(outcome)
    }

    /// Adds a pulled item, and returns its index.
    pub(crate) fn push(&mut self) -> usize {
        self.outcomes.push_back(None);
        self.yielded + self.outcomes.len() - 1
    }

    /// Notes what a pulled item has come to.
    pub(crate) fn settle(&mut self, index: usize, outcome: Outcome<R>) {
        self.outcomes[index - self.yielded] = Some(outcome);
    }

    /// Returns the id of the items that are sent next.
    pub(crate) fn next_id(&self) -> u64 {
        self.next_id
    }

    /// Notes that items have been sent together.
    pub(crate) fn sent(&mut self, id: u64, items: Vec<Parcel<R>>) {
        self.next_id += 1;
        self.sent.insert(id, Sent { out: items.len(), items });
    }

    /// Returns an item that was sent.
    pub(crate) fn parcel(&mut self, piece: &Piece, place: usize) -> &mut Parcel<R> {
        let sent = self.sent.get_mut(&piece.id).expect("what comes back was sent");
        &mut sent.items[piece.first + place]
    }

    /// Notes that sent items have come back.
    pub(crate) fn arrived(&mut self, piece: &Piece, items: usize) {
        if let Some(sent) = self.sent.get_mut(&piece.id) {
            sent.out -= items;
            if sent.out == 0 {
                self.sent.remove(&piece.id);
            }
        }
    }
}

/// Results that nobody has asked for are not those of the serial loop, so their drops must not
/// panic.
impl<R> Drop for Travels<R> {
    fn drop(&mut self) {
        self.outcomes.drain(..).for_each(discard);
        self.sent.drain().flat_map(|(_, sent)| sent.items).for_each(discard);
        discard(self.end.take());
    }
}
