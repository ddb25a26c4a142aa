//! The door through which generated code enters: no part of the public interface, any release may change it.

use crate::drive::{self, Settings};
use crate::item_panic::ItemPanic;
use crate::iter::ParallelIter;
use crate::step::{Always, Attempt, Try};
use crate::yields::{Apply, Optional, SkipNone};
use std::marker::PhantomData;

pub use crate::memory::Memory;

/// A call of a twin, before it runs.
#[must_use]
pub struct Call(Settings);

impl Call {
    /// A call of the function that `memory` is of.
    #[inline]
    pub fn new(memory: &'static Memory) -> Self {
        Call(Settings::new(memory))
    }

    /// At most `threads` threads work on the call, the caller counted.
    ///
    /// # Panics
    ///
    /// If `threads` is 0, at the caller of the twin.
    #[track_caller]
    pub fn threads(mut self, threads: usize) -> Self {
        self.0 = self.0.threads(threads);
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
        let mut results = Vec::new();
        match drive::collect(self.0, input.into_iter(), &move |item| Always(f(item)), &mut results, None) {
            Ok(()) => results,
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
        let mut results = Vec::new();
        let end = drive::collect(self.0, input.into_iter(), &move |item| Attempt(f(item)), &mut results, None);
        R::from_branch(end.map(|()| results))
    }

    /// As `try_run`, for a function whose success has no value.
    pub fn try_run_unit<T, Argument, R, I, F>(self, input: I, f: F) -> R::Output<()>
    where
        T: Item<Argument>,
        R: Try<Item = (), Break: Output>,
        I: IntoIterator<Item = T, IntoIter: Send>,
        F: Fn(T) -> R + Sync,
    {
        let end = drive::collect(self.0, input.into_iter(), &move |item| Attempt(f(item)), &mut Vec::new(), None);
        R::from_branch(end)
    }

    /// As `run`, without the `None`s.
    pub fn run_some<T, Argument, R, I, F>(self, input: I, f: F) -> Vec<R::Some>
    where
        T: Item<Argument>,
        R: Optional + Output,
        I: IntoIterator<Item = T, IntoIter: Send>,
        F: Fn(T) -> R + Sync,
    {
        self.lazy_some(input, f).collect()
    }

    /// As `run`, with panics caught.
    pub fn run_caught<T, Argument, R, I, F>(self, input: I, f: F) -> Vec<Result<R, ItemPanic>>
    where
        T: Item<Argument>,
        R: Output,
        I: IntoIterator<Item = T, IntoIter: Send>,
        F: Fn(T) -> R + Sync,
    {
        self.lazy(input, f).catch_panics().collect()
    }

    /// As `run`, without the `None`s and with panics caught.
    pub fn run_some_caught<T, Argument, R, I, F>(self, input: I, f: F) -> Vec<Result<R::Some, ItemPanic>>
    where
        T: Item<Argument>,
        R: Optional + Output,
        I: IntoIterator<Item = T, IntoIter: Send>,
        F: Fn(T) -> R + Sync,
    {
        self.lazy_some(input, f).catch_panics().collect()
    }

    /// What the lazy twin returns; nothing runs yet. It asks for nothing that `run` asks for too: a mistake would be reported twice.
    #[inline]
    pub fn lazy<T, R, I, F>(self, input: I, f: F) -> ParallelIter<I::IntoIter, F>
    where
        I: IntoIterator<Item = T>,
        F: Fn(T) -> R,
    {
        ParallelIter::new(self.0, input.into_iter(), f)
    }

    /// As `lazy`, without the `None`s. That the results are options, `run_some` asks for.
    #[inline]
    pub fn lazy_some<T, R, I, F>(self, input: I, f: F) -> ParallelIter<I::IntoIter, F, SkipNone>
    where
        I: IntoIterator<Item = T>,
        F: Fn(T) -> R,
    {
        ParallelIter::new(self.0, input.into_iter(), f)
    }
}

/// The function of a lazy twin after a mistake, which is not to be another one for those who call it.
pub struct Stub<R>(PhantomData<fn() -> R>);

impl<T, R> Apply<T> for Stub<R> {
    type Output = R;

    fn apply(&self, _: T) -> R {
        unreachable!("the crate does not compile")
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

/// A fixed argument in the lazy twin. Where it cannot be shared or cloned, the eager twin reports it, and this one is not to.
pub struct Fixed<T>(pub T);

/// Keeps it for the calls.
pub trait Keep<T> {
    /// Makes what can be asked for a value for each call.
    fn keep_for_calls(self) -> Kept<T>;
}

impl<T: Clone + Sync> Keep<T> for Fixed<T> {
    #[inline]
    fn keep_for_calls(self) -> Kept<T> {
        Kept(self.0)
    }
}

/// What is found in place of [`Keep`] where there is no clone: a method of a reference is looked for after one of the value.
pub trait OrNever<T> {
    /// Makes what is never asked.
    fn keep_for_calls(self) -> Never<T>;
}

impl<T> OrNever<T> for &Fixed<T> {
    fn keep_for_calls(self) -> Never<T> {
        Never(PhantomData)
    }
}

/// A fixed argument that a lazy call has kept.
pub struct Kept<T>(T);

impl<T: Clone> Kept<T> {
    /// A clone for one call; of a reference, the reference.
    #[inline]
    #[must_use]
    pub fn for_one_call(&self) -> T {
        self.0.clone()
    }
}

/// A fixed argument that no call gets.
pub struct Never<T>(PhantomData<fn() -> T>);

impl<T> Never<T> {
    /// Is never called.
    #[must_use]
    pub fn for_one_call(&self) -> T {
        unreachable!("the crate does not compile")
    }
}
