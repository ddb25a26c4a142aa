//! The requirements on arguments, results and futures of async functions, with the messages for
//! those that do not meet them.
//!
//! A future is `Send` if everything that it holds is. `Argument` is a type of the generated code
//! with the name of the parameter, which messages show.

use crate::arguments::Cloned;
use crate::lazy::apply::Apply;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

/// The requirement on an item.
#[diagnostic::on_unimplemented(
    message = "the items of the mapped parameter `{Argument}` cannot be sent between threads",
    label = "`{Self}` is not `Send`",
    note = "an executor may move a future, and the items that it holds, to another thread",
    note = "write `Arc` instead of `Rc`, or add `local` to the attribute for futures that stay on one thread"
)]
pub trait SentItem<Argument>: Send {}

#[diagnostic::do_not_recommend]
impl<T: Send, Argument> SentItem<Argument> for T {}

/// Checks the items of a call.
#[inline]
pub fn sent_item<T: SentItem<Argument>, Argument>() {}

/// The requirement on a result.
#[diagnostic::on_unimplemented(
    message = "the results of this function cannot be sent between threads",
    label = "`{Self}` is not `Send`",
    note = "an executor may move a future, and the results that it holds, to another thread",
    note = "an error type must be `Send` as well: write `Box<dyn Error + Send + Sync>` instead of `Box<dyn Error>`",
    note = "write `Arc` instead of `Rc`, or add `local` to the attribute for futures that stay on one thread"
)]
pub trait SentResult: Send {}

#[diagnostic::do_not_recommend]
impl<R: Send> SentResult for R {}

/// Checks the results of a call.
#[inline]
pub fn sent_result<R: SentResult>() {}

/// The requirement on a fixed argument that is a reference to `Self`: several futures hold it.
#[diagnostic::on_unimplemented(
    message = "the fixed parameter `{Argument}` cannot be shared between threads",
    label = "`{Self}` is not `Sync`",
    note = "an executor may move a future, and the references that it holds, to another thread",
    note = "write `Arc` instead of `Rc`, and an atomic or a `Mutex` instead of `Cell` and `RefCell`",
    note = "or add `local` to the attribute for futures that stay on one thread"
)]
pub trait SharedByFutures<Argument> {}

#[diagnostic::do_not_recommend]
impl<T: Sync + ?Sized, Argument> SharedByFutures<Argument> for T {}

/// Passes a reference on.
#[inline]
pub fn shared_by_futures<T: SharedByFutures<Argument> + ?Sized, Argument>(value: &T) -> &T {
    value
}

/// The requirement on a fixed argument by value, in addition to [`Cloned`]: each future owns a
/// clone.
#[diagnostic::on_unimplemented(
    message = "the fixed parameter `{Argument}` cannot be sent between threads",
    label = "`{Self}` is not `Send`",
    note = "an executor may move a future, and the arguments that it holds, to another thread",
    note = "write `Arc` instead of `Rc`, or add `local` to the attribute for futures that stay on one thread"
)]
pub trait SentArgument<Argument> {}

#[diagnostic::do_not_recommend]
impl<T: Send, Argument> SentArgument<Argument> for T {}

/// The requirement on a value that is created for each item: its future holds it.
#[diagnostic::on_unimplemented(
    message = "the values of the parameter `{Argument}`, which are created for each item, cannot be sent between threads",
    label = "`{Self}` is not `Send`",
    note = "an executor may move a future, and the values that it holds, to another thread",
    note = "create a value of another type, such as `StdRng` instead of `ThreadRng`",
    note = "or add `local` to the attribute for futures that stay on one thread"
)]
pub trait SentCreated<Argument>: Send {}

#[diagnostic::do_not_recommend]
impl<T: Send, Argument> SentCreated<Argument> for T {}

/// Checks the values that are created for each item.
#[inline]
pub fn sent_created<T: SentCreated<Argument>, Argument>() {}

/// Returns the value for one call.
#[inline]
pub fn cloned_sent<T: SentArgument<Argument> + Cloned<Argument>, Argument>(value: &T) -> T {
    value.cloned()
}

