//! Decides what the result of one item means for the call: go on, or end it here.

use std::convert::Infallible;

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

/// What `f` makes of an item, as the engine sees it.
pub trait Step {
    /// What goes into the output.
    type Output: Send;
    /// What ends the call.
    type Break: Send;

    fn step(self) -> Result<Self::Output, Self::Break>;

    /// Runs what is left of the input, and nothing else.
    fn extend(output: &mut Vec<Self::Output>, input: impl Iterator<Item = Self>) -> Result<(), Self::Break>
    where
        Self: Sized,
    {
        for step in input {
            output.push(step.step()?);
        }
        Ok(())
    }
}

/// Goes on, whatever the result.
pub struct Always<R>(pub(crate) R);

impl<R: Send> Step for Always<R> {
    type Output = R;
    type Break = Infallible;

    #[inline]
    fn step(self) -> Result<R, Infallible> {
        Ok(self.0)
    }

    #[inline]
    fn extend(output: &mut Vec<R>, input: impl Iterator<Item = Self>) -> Result<(), Infallible> {
        let (least, most) = input.size_hint();
        let results = input.map(|always| always.0);
        if most.is_some() && output.try_reserve(least).is_ok() {
            // Not one by one: `Vec` knows of lengths that can be trusted.
            output.extend(results);
        } else {
            // `extend` makes room for what the hint says at once, and panics if there is none; but an item may end the call before.
            for result in results {
                output.push(result);
            }
        }
        Ok(())
    }
}

/// As it stands: what goes into the output, or what ends the call.
impl<T: Send, B: Send> Step for Result<T, B> {
    type Output = T;
    type Break = B;

    #[inline]
    fn step(self) -> Result<T, B> {
        self
    }
}
