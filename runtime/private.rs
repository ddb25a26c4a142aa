//! The door through which generated code enters: no part of the public interface, any release may change it.

use crate::engine::drive;
use crate::engine::retain::Retain;
use crate::engine::settings::Settings;
use crate::lazy::apply::{Apply, PerThread};
use crate::lazy::calls::Calls;
use crate::lazy::item_panic::ItemPanic;
use crate::lazy::parallel_iter::ParallelIter;
use crate::lazy::stop::{Never, Stop};
use crate::lazy::try_trait::Try;
#[cfg(feature = "progress")]
use crate::lazy::watched::Watched;
use crate::lazy::yields::{Optional, SkipNone};
#[cfg(feature = "progress")]
use crate::report::progress::Progress;
use std::marker::PhantomData;

#[cfg(rust_analyzer)]
#[path = "options.rs"]
pub mod options;

pub use crate::arguments::*;
pub use crate::engine::memory::Memory;
pub use crate::input::product::{Product, Side};
pub use crate::input::zip::Zip;

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
        match drive::collect(
            self.0,
            input.into_iter(),
            &Calls::new(f, Never, Never::step),
            &mut results,
            Retain::Nothing,
        ) {
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
        let calls = Calls::new(f, Never, |called| R::branch(Never::result(called)));
        let end = drive::collect(self.0, input.into_iter(), &calls, &mut results, Retain::Nothing);
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
        let calls = Calls::new(f, Never, |called| R::branch(Never::result(called)));
        let end = drive::collect(self.0, input.into_iter(), &calls, &mut Vec::new(), Retain::Nothing);
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
    const HAS_STATE: bool = false;

    fn state(&self) {}

    fn apply(&self, (): &mut (), _: T) -> R {
        unreachable!("the crate does not compile")
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

/// An input, and a function of its items whose progress is shown.
#[cfg(feature = "progress")]
pub fn watch<T, R, I, F>(progress: impl Into<Progress>, input: I, f: F) -> (I::IntoIter, Watched<F>)
where
    I: IntoIterator<Item = T>,
    F: Apply<T, Output = R>,
{
    let input = input.into_iter();
    let f = Watched::new(progress.into(), &input, f);
    (input, f)
}

/// What is made for the item of that index.
#[inline]
pub fn for_item<T>(index: usize, make: impl FnOnce(usize) -> T) -> T {
    make(index)
}