/// Returns the value for one call, whose future stays on its thread.
#[inline]
pub fn cloned_here<T: Cloned<Argument>, Argument>(value: &T) -> T {
    value.cloned()
}

/// The futures of an async function `F` of items `T`, and the types `A` of its arguments and of its
/// result.
///
/// "Not `Send`" would be an error of the eager function, of the lazy version, and of the argument
/// that causes it. It must be one. So a type in `A` that is not `Send` is reported alone, at the
/// type. If all of them are `Send`, only the eager function reports a future that is not. After
/// such a mistake, both functions go on with futures that never run and are always `Send`.
pub struct Futures<A, T, F>(PhantomData<fn(A, T, F)>);

impl<A, T, F> Futures<A, T, F> {
    /// Describes the futures of `f`.
    #[inline]
    #[must_use]
    pub fn of(_: &F) -> Self {
        Futures(PhantomData)
    }
}

/// Reporting a future that is not `Send`.
pub trait ReportFuture<T, F> {
    /// Checks the future and its output.
    fn __report_future(&self)
    where
        F: Apply<T, Output: Future<Output: SentResult> + Send>;
}

impl<A: Send, T, F> ReportFuture<T, F> for Futures<A, T, F> {
    #[inline]
    fn __report_future(&self)
    where
        F: Apply<T, Output: Future<Output: SentResult> + Send>,
    {
    }
}

/// The fallback if an argument or the result is not `Send`, which has an error already (autoref
/// specialization).
///
/// Method lookup tries `Futures` first. It reaches `&Futures`, and so this trait, only if there is
/// no [`ReportFuture`] for the types.
pub trait OrReported {
    /// Checks nothing.
    fn __report_future(&self);
}

impl<A, T, F> OrReported for &Futures<A, T, F> {
    fn __report_future(&self) {}
}

/// Passing on what is `Send`.
pub trait PassSent<F> {
    /// Returns the future of all calls.
    fn __pass_future<C>(&self, calls: C) -> C;

    /// Returns the function.
    fn __pass_function(&self, f: F) -> F;
}

impl<A, T, F> PassSent<F> for Futures<A, T, F>
where
    A: Send,
    F: Apply<T, Output: Future<Output: Send> + Send>,
{
    #[inline]
    fn __pass_future<C>(&self, calls: C) -> C {
        calls
    }

    #[inline]
    fn __pass_function(&self, f: F) -> F {
        f
    }
}

/// The fallback for futures that are not `Send`, as [`OrReported`] is for [`ReportFuture`].
pub trait OrNeverSent<F, R> {
    /// Drops the future of all calls.
    fn __pass_future<C: Future>(&self, calls: C) -> NeverFuture<C::Output>;

    /// Drops the function.
    fn __pass_function(&self, f: F) -> NeverFutures<R>;
}

impl<A, T, F, R> OrNeverSent<F, R> for &Futures<A, T, F>
where
    F: Apply<T, Output: Future<Output = R>>,
{
    fn __pass_future<C: Future>(&self, _: C) -> NeverFuture<C::Output> {
        NeverFuture::new()
    }

    fn __pass_function(&self, _: F) -> NeverFutures<R> {
        NeverFutures(PhantomData)
    }
}

/// A future in code that does not compile.
pub struct NeverFuture<R>(PhantomData<fn() -> R>);

impl<R> NeverFuture<R> {
    pub(crate) fn new() -> Self {
        NeverFuture(PhantomData)
    }
}

impl<R> Future for NeverFuture<R> {
    type Output = R;

    fn poll(self: Pin<&mut Self>, _: &mut Context) -> Poll<R> {
        unreachable!("the crate does not compile")
    }
}

/// An async function in code that does not compile.
pub struct NeverFutures<R>(PhantomData<fn() -> R>);

impl<T, R> Apply<T> for NeverFutures<R> {
    type Output = NeverFuture<R>;
    type State = ();
    const HAS_STATE: bool = false;

    fn state(&self) {}

    fn apply(&self, (): &mut (), _: T) -> NeverFuture<R> {
        unreachable!("the crate does not compile")
    }
}
