//! Decides what the result of one item means for the call: go on, or end it here.

use std::convert::Infallible;

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
