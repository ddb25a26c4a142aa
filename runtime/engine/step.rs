//! What the result of one item means for the call: go on, or end it.

use std::convert::Infallible;

/// What an item returns, as the engine sees it.
pub trait Step {
    /// The result of the item, which goes into the output.
    type Output: Send;
    /// The value with which the item ends the call.
    type Break: Send;

    /// Returns the result, or the value that ends the call as an error.
    fn step(self) -> Result<Self::Output, Self::Break>;

    /// Collects the results of all items of `input`, up to the first that ends the call.
    ///
    /// This is the serial loop like [`extend`](Self::extend).
    fn collect(input: impl Iterator<Item = Self>) -> Result<Vec<Self::Output>, Self::Break>
    where
        Self: Sized;

    /// Appends the results of all items of `input` to `output`, up to the first that ends the call.
    ///
    /// This is the serial loop: running an item is part of `input.next()`.
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

/// A result that never ends the call.
pub struct Always<R>(pub(crate) R);

impl<R: Send> Step for Always<R> {
    type Output = R;
    type Break = Infallible;

    #[inline]
    fn step(self) -> Result<R, Infallible> {
        Ok(self.0)
    }

    #[inline]
    fn collect(input: impl Iterator<Item = Self>) -> Result<Vec<R>, Infallible> {
        Ok(input.map(|always| always.0).collect())
    }

    #[inline]
    fn extend(output: &mut Vec<R>, input: impl Iterator<Item = Self>) -> Result<(), Infallible> {
        let (min_items, max_items) = input.size_hint();
        let results = input.map(|always| always.0);
        if max_items.is_some() && output.try_reserve(min_items).is_ok() {
            // Faster than pushing the results one by one. If the standard library knows the exact
            // length, `Vec` does not check its capacity for each result.
            output.extend(results);
        } else {
            // `extend` panics at once if the length in the size hint does not fit into memory. The
            // serial loop panics only when memory runs out, and an item may panic before.
            for result in results {
                output.push(result);
            }
        }
        Ok(())
    }
}

/// `Ok` is a result for the output, and `Err` ends the call.
impl<T: Send, B: Send> Step for Result<T, B> {
    type Output = T;
    type Break = B;

    #[inline]
    fn step(self) -> Result<T, B> {
        self
    }

    #[inline]
    fn collect(input: impl Iterator<Item = Self>) -> Result<Vec<T>, B> {
        input.collect()
    }
}
