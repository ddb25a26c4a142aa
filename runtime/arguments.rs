//! The requirements on arguments and results, with the messages for those that do not meet them.
//!
//! `Argument` is a type of the generated code with the name of the parameter, which messages show.

use crate::lazy::apply::Apply;
use crate::lazy::item_token::ItemToken;
use std::marker::PhantomData;

/// The requirement on an item.
#[diagnostic::on_unimplemented(
    message = "the items of the mapped parameter `{Argument}` cannot be sent between threads",
    label = "`{Self}` is not `Send`",
    note = "an item is pulled from the input on one thread and may be used on another",
    note = "write `Arc` instead of `Rc`, and `Box<dyn Trait + Send>` instead of `Box<dyn Trait>`"
)]
pub trait Item<Argument>: Send {}

impl<T: Send, Argument> Item<Argument> for T {}

/// The requirement on a result.
#[diagnostic::on_unimplemented(
    message = "the results of this function cannot be sent between threads",
    label = "`{Self}` is not `Send`",
    note = "an error type must be `Send` as well: write `Box<dyn Error + Send + Sync>` instead of `Box<dyn Error>`",
    note = "write `Arc` instead of `Rc`, and `Box<dyn Trait + Send>` instead of `Box<dyn Trait>`"
)]
pub trait Output: Send {}

// Otherwise the compiler speaks of the part of an error type that is not `Send`, in its own words.
#[diagnostic::do_not_recommend]
impl<R: Send> Output for R {}

/// The requirement on a fixed argument: several threads use it at the same time.
#[diagnostic::on_unimplemented(
    message = "the fixed parameter `{Argument}` cannot be shared between threads",
    label = "`{Self}` is not `Sync`",
    note = "several threads use a fixed argument at the same time",
    note = "write `Arc` instead of `Rc`, and an atomic or a `Mutex` instead of `Cell` and `RefCell`",
    note = "for a trait object write `&(dyn Trait + Sync)` or `Arc<dyn Trait + Send + Sync>`, for example `&(dyn Fn(f64) -> f64 + Sync)`"
)]
pub trait Shared<Argument> {}

impl<T: Sync + ?Sized, Argument> Shared<Argument> for T {}

/// Passes a reference on.
#[inline]
pub fn shared<T: Shared<Argument> + ?Sized, Argument>(value: &T) -> &T {
    value
}

/// The requirement on a fixed argument by value: each call gets a clone.
///
/// Without `do_not_recommend`, which would hide the compiler's advice to derive `Clone`.
#[diagnostic::on_unimplemented(
    message = "the fixed parameter `{Argument}` is passed by value, and cannot be cloned for each call",
    label = "`{Self}` is not `Clone`",
    note = "take it by reference: `&{Self}`"
)]
pub trait Cloned<Argument>: Sized {
    /// Clones the value for one call.
    #[must_use]
    fn cloned(&self) -> Self;
}

impl<T: Clone, Argument> Cloned<Argument> for T {
    #[inline]
    fn cloned(&self) -> Self {
        self.clone()
    }
}

/// Returns the value for one call.
#[inline]
pub fn cloned<T: Shared<Argument> + Cloned<Argument>, Argument>(value: &T) -> T {
    value.cloned()
}

/// The requirement on the parameter of `cancel`: it is a reference to an [`ItemToken`].
#[diagnostic::on_unimplemented(
    message = "`cancel` passes an `ItemToken` to the parameter `{Argument}`",
    label = "`{Self}` is not `ItemToken`",
    note = "write `&ItemToken`, with `use parallelize::ItemToken`"
)]
pub trait Token<Argument> {
    /// Returns the token.
    fn of_item(token: &ItemToken) -> &Self;
}

impl<Argument> Token<Argument> for ItemToken {
    #[inline]
    fn of_item(token: &ItemToken) -> &Self {
        token
    }
}

/// Passes the token of an item on.
#[inline]
pub fn token<T: Token<Argument>, Argument>(token: &ItemToken) -> &T {
    T::of_item(token)
}

/// The token of an item in the lazy version, as [`Fixed`] is for a fixed argument. `T` is the type
/// behind the reference in the signature.
pub struct TokenOf<'item, T: ?Sized>(&'item ItemToken, PhantomData<fn(&T)>);

impl<'item, T: ?Sized> TokenOf<'item, T> {
    /// Wraps the token.
    #[inline]
    #[must_use]
    pub fn new(token: &'item ItemToken) -> Self {
        TokenOf(token, PhantomData)
    }
}

/// Passing the token of an item on.
pub trait PassToken<'item, T: ?Sized> {
    /// Returns the token.
    fn __token_of_item(&self) -> &'item T;
}

impl<'item> PassToken<'item, ItemToken> for TokenOf<'item, ItemToken> {
    #[inline]
    fn __token_of_item(&self) -> &'item ItemToken {
        self.0
    }
}

/// The fallback for other types, as [`OrNever`] is for fixed arguments.
pub trait OrNoToken<'item, T: ?Sized> {
    /// Never runs.
    fn __token_of_item(&self) -> &'item T;
}

impl<'item, T: ?Sized> OrNoToken<'item, T> for &TokenOf<'item, T> {
    fn __token_of_item(&self) -> &'item T {
        unreachable!("the crate does not compile")
    }
}

/// A fixed argument of the lazy version.
///
/// If it cannot be shared or cloned, the eager function reports that, so this one must not.
pub struct Fixed<T>(pub T);

