//! Results as bytes, and items as keys.

use crate::checkpoint::description;
use crate::checkpoint::fingerprint::fingerprint;
use crate::checkpoint::shape::shape_of;
use serde::Serialize;
use serde::de::DeserializeOwned;

pub(crate) use crate::checkpoint::walk::EncodingError;

/// Encodes a result: four bytes of its shape, and its contents.
pub(crate) fn encode<R: Serialize>(result: &R) -> Result<Vec<u8>, EncodingError> {
    let shape = shape_of(result)?.to_le_bytes().to_vec();
    postcard::to_extend(result, shape).map_err(|error| EncodingError(error.to_string()))
}

/// Decodes a result. Returns `None` if its type had other names when it was
/// encoded, or if the bytes are no such result.
pub(crate) fn decode<R: Serialize + DeserializeOwned>(bytes: &[u8]) -> Option<R> {
    let (shape, contents) = bytes.split_first_chunk()?;
    let (result, rest) = postcard::take_from_bytes(contents).ok()?;
    // The contents do not say of what type they are. Fields of one type may
    // have been swapped since.
    let is_same = rest.is_empty() && shape_of(&result).ok()? == u32::from_le_bytes(*shape);
    is_same.then_some(result)
}

/// Returns the key of an item. Results are compared by the same key.
pub(crate) fn item_key<T: Serialize + ?Sized>(item: &T) -> Result<u128, EncodingError> {
    fingerprint(item)
}

/// Describes an item for a message, in at most 80 characters.
pub(crate) fn describe<T: Serialize + ?Sized>(item: &T) -> String {
    description::describe(item)
}
