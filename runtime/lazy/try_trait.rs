//! Results that may end a call: `Result` and `Option`.

/// A result that may end the call: [`Result`] and [`Option`].
///
/// With the option `try_collect` of [`parallelize`](macro@crate::parallelize), the twin of a function that returns `R: Try` returns
/// `R::Output<Vec<R::Item>>`, as [`Iterator::collect`] makes of the loop's results: `Result<Vec<T>, E>` for `Result<T, E>`, also where that is
/// written `io::Result<T>`. It is no trait to implement, and no other type has it.
///
/// ```
/// fn first_failure<R: parallelize::Try>(results: impl IntoIterator<Item = R>) -> R::Output<Vec<R::Item>> {
///     R::collect(results)
/// }
///
/// assert_eq!(first_failure(["1", "2"].map(str::parse::<u8>)), Ok(vec![1, 2]));
/// assert_eq!(first_failure([Some(1), None]), None);
/// ```
#[diagnostic::on_unimplemented(
    message = "`try_collect` needs a function that returns a `Result` or an `Option`",
    label = "`{Self}` is neither",
    note = "without `try_collect`, the twin returns all results, whatever they are"
)]
pub trait Try: sealed::Sealed + Sized {
    /// What goes on: the `T` of `Result<T, E>` and of `Option<T>`.
    type Item;

    /// What ends the call: the `E` of `Result<T, E>`, or nothing.
    type Break;

    /// The same with another type in place of the item.
    type Output<C>;

    /// Takes it apart.
    #[doc(hidden)]
    fn branch(self) -> Result<Self::Item, Self::Break>;

    /// Puts it together.
    #[doc(hidden)]
    fn from_branch<C>(branch: Result<C, Self::Break>) -> Self::Output<C>;

    /// What a loop over `results` collects, up to the first failure.
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

mod sealed {
    pub trait Sealed {}
    impl<T, E> Sealed for Result<T, E> {}
    impl<T> Sealed for Option<T> {}
}
