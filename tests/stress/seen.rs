//! What is seen of a call: its results and its end, as plain data.

use crate::counted::{Counted, Thrown};
use crate::watch::fail;
use parallelize::{ItemPanic, StopReason};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What one item has yielded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Seen {
    Value(u64),
    Nothing,
    Error(u64),
    /// A panic of the item with this index, which was caught.
    Caught(usize),
}

/// The source of a panic: an item, or the input, and the index.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Panicked {
    pub(crate) index: usize,
    pub(crate) of_input: bool,
}

/// How a call has ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum End {
    /// After all items.
    All,
    /// By the reader of a stream.
    Left,
    Failed(Seen),
    Panicked(Panicked),
    Stopped(StopReason),
}

/// The outcome of a call.
#[derive(Debug)]
pub(crate) struct Report {
    /// The results in input order.
    pub(crate) results: Vec<Seen>,
    /// Results behind a gap, with their indices.
    pub(crate) out_of_order: Vec<(usize, Seen)>,
    pub(crate) end: End,
}

/// A result of an item.
pub(crate) trait See {
    /// Returns the number of counted values in the result.
    fn values(&self) -> usize;

    fn see(self) -> Seen;
}

impl See for Counted {
    fn values(&self) -> usize {
        1
    }

    fn see(self) -> Seen {
        Seen::Value(self.value)
    }
}

impl See for Option<Counted> {
    fn values(&self) -> usize {
        usize::from(self.is_some())
    }

    fn see(self) -> Seen {
        self.map_or(Seen::Nothing, See::see)
    }
}

impl See for Result<Counted, Counted> {
    fn values(&self) -> usize {
        1
    }

    fn see(self) -> Seen {
        self.map_or_else(|error| Seen::Error(error.value), See::see)
    }
}

impl<T: See> See for Result<T, ItemPanic> {
    fn values(&self) -> usize {
        self.as_ref().map_or(1, See::values)
    }

    fn see(self) -> Seen {
        match self {
            Ok(result) => result.see(),
            Err(panic) => {
                let index = panic.index();
                if panicked(panic.into_payload()) != (Panicked { index, of_input: false }) {
                    fail(&format!("the caught panic of item {index} is another one"));
                }
                Seen::Caught(index)
            }
        }
    }
}

/// Runs `call`, and returns the source of its panic if it panics.
pub(crate) fn caught<R>(call: impl FnOnce() -> R) -> Result<R, Panicked> {
    catch_unwind(AssertUnwindSafe(call)).map_err(panicked)
}

fn panicked(payload: Box<dyn Any + Send>) -> Panicked {
    match payload.downcast::<Thrown>() {
        Ok(thrown) => Panicked { index: thrown.item.index, of_input: thrown.of_input },
        Err(_) => fail("the payload of a panic is not that of an item"),
    }
}
