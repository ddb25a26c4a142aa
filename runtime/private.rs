//! The door through which generated code enters: no part of the public interface, any release may change it.

use crate::drive;

/// Runs `f` for every item of `input`, and returns the results in its order.
///
/// `T` and `R` come first and are written out by the macro: so an item or a result that is not `Send` is one error.
pub fn run<T, R, I, F>(input: I, f: F) -> Vec<R>
where
    T: Send,
    R: Send,
    I: IntoIterator<Item = T, IntoIter: Send>,
    F: Fn(T) -> R + Sync,
{
    drive::collect(input.into_iter(), &f)
}

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
