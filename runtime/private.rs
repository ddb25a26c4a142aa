//! The private API for generated code. It is not public, and any release may change it.

#[cfg(feature = "checkpoint")]
use crate::checkpoint::checkpoint::Checkpoint;
use crate::concurrent::concurrent_iter::ConcurrentIter;
use crate::engine::drive;
use crate::engine::retain::Retain;
use crate::engine::settings::Settings;
use crate::input::split::Input;
use crate::lazy::apply::{Apply, PerThread};
use crate::lazy::calls::Calls;
use crate::lazy::item_panic::ItemPanic;
use crate::lazy::item_token::{Cancellable, ItemToken};
#[cfg(feature = "checkpoint")]
use crate::lazy::kept::Checkpointed;
use crate::lazy::parallel_iter::ParallelIter;
#[cfg(feature = "checkpoint")]
use crate::lazy::stop::Stops;
use crate::lazy::stop::{Never, Stop};
use crate::lazy::try_trait::Try;
#[cfg(feature = "progress")]
use crate::lazy::watched::Watched;
use crate::lazy::yields::{Optional, SkipNone};
#[cfg(feature = "progress")]
use crate::report::progress::Progress;

#[cfg(rust_analyzer)]
#[path = "options.rs"]
pub mod options;

pub use crate::arguments::*;
pub use crate::async_arguments::*;
pub use crate::async_results::*;
#[cfg(feature = "checkpoint")]
pub use crate::checkpoint::key::SweepKey;
#[cfg(feature = "checkpoint")]
pub use crate::checkpoint_arguments::*;
#[cfg(feature = "distributed")]
pub use crate::distributed_arguments::*;
#[cfg(feature = "distributed")]
pub use crate::distributed_bytes::*;
#[cfg(feature = "distributed")]
pub use crate::distributed_chunks::*;
pub use crate::engine::memory::Memory;
pub use crate::evidence::*;
pub use crate::input::indexed::Indexed;
pub use crate::input::product::{Product, Side};
pub use crate::input::zip::Zip;
pub use std::vec::{self, Vec};

/// What a crate needs that brings another transport between processes.
#[cfg(feature = "distributed")]
pub mod cluster {
    pub use crate::distributed::cluster::drive;
    pub use crate::distributed::serve::serve;
    pub use crate::distributed::transport::{Event, Letter, Transport};
}

/// A call of a generated function, before it runs.
#[must_use]
pub struct Call(Settings);

impl Call {
    /// Creates a call of the function that `memory` belongs to.
    #[inline]
    pub fn new(memory: &'static Memory) -> Self {
        Call(Settings::new(memory))
    }

    /// Limits the call to `threads` threads, including the calling thread.
    ///
    /// # Panics
    ///
    /// If `threads` is 0, with the location of the code that calls the generated function.
    #[track_caller]
    pub fn threads(mut self, threads: usize) -> Self {
        self.0 = self.0.threads(threads);
        self
    }

    /// Runs `f` for every item of `input`, and returns the results in input order.
    ///
    /// The macro writes out the first type arguments. An item or a result that is not `Send` is
    /// therefore a single error, at the type in the signature.
    #[inline]
    pub fn run<T, Argument, R, I, F>(self, input: Input<I>, f: F) -> Vec<R>
    where
        T: Item<Argument>,
        R: Output,
        I: Iterator<Item = T> + Send,
        F: Apply<T, Output = R> + Sync,
    {
        let mut results = Vec::new();
        let mut settings = self.0;
        let calls = Calls::begin(&mut settings, f, Never, Never::step);
        match drive::collect(settings, input, &calls, &mut results, Retain::Nothing) {
            Ok(()) => results,
            Err(never) => match never {},
        }
    }

    /// Like `run`, but collects the values, or returns the first error in input order.
    pub fn try_run<T, Argument, R, I, F>(self, input: Input<I>, f: F) -> R::Output<Vec<R::Item>>
    where
        T: Item<Argument>,
        R: Try<Item: Output, Break: Output>,
        I: Iterator<Item = T> + Send,
        F: Apply<T, Output = R> + Sync,
    {
        let mut results = Vec::new();
        let mut settings = self.0;
        let calls = Calls::begin(&mut settings, f, Never, |called| R::branch(Never::result(called)));
        let end = drive::collect(settings, input, &calls, &mut results, Retain::Nothing);
        R::from_branch(end.map(|()| results))
    }

    /// Like `try_run`, for a function that returns `Result<(), E>` or `Option<()>`.
    pub fn try_run_unit<T, Argument, R, I, F>(self, input: Input<I>, f: F) -> R::Output<()>
    where
        T: Item<Argument>,
        R: Try<Item = (), Break: Output>,
        I: Iterator<Item = T> + Send,
        F: Apply<T, Output = R> + Sync,
    {
        let mut settings = self.0;
        let calls = Calls::begin(&mut settings, f, Never, |called| R::branch(Never::result(called)));
        let end = drive::collect(settings, input, &calls, &mut Vec::new(), Retain::Nothing);
        R::from_branch(end)
    }

