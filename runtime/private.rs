//! The door through which generated code enters: no part of the public interface, any release may change it.

use crate::drive::{self, Settings};
use crate::item_panic::ItemPanic;
use crate::iter::ParallelIter;
use crate::step::{Attempt, Try};
use crate::stop::{Never, Stop};
use crate::work::Calls;
use crate::yields::{Apply, Optional, PerThread, SkipNone};
use std::marker::PhantomData;

pub use crate::memory::Memory;
pub use crate::product::{Product, Side};
pub use crate::zip::Zip;

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
        F: Apply<T, Output = R> + Sync,
    {
        let mut results = Vec::new();
        match drive::collect(self.0, input.into_iter(), &Calls::new(f, Never, Never::step), &mut results, None) {
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
        F: Apply<T, Output = R> + Sync,
    {
        let mut results = Vec::new();
        let calls = Calls::new(f, Never, |called| Attempt(Never::result(called)));
        let end = drive::collect(self.0, input.into_iter(), &calls, &mut results, None);
        R::from_branch(end.map(|()| results))
    }

    /// As `try_run`, for a function whose success has no value.
    pub fn try_run_unit<T, Argument, R, I, F>(self, input: I, f: F) -> R::Output<()>
    where
        T: Item<Argument>,
        R: Try<Item = (), Break: Output>,
        I: IntoIterator<Item = T, IntoIter: Send>,
        F: Apply<T, Output = R> + Sync,
    {
        let calls = Calls::new(f, Never, |called| Attempt(Never::result(called)));
        let end = drive::collect(self.0, input.into_iter(), &calls, &mut Vec::new(), None);
        R::from_branch(end)
    }

    /// As `run`, without the `None`s.
    pub fn run_some<T, Argument, R, I, F>(self, input: I, f: F) -> Vec<R::Some>
    where
        T: Item<Argument>,
        R: Optional + Output,
        I: IntoIterator<Item = T, IntoIter: Send>,
        F: Apply<T, Output = R> + Sync,
    {
        self.lazy_some(input, f).collect()
    }

    /// As `run`, with panics caught.
    pub fn run_caught<T, Argument, R, I, F>(self, input: I, f: F) -> Vec<Result<R, ItemPanic>>
    where
        T: Item<Argument>,
        R: Output,
        I: IntoIterator<Item = T, IntoIter: Send>,
        F: Apply<T, Output = R> + Sync,
    {
        self.lazy(input, f).catch_panics().collect()
    }

    /// As `run`, without the `None`s and with panics caught.
    pub fn run_some_caught<T, Argument, R, I, F>(self, input: I, f: F) -> Vec<Result<R::Some, ItemPanic>>
    where
        T: Item<Argument>,
        R: Optional + Output,
        I: IntoIterator<Item = T, IntoIter: Send>,
        F: Apply<T, Output = R> + Sync,
    {
        self.lazy_some(input, f).catch_panics().collect()
    }

    /// What the lazy twin returns; nothing runs yet. It asks for nothing that `run` asks for too: a mistake would be reported twice.
    #[inline]
    pub fn lazy<T, R, I, F>(self, input: I, f: F) -> ParallelIter<I::IntoIter, F>
    where
        I: IntoIterator<Item = T>,
        F: Apply<T, Output = R>,
    {
        ParallelIter::new(self.0, input.into_iter(), f)
    }

    /// As `lazy`, without the `None`s. That the results are options, `run_some` asks for.
    #[inline]
    pub fn lazy_some<T, R, I, F>(self, input: I, f: F) -> ParallelIter<I::IntoIter, F, SkipNone>
    where
        I: IntoIterator<Item = T>,
        F: Apply<T, Output = R>,
    {
        ParallelIter::new(self.0, input.into_iter(), f)
    }
}

/// The function of a lazy twin after a mistake, which is not to be another one for those who call it.
pub struct Stub<R>(PhantomData<fn() -> R>);

impl<T, R> Apply<T> for Stub<R> {
    type Output = R;
    type State = ();
    const KEEPS: bool = false;

    fn state(&self) {}

    fn apply(&self, (): &mut (), _: T) -> R {
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
    fn keep_for_calls(self) -> Missing<T>;
}

impl<T> OrNever<T> for &Fixed<T> {
    fn keep_for_calls(self) -> Missing<T> {
        Missing(PhantomData)
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
pub struct Missing<T>(PhantomData<fn() -> T>);

impl<T> Missing<T> {
    /// Is never called.
    #[must_use]
    pub fn for_one_call(&self) -> T {
        unreachable!("the crate does not compile")
    }
}

impl<T: Clone> Clone for Kept<T> {
    fn clone(&self) -> Self {
        Kept(self.0.clone())
    }
}

impl<T> Clone for Missing<T> {
    fn clone(&self) -> Self {
        Missing(PhantomData)
    }
}

/// A function with states that `make` makes once for each thread.
#[inline]
pub fn per_thread<T, K, R, M, F>(make: M, f: F) -> PerThread<M, F>
where
    M: Fn() -> K,
    F: Fn(&mut K, T) -> R,
{
    PerThread { make, f }
}

/// What is made for the item of that index.
#[inline]
pub fn for_item<T>(index: usize, make: impl FnOnce(usize) -> T) -> T {
    make(index)
}

/// An item of a product, which is used with each of the others, `Argument` being named like the mapped argument.
#[diagnostic::on_unimplemented(
    message = "the items of the mapped argument `{Argument}` cannot be cloned",
    label = "`{Self}` is not `Clone`",
    note = "in a product, each item is used with every item of the others"
)]
pub trait Again<Argument>: Sized {
    /// Another of it.
    #[must_use]
    fn again(&self) -> Self;
}

impl<T: Clone, Argument> Again<Argument> for T {
    #[inline]
    fn again(&self) -> Self {
        self.clone()
    }
}

/// Makes another of an item.
#[inline]
pub fn repeated<T: Again<Argument>, Argument>(item: &T) -> T {
    item.again()
}

/// An item of a product, in the lazy twin: as [`Fixed`] is for a fixed argument.
pub struct Repeated<'item, T>(pub &'item T);

/// Another of an item.
pub trait Repeat<T> {
    /// Makes it.
    fn repeat(&self) -> T;
}

impl<T: Clone> Repeat<T> for Repeated<'_, T> {
    #[inline]
    fn repeat(&self) -> T {
        self.0.clone()
    }
}

/// What is found in place of [`Repeat`] where there is no clone.
pub trait OrNeverRepeat<T> {
    /// Is never called.
    fn repeat(&self) -> T;
}

impl<T> OrNeverRepeat<T> for &Repeated<'_, T> {
    fn repeat(&self) -> T {
        unreachable!("the crate does not compile")
    }
}
