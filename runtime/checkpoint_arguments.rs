//! The requirements on arguments and results of functions with checkpoints, and what generated code
//! writes for them.
//!
//! `Argument` is a type of the generated code with the name of the parameter, which messages show.

use crate::async_arguments::NeverFutures;
use crate::checkpoint::checkpoint::Checkpoint;
use crate::checkpoint::encoding::{describe, item_key};
use crate::checkpoint::key::SweepKey;
use crate::concurrent::kept::KeptCalls;
use crate::lazy::apply::Apply;
use crate::lazy::keeping::{Codec, Keep};
use crate::lazy::kept::{Checkpointed, Kept};
use crate::lazy::stop::Stops;
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use crate::checkpoint::key::KeyPart;
pub use crate::concurrent::kept::{Keeping, kept};
pub use crate::lazy::keeping::{OkOnly, Whole};

/// The requirement on an item: the result of the item is found by its value.
#[diagnostic::on_unimplemented(
    message = "the items of the mapped parameter `{Argument}` cannot be keys of a checkpoint",
    label = "`{Self}` does not implement `serde::Serialize`",
    note = "stored results are found by the values of the arguments: derive `serde::Serialize` for the type"
)]
pub trait ItemKey<Argument> {
    /// Returns the key of the item.
    #[doc(hidden)]
    fn key(&self) -> Result<u128, String>;

    /// Returns the key of the item, of which its index is a part.
    #[doc(hidden)]
    fn key_with_index(&self, index: usize) -> Result<u128, String>;

    /// Describes the item for a message.
    #[doc(hidden)]
    fn describe(&self) -> String;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize, Argument> ItemKey<Argument> for T {
    fn key(&self) -> Result<u128, String> {
        item_key(self).map_err(|error| error.0)
    }

    fn key_with_index(&self, index: usize) -> Result<u128, String> {
        item_key(&(index, self)).map_err(|error| error.0)
    }

    fn describe(&self) -> String {
        describe(self)
    }
}

/// The requirement on `self`, which is a part of the key.
#[diagnostic::on_unimplemented(
    message = "`self` cannot be a part of the key of a checkpoint",
    label = "`{Self}` does not implement `serde::Serialize`",
    note = "stored results are found by the values of the arguments: derive `serde::Serialize` for the type"
)]
pub trait KeyOfSelf: Serialize {}

#[diagnostic::do_not_recommend]
impl<T: Serialize> KeyOfSelf for T {}

/// The requirement on an argument whose type depends on the caller.
#[diagnostic::on_unimplemented(
    message = "an argument of this call cannot be a part of the key of a checkpoint",
    label = "`{Self}` does not implement `serde::Serialize`",
    note = "stored results are found by the values of the arguments: derive `serde::Serialize` for the type"
)]
pub trait KeyOfArgument: Serialize {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + ?Sized> KeyOfArgument for T {}

/// The requirement on a result whose type depends on the caller.
#[diagnostic::on_unimplemented(
    message = "the results of this call cannot be kept in a checkpoint",
    label = "`{Self}` does not implement `serde::Serialize` and `serde::Deserialize`",
    note = "derive both for the type, and for the types of its fields"
)]
pub trait KeptResult: Serialize + DeserializeOwned {}

#[diagnostic::do_not_recommend]
impl<R: Serialize + DeserializeOwned> KeptResult for R {}

/// Lets a checkpoint keep the results of `f`. `key` returns the key of a call.
///
/// The macro writes out the first type arguments. A type that cannot be serialized is therefore a
/// single error, at the type in the signature.
#[inline]
pub fn keyed<T, Argument, R, Part, K, F>(key: K, f: F) -> Kept<K, F, T, R>
where
    T: ItemKey<Argument>,
    R: Keep<Part>,
    K: Fn() -> SweepKey,
    F: Apply<T, Output = R>,
{
    Kept::new(key, f, Codec::new::<Part>(T::key, T::describe))
}

/// Like `keyed`, for items whose index is a part of their keys.
#[inline]
pub fn keyed_with_index<T, Argument, R, Part, K, F>(key: K, f: F) -> Kept<K, F, (usize, T), R>
where
    T: ItemKey<Argument>,
    R: Keep<Part>,
    K: Fn() -> SweepKey,
    F: Apply<(usize, T), Output = R>,
{
    Kept::new(key, f, indexed::<T, Argument, R, Part>())
}

/// Like `keyed`, for items whose index is not a part of their keys, because only the token of an
/// item needs it.
#[inline]
pub fn keyed_without_index<T, Argument, R, Part, K, F>(key: K, f: F) -> Kept<K, F, (usize, T), R>
where
    T: ItemKey<Argument>,
    R: Keep<Part>,
    K: Fn() -> SweepKey,
    F: Apply<(usize, T), Output = R>,
{
    Kept::new(key, f, Codec::new::<Part>(|(_, item)| item.key(), |(_, item)| item.describe()))
}

/// Like `keyed`, for an async function.
#[inline]
pub fn keyed_calls<T, Argument, R, Part, K, F>(key: K, f: F) -> KeptCalls<K, F, T, R>
where
    T: ItemKey<Argument>,
    R: Keep<Part>,
    K: Fn() -> SweepKey,
{
    KeptCalls::new(key, f, Codec::new::<Part>(T::key, T::describe))
}

/// Like `keyed_with_index`, for an async function.
#[inline]
pub fn keyed_calls_with_index<T, Argument, R, Part, K, F>(key: K, f: F) -> KeptCalls<K, F, (usize, T), R>
where
    T: ItemKey<Argument>,
    R: Keep<Part>,
    K: Fn() -> SweepKey,
{
    KeptCalls::new(key, f, indexed::<T, Argument, R, Part>())
}

/// Creates the codec for items whose index is a part of their keys.
fn indexed<T, Argument, R, Part>() -> Codec<(usize, T), R>
where
    T: ItemKey<Argument>,
    R: Keep<Part>,
{
    let describe = |(index, item): &(usize, T)| format!("{} at index {index}", item.describe());
    Codec::new::<Part>(|(index, item)| item.key_with_index(*index), describe)
}

impl<R> Checkpointed for NeverFutures<R> {
    fn keep(&mut self, _: &Checkpoint, _: &mut Stops) {
        unreachable!("the crate does not compile")
    }
}
