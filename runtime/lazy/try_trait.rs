//! Results that may end a call: `Result`, `Option` and `ControlFlow`.

use std::ops::ControlFlow;

/// A result that may end a call: [`Result`], [`Option`] or [`ControlFlow`].
///
/// If the annotated function returns `R`, and the option `try_collect` of
/// [`parallelize`](macro@crate::parallelize) is set, the parallel function returns
/// `R::Output<Vec<R::Item>>`. For `Result<T, E>` this is `Result<Vec<T>, E>`, and for `Option<T>`
/// it is `Option<Vec<T>>`. A type alias such as `io::Result<T>` works as well. The closures of
/// [`try_for_each`](crate::ParallelIter::try_for_each) and its relatives return such types, too.
///
/// No other type implements this trait, and you cannot implement it.
///
/// # Examples
///
/// ```
/// use parallelize::Try;
///
/// fn first_failure<R: Try>(results: Vec<R>) -> R::Output<Vec<R::Item>> {
///     R::collect(results)
/// }
///
/// let numbers = vec!["1".parse::<u8>(), "2".parse::<u8>()];
/// assert_eq!(first_failure(numbers), Ok(vec![1, 2]));
/// assert_eq!(first_failure(vec![Some(1), None]), None);
/// ```
#[diagnostic::on_unimplemented(
    message = "`try_collect` needs a function that returns a `Result`, an `Option` or a `ControlFlow`",
    label = "`{Self}` is none of them",
    note = "without `try_collect`, the parallel function returns the results of all items"
)]
pub trait Try: sealed::Sealed + Sized {
    /// The value of a success: the `T` of `Result<T, E>` or `Option<T>`, the `C` of
    /// `ControlFlow<B, C>`.
    type Item;

    /// The value that ends the call: the `E` of `Result<T, E>`, the `B` of `ControlFlow<B, C>`, or
    /// `()` for a `None`.
    type Break;

    /// The same type with the value `C` instead of `Item`: `Result<C, E>` or `Option<C>`.
    type Output<C>;

    /// Converts to a `Result`.
    #[doc(hidden)]
    fn branch(self) -> Result<Self::Item, Self::Break>;

    /// Converts from a `Result`.
    #[doc(hidden)]
    fn from_branch<C>(branch: Result<C, Self::Break>) -> Self::Output<C>;

    /// Collects the values of `results`, or returns the first error.
    ///
    /// Pulls nothing from `results` after an error, like [`Iterator::collect`].
    fn collect(results: impl IntoIterator<Item = Self>) -> Self::Output<Vec<Self::Item>> {
        Self::from_branch(results.into_iter().map(Self::branch).collect())
    }
}

impl<T, E> Try for Result<T, E> {
    type Item = T;
    type Break = E;
    type Output<C> = Result<C, E>;

    #[inline]
    fn branch(self) -> Result<T, E> {
        self
    }

    fn from_branch<C>(branch: Result<C, E>) -> Result<C, E> {
        branch
    }
}

impl<T> Try for Option<T> {
    type Item = T;
    type Break = ();
    type Output<C> = Option<C>;

    #[inline]
    fn branch(self) -> Result<T, ()> {
        self.ok_or(())
    }

    fn from_branch<C>(branch: Result<C, ()>) -> Option<C> {
        branch.ok()
    }
}

impl<B, C> Try for ControlFlow<B, C> {
    type Item = C;
    type Break = B;
    type Output<D> = ControlFlow<B, D>;

    #[inline]
    fn branch(self) -> Result<C, B> {
        match self {
            ControlFlow::Continue(value) => Ok(value),
            ControlFlow::Break(value) => Err(value),
        }
    }

    fn from_branch<D>(branch: Result<D, B>) -> ControlFlow<B, D> {
        match branch {
            Ok(value) => ControlFlow::Continue(value),
            Err(value) => ControlFlow::Break(value),
        }
    }
}

mod sealed {
    use std::ops::ControlFlow;

    pub trait Sealed {}
    impl<B, C> Sealed for ControlFlow<B, C> {}
    impl<T, E> Sealed for Result<T, E> {}
    impl<T> Sealed for Option<T> {}
}
