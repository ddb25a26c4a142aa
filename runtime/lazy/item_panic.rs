//! Decides what a caught panic tells: which item, and with what words.

use crate::unwind::Payload;
use std::any::Any;
use std::error::Error;
use std::fmt::{self, Debug, Display, Formatter};
use std::panic::resume_unwind;
use std::sync::{Mutex, PoisonError};

/// The panic of one item, as [`catch_panics`](crate::ParallelIter::catch_panics) yields it.
///
/// It is printed as the index of the item and the message of the panic, if that is text: what `panic!` makes always is.
///
/// ```
/// use parallelize::{ItemPanic, parallelize};
///
/// #[parallelize(over = x, catch_panics)]
/// fn divide(n: u32, x: u32) -> u32 {
///     n / x
/// }
///
/// let results: Vec<Result<u32, ItemPanic>> = divide_parallel(6, [3, 0, 2]);
/// assert_eq!(*results[2].as_ref().unwrap(), 3);
/// let panic = results[1].as_ref().unwrap_err();
/// assert_eq!(panic.index(), 1);
/// assert_eq!(panic.to_string(), "item 1 panicked: attempt to divide by zero");
/// ```
pub struct ItemPanic {
    index: usize,
    message: Option<String>,
    /// Behind a lock, which is never taken, so that it can be shared between threads.
    payload: Mutex<Payload>,
}

impl ItemPanic {
    pub(crate) fn new(index: usize, payload: Payload) -> Self {
        let message = (payload.downcast_ref::<&str>().map(ToString::to_string))
            .or_else(|| payload.downcast_ref::<String>().cloned());
        ItemPanic { index, message, payload: Mutex::new(payload) }
    }

    /// Which item it was: its index in the input, from 0.
    #[must_use]
    pub fn index(&self) -> usize {
        self.index
    }

    /// The message of the panic, if it is text.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// What the panic carried, as [`std::panic::catch_unwind`] gives it.
    #[must_use]
    pub fn into_payload(self) -> Box<dyn Any + Send> {
        self.payload.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// Goes on with the panic, on this thread.
    ///
    /// # Panics
    ///
    /// Always, with the payload of the item; the panic hook is not called again.
    pub fn resume(self) -> ! {
        resume_unwind(self.into_payload())
    }
}

impl Display for ItemPanic {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.message {
            Some(message) => write!(f, "item {} panicked: {message}", self.index),
            None => write!(f, "item {} panicked", self.index),
        }
    }
}

impl Debug for ItemPanic {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("ItemPanic").field("index", &self.index).field("message", &self.message).finish_non_exhaustive()
    }
}

impl Error for ItemPanic {}
