//! Panics that are caught, to be resumed in input order or to be ignored.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The payload of a panic.
pub(crate) type Payload = Box<dyn Any + Send>;

/// Runs `work` and catches its panic. What it leaves half done is only dropped, for the panic is resumed in the end.
pub(crate) fn catch<R>(work: impl FnOnce() -> R) -> Result<R, Payload> {
    catch_unwind(AssertUnwindSafe(work))
}

/// Drops what nobody will see; should that panic, it is not the panic of the call.
pub(crate) fn discard<T>(value: T) {
    // Not dropped in turn: the payload of a panic can itself panic when it is.
    std::mem::forget(catch(|| drop(value)));
}