/// Keeping a fixed argument for the calls.
pub trait KeepForCalls<T> {
    /// Wraps the argument.
    fn keep_for_calls(self) -> FixedValue<T>;
}

impl<T: Clone + Sync> KeepForCalls<T> for Fixed<T> {
    #[inline]
    fn keep_for_calls(self) -> FixedValue<T> {
        FixedValue(self.0)
    }
}

/// The fallback for types that are not `Clone + Sync` (autoref specialization).
///
/// Method lookup tries `Fixed<T>` first. It reaches `&Fixed<T>`, and so this trait, only if there
/// is no [`KeepForCalls`] for `T`.
pub trait OrNever<T> {
    /// Drops the argument.
    fn keep_for_calls(self) -> NoValue<T>;
}

impl<T> OrNever<T> for &Fixed<T> {
    fn keep_for_calls(self) -> NoValue<T> {
        NoValue(PhantomData)
    }
}

/// A fixed argument that a lazy call holds.
pub struct FixedValue<T>(T);

impl<T: Clone> FixedValue<T> {
    /// Clones the value for one call; of a reference, the reference.
    #[inline]
    #[must_use]
    pub fn for_one_call(&self) -> T {
        self.0.clone()
    }

    /// Returns the value for the key of a checkpoint.
    #[inline]
    #[must_use]
    pub fn for_key(&self) -> &T {
        &self.0
    }
}

/// The place of a fixed argument in code that does not compile.
pub struct NoValue<T>(PhantomData<fn() -> T>);

impl<T> NoValue<T> {
    #[cfg(feature = "distributed")]
    pub(crate) fn new() -> Self {
        NoValue(PhantomData)
    }

    /// Never runs.
    #[must_use]
    pub fn for_one_call(&self) -> T {
        unreachable!("the crate does not compile")
    }

    /// Never runs.
    #[must_use]
    pub fn for_key(&self) -> &T {
        unreachable!("the crate does not compile")
    }
}

impl<T: Clone> Clone for FixedValue<T> {
    fn clone(&self) -> Self {
        FixedValue(self.0.clone())
    }
}

impl<T> Clone for NoValue<T> {
    fn clone(&self) -> Self {
        NoValue(PhantomData)
    }
}

/// The requirement on an item of a product, which is used once for each item of the other inputs.
#[diagnostic::on_unimplemented(
    message = "the items of the mapped parameter `{Argument}` cannot be cloned",
    label = "`{Self}` is not `Clone`",
    note = "a product uses each item with every item of the other inputs"
)]
pub trait Again<Argument>: Sized {
    /// Clones the item.
    #[must_use]
    fn again(&self) -> Self;
}

impl<T: Clone, Argument> Again<Argument> for T {
    #[inline]
    fn again(&self) -> Self {
        self.clone()
    }
}

/// Clones an item.
#[inline]
pub fn repeated<T: Again<Argument>, Argument>(item: &T) -> T {
    item.again()
}

/// An item of a product in the lazy version, as [`Fixed`] is for a fixed argument.
pub struct Repeated<'item, T>(pub &'item T);

/// Cloning an item of a product.
pub trait Repeat<T> {
    /// Clones the item.
    fn __repeat_item(&self) -> T;
}

impl<T: Clone> Repeat<T> for Repeated<'_, T> {
    #[inline]
    fn __repeat_item(&self) -> T {
        self.0.clone()
    }
}

/// The fallback for items that are not `Clone`, as [`OrNever`] is for fixed arguments.
pub trait OrNeverRepeat<T> {
    /// Never runs.
    fn __repeat_item(&self) -> T;
}

impl<T> OrNeverRepeat<T> for &Repeated<'_, T> {
    fn __repeat_item(&self) -> T {
        unreachable!("the crate does not compile")
    }
}

/// The items of a product, of type `T`. The input of a product holds items, so items that are not
/// `Send` would be an error of both generated functions, in addition to that of the items.
pub struct ItemsOf<T>(PhantomData<fn() -> T>);

impl<T> ItemsOf<T> {
    /// Creates the description of the items.
    #[inline]
    #[must_use]
    #[allow(clippy::new_without_default)] // Only for generated code.
    pub fn new() -> Self {
        ItemsOf(PhantomData)
    }
}

/// Passing on items that are `Send`.
pub trait PassItems {
    /// Returns the iterator.
    fn __pass_items<I>(&self, items: I) -> I;
}

impl<T: Send> PassItems for ItemsOf<T> {
    #[inline]
    fn __pass_items<I>(&self, items: I) -> I {
        items
    }
}

/// The fallback for items that are not `Send`, as [`OrNever`] is for fixed arguments.
pub trait OrNoItems<T> {
    /// Drops the iterator.
    fn __pass_items<I>(&self, items: I) -> NoItems<T>;
}

impl<T> OrNoItems<T> for &ItemsOf<T> {
    fn __pass_items<I>(&self, _: I) -> NoItems<T> {
        NoItems(PhantomData)
    }
}

/// The input of a product in code that does not compile.
pub struct NoItems<T>(PhantomData<fn() -> T>);

impl<T> Iterator for NoItems<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        unreachable!("the crate does not compile")
    }
}

/// The function of a call in code that does not compile.
///
/// You do not need to name this type. With it, code that calls the lazy version has no second
/// error.
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
