//! Results as bytes, and items as keys.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Why a value cannot be kept, in the words of its `Serialize`.
#[derive(Clone, Debug)]
pub(crate) struct EncodingError(pub(crate) String);

/// Encodes a result, with the names in it.
pub(crate) fn encode<R: Serialize>(result: &R) -> Result<Vec<u8>, EncodingError> {
    let _ = result;
    todo!()
}

/// Decodes a result. Returns `None` if its type had other names when it was
/// encoded, or if the bytes are no such result.
pub(crate) fn decode<R: Serialize + DeserializeOwned>(bytes: &[u8]) -> Option<R> {
    let _ = bytes;
    todo!()
}

/// Returns the key of an item, or what two results are compared by.
pub(crate) fn item_key<T: Serialize + ?Sized>(item: &T) -> Result<u128, EncodingError> {
    let _ = item;
    todo!()
}

/// Describes an item for a message, in at most 80 characters.
pub(crate) fn describe<T: Serialize + ?Sized>(item: &T) -> String {
    let _ = item;
    todo!()
}
