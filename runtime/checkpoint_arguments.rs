//! The requirements on arguments and results of functions with checkpoints, and
//! what generated code writes for them.
//!
//! `Argument` is a type of the generated code with the name of the parameter,
//! which messages show.

use crate::checkpoint::encoding::{describe, item_key};
use crate::checkpoint::key::SweepKey;
use crate::concurrent::kept::KeptCalls;
use crate::lazy::apply::Apply;
use crate::lazy::keeping::{Codec, Keep};
use crate::lazy::kept::Kept;

pub use crate::checkpoint::key::KeyPart;
pub use crate::concurrent::kept::{Keeping, kept};
pub use crate::lazy::keeping::{OkOnly, Whole};
pub use serde::Serialize;
pub use serde::de::DeserializeOwned;

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

    /// Describes the item for a message.
    #[doc(hidden)]
    fn describe(&self) -> String;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize, Argument> ItemKey<Argument> for T {
    fn key(&self) -> Result<u128, String> {
        item_key(self).map_err(|error| error.0)
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

/// Lets a checkpoint keep the results of `f`. `key` returns the key of a call.
///
/// The macro writes out the first type arguments. A type that cannot be
/// serialized is therefore a single error, at the type in the signature.
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

/// Like `keyed`, for items whose index is not a part of their keys, because only
/// the token of an item needs it.
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
