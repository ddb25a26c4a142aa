//! Catching panics, to resume them in input order or to ignore them.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The payload of a panic.
pub(crate) type Payload = Box<dyn Any + Send>;

/// Runs `work` and catches its panic.
///
/// Unwind safety is asserted. In most cases, what a panic leaves half changed is only dropped,
/// because the panic is resumed in the end. With `catch_panics` it is used again: the documentation
/// of that option says so.
pub(crate) fn catch<R>(work: impl FnOnce() -> R) -> Result<R, Payload> {
    catch_unwind(AssertUnwindSafe(work))
}

/// Drops `value`, and ignores a panic from that, because it is not the panic of the call.
pub(crate) fn discard<T>(value: T) {
    // The payload of the panic is leaked, because dropping it may panic as well.
    std::mem::forget(catch(|| drop(value)));
}

/// Returns the message of a panic, and drops its payload.
#[cfg(feature = "distributed")]
pub(crate) fn message(payload: Payload) -> String {
    let text = payload.downcast_ref::<&str>().map(ToString::to_string);
    let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
    discard(payload);
    text.unwrap_or_else(|| "a panic without a message".to_owned())
}

/// An iterator whose remaining items are discarded when it is dropped.
pub(crate) struct Discarding<I: Iterator>(pub(crate) I);

impl<I: Iterator> Iterator for Discarding<I> {
    type Item = I::Item;

    #[inline]
    fn next(&mut self) -> Option<I::Item> {
        self.0.next()
    }
}

impl<I: Iterator> Drop for Discarding<I> {
    fn drop(&mut self) {
        if std::mem::needs_drop::<I::Item>() {
            self.0.by_ref().for_each(discard);
        }
    }
}
