//! Decides what the twins ask of arguments and results, and what is said where they are not like that.

use std::marker::PhantomData;

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
pub trait KeepForCalls<T> {
    /// Makes what can be asked for a value for each call.
    fn keep_for_calls(self) -> Kept<T>;
}

impl<T: Clone + Sync> KeepForCalls<T> for Fixed<T> {
    #[inline]
    fn keep_for_calls(self) -> Kept<T> {
        Kept(self.0)
    }
}

/// What is found in place of [`KeepForCalls`] where there is no clone: a method of a reference is looked for after one of the value.
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
