//! The requirements on arguments and results of functions with the option `distributed`, and what
//! generated code writes for them.
//!
//! `Argument` is a type of the generated code with the name of the parameter, which messages show.

use crate::arguments::{NoItems, Stub};
use crate::distributed::dispatch::Dispatch;
use crate::input::split::Input;
use crate::lazy::apply::Apply;
use crate::lazy::courier::Shipping;
use crate::lazy::distributed::{Distributed, distribute};
use crate::lazy::spread::Spread;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::marker::PhantomData;

pub use crate::distributed::registry::{Entry, Function, Job, PARALLELIZE_FUNCTIONS_0_1};
pub use crate::distributed::wire::{Decode, Encode, Receive, WireError};
pub use linkme;

/// The requirement on an argument: other processes get it as bytes.
#[diagnostic::on_unimplemented(
    message = "the parameter `{Argument}` cannot be sent to other processes",
    label = "`{Self}` does not implement `serde::Serialize` and `serde::Deserialize`",
    note = "derive both for the type, and for the types of its fields"
)]
pub trait Shipped<Argument> {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + Receive<Owned: DeserializeOwned> + ?Sized, Argument> Shipped<Argument> for T {}

/// The requirement on a result: it comes back from other processes as bytes.
#[diagnostic::on_unimplemented(
    message = "the results of this function cannot be sent back from other processes",
    label = "`{Self}` does not implement `serde::Serialize` and `serde::Deserialize`",
    note = "derive both for the type, and for the types of its fields",
    note = "an error type must implement both as well: return its message, or an error type of your own"
)]
pub trait ShippedBack {}

#[diagnostic::do_not_recommend]
impl<R: Serialize + DeserializeOwned> ShippedBack for R {}

/// The requirement on a value of `per_thread`: another thread of a process may get it for the next
/// chunk.
#[diagnostic::on_unimplemented(
    message = "the value of `per_thread` for the parameter `{Argument}` cannot be sent between threads",
    label = "`{Self}` is not `Send`",
    note = "with `distributed` a process keeps the values of `per_thread` for its next items, where another thread may get them",
    note = "write `Arc` instead of `Rc`"
)]
pub trait KeptState<Argument>: Send {}

#[diagnostic::do_not_recommend]
impl<K: Send, Argument> KeptState<Argument> for K {}

/// Checks the type of a parameter; of a reference, the type behind it.
#[inline]
pub fn shipped<T: Shipped<Argument> + ?Sized, Argument>() {}

/// The requirement on a value that threads share and that arrives in another process, where any of
/// them may drop it.
#[diagnostic::on_unimplemented(
    message = "the parameter `{Argument}` cannot be sent to a thread of another process",
    label = "`{Self}` is not `Send`",
    note = "with `distributed` another process gets a value of its own, which any of its threads may drop"
)]
pub trait SentToThreads<Argument> {}

#[diagnostic::do_not_recommend]
impl<T: Send + ?Sized, Argument> SentToThreads<Argument> for T {}

/// Whether threads can share a value of type `T`.
pub struct SharingOf<T: ?Sized>(PhantomData<fn(&T)>);

impl<T: ?Sized> SharingOf<T> {
    /// Creates the description of the type.
    #[inline]
    #[must_use]
    #[allow(clippy::new_without_default)] // Only for generated code.
    pub fn new() -> Self {
        SharingOf(PhantomData)
    }
}

/// Threads can share the value.
pub struct Shares;

impl Shares {
    /// Checks the type of a parameter; of a reference, the type behind it.
    #[inline]
    pub fn sent_to_threads<T: SentToThreads<Argument> + ?Sized, Argument>(self) {}
}

/// Threads cannot share the value, which is reported already.
pub struct SharesNothing;

impl SharesNothing {
    /// Checks nothing, because it would be a second error.
    #[inline]
    pub fn sent_to_threads<T: ?Sized, Argument>(self) {}
}

/// The answer for types that threads can share.
pub trait IsShared {
    /// Returns what checks the type.
    fn __sharing(&self) -> Shares {
        Shares
    }
}

impl<T: Sync + ?Sized> IsShared for SharingOf<T> {}

/// The answer for all other types.
pub trait OrNotShared {
    /// Returns what checks nothing.
    fn __sharing(&self) -> SharesNothing {
        SharesNothing
    }
}

impl<T: ?Sized> OrNotShared for &SharingOf<T> {}

/// Checks the type of the results.
#[inline]
pub fn shipped_back<R: ShippedBack>() {}

/// Checks the type of a value of `per_thread`.
#[inline]
pub fn kept_state<K: KeptState<Argument>, Argument>() {}

/// Takes the other processes of the run for a call, or returns `None` if there are none, or if
/// another call has them.
///
/// # Panics
///
/// If the program runs in several processes and `main` does not begin with a guard.
#[inline]
#[track_caller]
#[must_use]
pub fn take_processes() -> Option<Dispatch> {
    Dispatch::take()
}

/// Names the argument that could not be encoded or decoded.
///
/// # Errors
///
/// That of the argument.
pub fn of_argument<T>(result: Result<T, WireError>, name: &str) -> Result<T, WireError> {
    result.map_err(|WireError(reason)| {
        WireError(format!("the argument `{name}` cannot be sent to other processes: {reason}"))
    })
}

/// Creates the input and the function of a call whose items may run in other processes.
///
/// `fixed` returns the bytes of the fixed arguments. `processes` are those that the call has taken
/// already, if it has.
#[allow(clippy::type_complexity)] // All parts are types of the crate.
pub fn distributed<T, R, I, K, F>(
    function: Function<'static>,
    encode: Encode<T>,
    decode: Decode<R>,
    fixed: K,
    input: Input<I>,
    f: F,
    processes: Option<Dispatch>,
) -> (Spread<I, T, R>, Distributed<K, F, T, R>)
where
    I: Iterator<Item = T>,
    F: Apply<T, Output = R>,
    K: Fn() -> Result<Vec<u8>, WireError>,
{
    distribute(function, Shipping { encode, decode }, fixed, input, f, processes)
}

/// Returns the input of a call whose items may run in other processes.
pub fn spread_input<I: Iterator>(items: I) -> Input<I> {
    Input::unknown(items)
}

/// The items of type `T` and the results of type `R` of a call whose items may run in other
/// processes.
pub struct SpreadOf<T, R>(PhantomData<fn() -> (T, R)>);

impl<T, R> SpreadOf<T, R> {
    /// Creates the description of the types.
    #[inline]
    #[must_use]
    #[allow(clippy::new_without_default)] // Only for generated code.
    pub fn new() -> Self {
        SpreadOf(PhantomData)
    }
}

/// Passing on items and results that are `Send`.
pub trait PassSpread {
    /// Returns the input and the function.
    fn __pass_spread<I: Iterator, F>(&self, items: I, f: F) -> (Input<I>, F);
}

impl<T: Send, R: Send> PassSpread for SpreadOf<T, R> {
    fn __pass_spread<I: Iterator, F>(&self, items: I, f: F) -> (Input<I>, F) {
        (spread_input(items), f)
    }
}

/// The fallback for types that are not `Send`, which are reported already.
pub trait OrNoSpread<R> {
    /// Never runs.
    fn __pass_spread<I, F>(&self, items: I, f: F) -> (Input<NoItems<()>>, Stub<R>);
}

impl<T, R> OrNoSpread<R> for &SpreadOf<T, R> {
    fn __pass_spread<I, F>(&self, _: I, _: F) -> (Input<NoItems<()>>, Stub<R>) {
        unreachable!("the crate does not compile")
    }
}