    /// Like `run`, but leaves out each `None`.
    pub fn run_some<T, Argument, R, I, F>(self, input: Input<I>, f: F) -> Vec<R::Some>
    where
        T: Item<Argument>,
        R: Optional + Output,
        I: Iterator<Item = T> + Send,
        F: Apply<T, Output = R> + Sync,
    {
        self.lazy_some(input, f).collect()
    }

    /// Like `run`, but catches panics.
    pub fn run_caught<T, Argument, R, I, F>(self, input: Input<I>, f: F) -> Vec<Result<R, ItemPanic>>
    where
        T: Item<Argument>,
        R: Output,
        I: Iterator<Item = T> + Send,
        F: Apply<T, Output = R> + Sync,
    {
        self.lazy(input, f).catch_panics().collect()
    }

    /// Like `run`, but leaves out each `None` and catches panics.
    pub fn run_some_caught<T, Argument, R, I, F>(self, input: Input<I>, f: F) -> Vec<Result<R::Some, ItemPanic>>
    where
        T: Item<Argument>,
        R: Optional + Output,
        I: Iterator<Item = T> + Send,
        F: Apply<T, Output = R> + Sync,
    {
        self.lazy_some(input, f).catch_panics().collect()
    }

    /// Creates the lazy call that the lazy version returns.
    ///
    /// Lacks the `Send` and `Sync` bounds of `run`, because the compiler would report each mistake
    /// twice.
    #[inline]
    pub fn lazy<T, R, I, F>(self, input: Input<I>, f: F) -> ParallelIter<I, F>
    where
        I: Iterator<Item = T>,
        F: Apply<T, Output = R>,
    {
        ParallelIter::new(self.0, input, f)
    }

    /// Like `lazy`, but leaves out each `None`. Only `run_some` requires that the results are
    /// options.
    #[inline]
    pub fn lazy_some<T, R, I, F>(self, input: Input<I>, f: F) -> ParallelIter<I, F, SkipNone>
    where
        I: Iterator<Item = T>,
        F: Apply<T, Output = R>,
    {
        ParallelIter::new(self.0, input, f)
    }
}

/// A call of the generated functions of an async function, before it runs.
#[must_use]
pub struct AsyncCall {
    function: &'static str,
}

impl AsyncCall {
    /// Creates a call of the function with this path.
    #[inline]
    pub fn new(function: &'static str) -> Self {
        AsyncCall { function }
    }

    /// Creates the calls that the lazy version returns, and that the parallel function collects.
    #[inline]
    pub fn lazy<T, Fut, I, F>(self, input: Input<I>, f: F) -> ConcurrentIter<I, F>
    where
        I: Iterator<Item = T>,
        F: Apply<T, Output = Fut, State = ()>,
        Fut: Future,
    {
        ConcurrentIter::new(self.function, input.items, f)
    }

    /// Like `lazy`, but leaves out each `None`. Does not require that the results are options,
    /// because the compiler would report each mistake twice.
    #[inline]
    pub fn lazy_some<T, Fut, I, F>(self, input: Input<I>, f: F) -> ConcurrentIter<I, F, SkipNone>
    where
        I: Iterator<Item = T>,
        F: Apply<T, Output = Fut, State = ()>,
        Fut: Future,
    {
        self.lazy(input, f).yielding()
    }
}

#[cfg(feature = "checkpoint")]
impl<R> Checkpointed for Stub<R> {
    fn keep(&mut self, _: &Checkpoint, _: &mut Stops) {
        unreachable!("the crate does not compile")
    }
}

/// Creates a function with a state per thread, which `create` creates.
#[inline]
pub fn per_thread<T, K, R, C, F>(create: C, f: F) -> PerThread<C, F>
where
    C: Fn() -> K,
    F: Fn(&mut K, T) -> R,
{
    PerThread { create, f }
}

/// Creates a function whose items have tokens, with a state per thread. Without `HAS_STATE`, the
/// state is `()`.
#[inline]
pub fn cancellable<const HAS_STATE: bool, T, K, R, C, F>(create: C, f: F) -> Cancellable<C, F, HAS_STATE>
where
    C: Fn() -> K,
    F: Fn(&mut K, &ItemToken, (usize, T)) -> R,
{
    Cancellable::new(create, f)
}

/// Returns the input iterator, and `f` wrapped so that a progress bar counts its items.
#[cfg(feature = "progress")]
pub fn watch<T, R, I, F>(progress: impl Into<Progress>, input: Input<I>, f: F) -> (Input<I>, Watched<F>)
where
    I: Iterator<Item = T>,
    F: Apply<T, Output = R>,
{
    let f = Watched::new(progress.into(), &input.items, f);
    (input, f)
}

/// Creates a `per_item` argument of the item with this index.
#[inline]
pub fn for_item<T>(index: usize, create: impl FnOnce(usize) -> T) -> T {
    create(index)
}
