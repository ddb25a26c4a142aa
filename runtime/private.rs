//! The door through which generated code enters: no part of the public interface, any release may change it.

use crate::drive::{self, Settings};
use crate::step::{Always, Attempt, Try};

pub use crate::memory::Memory;

/// A call of a twin, before it runs.
#[must_use]
pub struct Call<'call>(Settings<'call>);

impl<'call> Call<'call> {
    /// A call of the function that `memory` is of.
    #[inline]
    pub fn new(memory: &'call Memory) -> Self {
        Call(Settings { memory, threads: None })
    }

    /// At most `threads` threads work on the call, the caller counted.
    ///
    /// # Panics
    ///
    /// If `threads` is 0, at the caller of the twin.
    #[track_caller]
    pub fn threads(mut self, threads: usize) -> Self {
        assert!(threads > 0, "`threads` is 0, and the caller alone is 1");
        self.0.threads = Some(threads);
        self
    }

    /// Runs `f` for every item of `input`, and returns the results in its order.
    ///
    /// The types that the macro writes out come first: so an item or a result that is not `Send` is one error, at the type in the signature.
    #[inline]
    pub fn run<T, Argument, R, I, F>(self, input: I, f: F) -> Vec<R>
    where
        T: Item<Argument>,
        R: Output,
        I: IntoIterator<Item = T, IntoIter: Send>,
        F: Fn(T) -> R + Sync,
    {
        match drive::collect(self.0, input.into_iter(), &move |item| Always(f(item))) {
            Ok(results) => results,
            Err(never) => match never {},
        }
    }

    /// As `run`, up to the first failure in the order of the input.
    pub fn try_run<T, Argument, R, I, F>(self, input: I, f: F) -> R::Output<Vec<R::Item>>
    where
        T: Item<Argument>,
        R: Try<Item: Output, Break: Output>,
        I: IntoIterator<Item = T, IntoIter: Send>,
        F: Fn(T) -> R + Sync,
    {
        R::from_branch(drive::collect(self.0, input.into_iter(), &move |item| Attempt(f(item))))
    }

    /// As `try_run`, for a function whose success has no value.
    pub fn try_run_unit<T, Argument, R, I, F>(self, input: I, f: F) -> R::Output<()>
    where
        T: Item<Argument>,
        R: Try<Item = (), Break: Output>,
        I: IntoIterator<Item = T, IntoIter: Send>,
        F: Fn(T) -> R + Sync,
    {
        R::from_branch(drive::collect(self.0, input.into_iter(), &move |item| Attempt(f(item))).map(drop))
    }
}

/// What the mapped argument is for one call, `Argument` being named like it.
#[diagnostic::on_unimplemented(
    message = "the items of the mapped argument `{Argument}` cannot be sent between threads",
    label = "`{Self}` is not `Send`",
    note = "an item is pulled from the input on one thread and may be used on another"
)]
pub trait Item<Argument>: Send {}

impl<T: Send, Argument> Item<Argument> for T {}

/// What one call returns.
#[diagnostic::on_unimplemented(
    message = "the results of this function cannot be sent between threads",
    label = "`{Self}` is not `Send`",
    note = "a result is made on one of several threads and returned on the one that called the twin"
)]
pub trait Output: Send {}

impl<R: Send> Output for R {}

/// A fixed argument that is passed by reference, `Argument` being named like it.
#[diagnostic::on_unimplemented(
    message = "the fixed argument `{Argument}` cannot be shared between threads",
    label = "`{Self}` is not `Sync`",
    note = "an argument that stays fixed is used by several threads at the same time"
)]
pub trait Shared<Argument> {}

impl<T: Sync + ?Sized, Argument> Shared<Argument> for T {}

/// Passes a reference on.
#[inline]
pub fn shared<T: Shared<Argument> + ?Sized, Argument>(value: &T) -> &T {
    value
}

/// A fixed argument that is passed by value, `Argument` being named like it.
#[diagnostic::on_unimplemented(
    message = "the fixed argument `{Argument}` cannot be cloned, or cannot be shared between threads",
    label = "`{Self}` is not `Clone + Sync`",
    note = "an argument that stays fixed is used by several threads at the same time, and by value each call gets a clone of it",
    note = "where a clone is impossible or dear, take the argument by reference"
)]
pub trait Cloned<Argument>: Sized {
    /// A clone for one call.
    #[must_use]
    fn cloned(&self) -> Self;
}

impl<T: Clone + Sync, Argument> Cloned<Argument> for T {
    #[inline]
    fn cloned(&self) -> Self {
        self.clone()
    }
}

/// Makes the value for one call.
#[inline]
pub fn cloned<T: Cloned<Argument>, Argument>(value: &T) -> T {
    value.cloned()
}
