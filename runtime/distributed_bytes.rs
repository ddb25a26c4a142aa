//! What generated code writes to encode and decode values that travel between processes.
//!
//! Whether the values of a type have bytes is decided by method lookup, because a type without them
//! must be a single error (see [`distributed_arguments`](crate::distributed_arguments)).

use crate::distributed::wire::{Number, Receive, WireError, decode, decode_numbers, encode, encode_numbers};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::marker::PhantomData;

/// The bytes of values of type `T`.
pub struct Wire<T: ?Sized>(PhantomData<fn(&T)>);

impl<T: ?Sized> Wire<T> {
    /// Creates the description of the type.
    #[inline]
    #[must_use]
    #[allow(clippy::new_without_default)] // Only for generated code.
    pub fn new() -> Self {
        Wire(PhantomData)
    }
}

/// Encoding numbers, and slices and vectors of them.
///
/// Method lookup on a `&&&Wire<T>` tries this trait first, then [`EncodeAny`], and then
/// [`OrNoBytes`] (autoref specialization).
pub trait EncodeNumbers<T: ?Sized> {
    /// Appends the bytes of a value.
    #[doc(hidden)]
    fn __encode(&self, value: &T, bytes: &mut Vec<u8>) -> Result<(), WireError>;
}

/// Decoding what [`EncodeNumbers`] has encoded.
pub trait DecodeNumbers<T> {
    /// Takes a value from the front of the bytes.
    #[doc(hidden)]
    fn __decode(&self, bytes: &mut &[u8]) -> Result<T, WireError>;
}

impl<N: Number> EncodeNumbers<N> for &&Wire<N> {
    #[inline]
    fn __encode(&self, value: &N, bytes: &mut Vec<u8>) -> Result<(), WireError> {
        value.append(bytes);
        Ok(())
    }
}

impl<N: Number> DecodeNumbers<N> for &&Wire<N> {
    #[inline]
    fn __decode(&self, bytes: &mut &[u8]) -> Result<N, WireError> {
        N::take(bytes)
    }
}

impl<N: Number> EncodeNumbers<[N]> for &&Wire<[N]> {
    #[inline]
    fn __encode(&self, value: &[N], bytes: &mut Vec<u8>) -> Result<(), WireError> {
        encode_numbers(value, bytes);
        Ok(())
    }
}

impl<N: Number> DecodeNumbers<Vec<N>> for &&Wire<[N]> {
    #[inline]
    fn __decode(&self, bytes: &mut &[u8]) -> Result<Vec<N>, WireError> {
        decode_numbers(bytes)
    }
}

impl<N: Number> EncodeNumbers<Vec<N>> for &&Wire<Vec<N>> {
    #[inline]
    fn __encode(&self, value: &Vec<N>, bytes: &mut Vec<u8>) -> Result<(), WireError> {
        encode_numbers(value, bytes);
        Ok(())
    }
}

impl<N: Number> DecodeNumbers<Vec<N>> for &&Wire<Vec<N>> {
    #[inline]
    fn __decode(&self, bytes: &mut &[u8]) -> Result<Vec<N>, WireError> {
        decode_numbers(bytes)
    }
}

/// Encoding values of other types.
pub trait EncodeAny<T: ?Sized> {
    /// Appends the bytes of a value. After an error, some of them may have been appended.
    #[doc(hidden)]
    fn __encode(&self, value: &T, bytes: &mut Vec<u8>) -> Result<(), WireError>;
}

impl<T: Serialize + ?Sized> EncodeAny<T> for &Wire<T> {
    #[inline]
    fn __encode(&self, value: &T, bytes: &mut Vec<u8>) -> Result<(), WireError> {
        encode(value, bytes)
    }
}

/// Decoding values of other types.
pub trait DecodeAny<T: ?Sized + Receive> {
    /// Takes a value from the front of the bytes.
    #[doc(hidden)]
    fn __decode(&self, bytes: &mut &[u8]) -> Result<T::Owned, WireError>;
}

impl<T: Receive<Owned: DeserializeOwned> + ?Sized> DecodeAny<T> for &Wire<T> {
    #[inline]
    fn __decode(&self, bytes: &mut &[u8]) -> Result<T::Owned, WireError> {
        decode(bytes)
    }
}

/// The fallback for types that cannot be serialized. `Shipped` and `ShippedBack` report them.
pub trait OrNoBytes<T: ?Sized> {
    /// Never runs.
    #[doc(hidden)]
    fn __encode(&self, value: &T, bytes: &mut Vec<u8>) -> Result<(), WireError>;
}

impl<T: ?Sized> OrNoBytes<T> for Wire<T> {
    fn __encode(&self, _: &T, _: &mut Vec<u8>) -> Result<(), WireError> {
        unreachable!("the crate does not compile")
    }
}

/// The fallback for types that cannot be deserialized.
pub trait OrNoValueInBytes<T: ?Sized + Receive> {
    /// Never runs.
    #[doc(hidden)]
    fn __decode(&self, bytes: &mut &[u8]) -> Result<T::Owned, WireError>;
}

impl<T: Receive + ?Sized> OrNoValueInBytes<T> for Wire<T> {
    fn __decode(&self, _: &mut &[u8]) -> Result<T::Owned, WireError> {
        unreachable!("the crate does not compile")
    }
}
