//! A caught panic: the index of the item, the message and the payload.

use crate::unwind::Payload;
use std::any::Any;
use std::error::Error;
use std::fmt::{self, Debug, Display, Formatter};
use std::panic::resume_unwind;
use std::sync::{Mutex, PoisonError};

/// The panic of one item, which was caught.
///
/// Calls with the option `catch_panics`, or with the method
/// [`catch_panics`](crate::ParallelIter::catch_panics), return it as an error. It is displayed as
/// the index of the item, followed by the message of the panic.
///
/// # Examples
///
/// ```
/// use parallelize::{ItemPanic, parallelize};
///
/// #[parallelize(over = divisor, catch_panics)]
/// fn divide(n: u32, divisor: u32) -> u32 {
///     n / divisor
/// }
///
/// let quotients: Vec<Result<u32, ItemPanic>> = divide_parallel(6, [3, 0, 2]);
/// assert_eq!(*quotients[2].as_ref().unwrap(), 3);
///
/// let panic = quotients[1].as_ref().unwrap_err();
/// assert_eq!(panic.index(), 1);
/// let message = "item 1 panicked: attempt to divide by zero";
/// assert_eq!(panic.to_string(), message);
/// ```
pub struct ItemPanic {
    index: usize,
    message: Option<String>,
    /// A lock that is never taken. It makes the payload `Sync`.
    payload: Mutex<Payload>,
}

impl ItemPanic {
    pub(crate) fn new(index: usize, payload: Payload) -> Self {
        let message = (payload.downcast_ref::<&str>().map(ToString::to_string))
            .or_else(|| payload.downcast_ref::<String>().cloned());
        ItemPanic { index, message, payload: Mutex::new(payload) }
    }

    /// Returns the index of the item in the input, counted from 0.
    #[must_use]
    pub fn index(&self) -> usize {
        self.index
    }

    /// Returns the message of the panic, or `None` if its payload is not text.
    ///
    /// A panic of `panic!` with a format string, or of the standard library, always has a message.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// Returns the payload of the panic, as [`std::panic::catch_unwind`] does.
    #[must_use]
    pub fn into_payload(self) -> Box<dyn Any + Send> {
        self.payload.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// Continues the panic on the current thread.
    ///
    /// # Panics
    ///
    /// Always panics, with the payload of the item. The panic hook does not run again.
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
