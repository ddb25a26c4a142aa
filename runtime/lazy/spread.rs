//! The input of a call whose items may run in other processes.

use crate::distributed::dispatch::Dispatch;
use crate::lazy::courier::{Courier, Shipping};
use crate::lazy::stop::{Cut, Stops};
use crate::lazy::travels::Travels;
use crate::unwind::Payload;
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

#[cfg(feature = "checkpoint")]
use crate::lazy::keeping::Ledger;

/// An item of a call that may run in several processes.
///
/// You do not need to name this type: it is the item of a lazy version with `distributed`.
pub enum HereOrThere<T, R> {
    /// It is still to run.
    Here(T),
    /// It has run in another process, or it has panicked there.
    There(Result<R, Payload>),
}

/// The input of a call that may run in several processes: it yields the items, or what they have
/// come to.
///
/// You do not need to name this type: it is the input of a lazy version with `distributed`.
pub struct Spread<I, T, R> {
    input: I,
    shipping: Shipping<T, R>,
    orders: Orders<T, R>,
    place: Place<T, R>,
}

/// Where the items of a call run.
enum Place<T, R> {
    /// The call has not begun.
    Unknown,
    /// In this process.
    Here,
    /// In the others.
    There(Box<Courier<T, R>>),
    /// Nowhere any more.
    Ended,
}

/// What the function of a call tells its input, once the call begins.
///
/// Not the courier itself: that holds results, and the function would not be `Sync` if they are not
/// `Send`, which would be a second error.
pub(crate) struct Order<T, R> {
    pub(crate) dispatch: Dispatch,
    pub(crate) stops: Stops,
    pub(crate) cut: Cut,
    pub(crate) in_flight: usize,
    #[cfg(feature = "checkpoint")]
    pub(crate) ledger: Option<Ledger<T, R>>,
    #[cfg(not(feature = "checkpoint"))]
    pub(crate) types: std::marker::PhantomData<fn(T) -> R>,
}

/// Where the function leaves its order.
pub(crate) struct Orders<T, R>(Arc<Mutex<Option<Order<T, R>>>>);

impl<T, R> Orders<T, R> {
    pub(crate) fn new() -> Self {
        Orders(Arc::new(Mutex::new(None)))
    }

    pub(crate) fn leave(&self, order: Order<T, R>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(order);
    }

    fn take(&self) -> Option<Order<T, R>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl<T, R> Clone for Orders<T, R> {
    fn clone(&self) -> Self {
        Orders(Arc::clone(&self.0))
    }
}

impl<I, T, R> Spread<I, T, R> {
    pub(crate) fn new(input: I, shipping: Shipping<T, R>, orders: Orders<T, R>) -> Self {
        Spread { input, shipping, orders, place: Place::Unknown }
    }

    /// Follows the order of the function, if there is one.
    fn begin(&mut self) {
        self.place = match self.orders.take() {
            None => Place::Here,
            Some(order) => Place::There(Box::new(Courier {
                dispatch: order.dispatch,
                shipping: self.shipping,
                stops: order.stops,
                cut: order.cut,
                in_flight: order.in_flight,
                #[cfg(feature = "checkpoint")]
                ledger: order.ledger,
                travels: Travels::new(),
            })),
        };
    }
}

impl<I: Iterator<Item = T>, T, R> Spread<I, T, R> {
    /// Returns what the next item has come to, and gives the processes back at the end.
    #[inline(never)]
    fn next_there(&mut self) -> Option<HereOrThere<T, R>> {
        if matches!(self.place, Place::Unknown) {
            self.begin();
        }
        // After a panic, the processes are given back.
        match mem::replace(&mut self.place, Place::Ended) {
            Place::Here => {
                self.place = Place::Here;
                self.input.next().map(HereOrThere::Here)
            }
            Place::There(mut courier) => {
                let outcome = courier.next(&mut self.input)?;
                self.place = Place::There(courier);
                Some(HereOrThere::There(outcome))
            }
            Place::Unknown | Place::Ended => None,
        }
    }
}

impl<I: Iterator<Item = T>, T, R> Iterator for Spread<I, T, R> {
    type Item = HereOrThere<T, R>;

    #[inline]
    fn next(&mut self) -> Option<HereOrThere<T, R>> {
        match self.place {
            Place::Here => self.input.next().map(HereOrThere::Here),
            _ => self.next_there(),
        }
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        match &self.place {
            Place::Unknown | Place::Here => self.input.size_hint(),
            Place::There(courier) => courier.size_hint(&self.input),
            Place::Ended => (0, Some(0)),
        }
    }
}
