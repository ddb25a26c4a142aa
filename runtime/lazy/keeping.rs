//! What a checkpoint does with one item: it has the result, or keeps what is computed.

use crate::checkpoint::comparison::Comparison;
use crate::checkpoint::encoding::{self, EncodingError};
use crate::checkpoint::run::{Found, Run};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The bytes of a result, or why there are none.
type Encoded = Result<Vec<u8>, String>;

/// How the items of a function become keys, and its results bytes.
///
/// Function pointers instead of bounds: a type that cannot be serialized is then one error, where
/// the function is annotated.
pub(crate) struct Codec<T, R> {
    key: fn(&T) -> Result<u128, String>,
    describe: fn(&T) -> String,
    results: Results<R>,
}

impl<T, R> Clone for Codec<T, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, R> Copy for Codec<T, R> {}

/// The checkpoint of a call whose items run elsewhere.
#[cfg(feature = "distributed")]
pub struct Ledger<T, R> {
    run: Run,
    codec: Codec<T, R>,
}

#[cfg(feature = "distributed")]
impl<T, R> Ledger<T, R> {
    pub(crate) fn new(run: Run, codec: Codec<T, R>) -> Self {
        Ledger { run, codec }
    }

    /// Looks for the result of an item.
    pub(crate) fn find(&self, item: &T) -> Known<R> {
        self.codec.find(&self.run, item)
    }

    /// Keeps the result of an item, or compares it.
    pub(crate) fn finish(&self, unfinished: Unfinished<R>, result: &R) {
        unfinished.finish(&self.run, result);
    }
}

/// How results become bytes.
struct Results<R> {
    /// Returns `None` for a result that is not kept.
    encode: fn(&R) -> Option<Encoded>,
    decode: fn(&[u8]) -> Option<R>,
    agree: fn(&R, &R) -> bool,
}

impl<R> Clone for Results<R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Results<R> {}

/// What a checkpoint knows of an item.
pub(crate) enum Known<R> {
    Result(R),
    Nothing(Unfinished<R>),
}

/// An item whose result will be computed and then kept.
pub(crate) struct Unfinished<R> {
    results: Results<R>,
    purpose: Purpose<R>,
}

/// What becomes of a computed result.
enum Purpose<R> {
    /// It is only counted, because its item has no key, or because the checkpoint has failed.
    Count,
    /// It is kept under this key.
    Keep(u128),
    /// It replaces bytes that are no result of the function any more.
    Replace(u128),
    /// It is compared with the stored result of the item with this description.
    Compare(u128, Comparison, R, String),
}

impl<T, R> Codec<T, R> {
    /// Creates the codec of a function whose results are kept as `Part` says.
    pub(crate) fn new<Part>(key: fn(&T) -> Result<u128, String>, describe: fn(&T) -> String) -> Self
    where
        R: Keep<Part>,
    {
        Codec { key, describe, results: Results { encode: R::encode, decode: R::decode, agree: R::agree } }
    }

    /// Looks for the result of an item.
    pub(crate) fn find(&self, run: &Run, item: &T) -> Known<R> {
        let Codec { key, describe, results } = self;
        let purpose = match key(item) {
            Err(error) => {
                run.fail(&EncodingError(error));
                Purpose::Count
            }
            Ok(key) => match run.find(key) {
                Found::Nothing => Purpose::Keep(key),
                Found::Failed => Purpose::Count,
                Found::Stored(stored) => match (results.decode)(&stored) {
                    Some(result) => {
                        run.used();
                        return Known::Result(result);
                    }
                    None => Purpose::Replace(key),
                },
                Found::Compare(comparison) => match (results.decode)(comparison.stored()) {
                    Some(result) => Purpose::Compare(key, comparison, result, describe(item)),
                    None => Purpose::Replace(key),
                },
            },
        };
        Known::Nothing(Unfinished { results: *results, purpose })
    }
}

impl<R> Unfinished<R> {
    /// Keeps the result of the item, or compares it. Not for items that were cancelled.
    pub(crate) fn finish(self, run: &Run, result: &R) {
        let Unfinished { results, purpose } = self;
        run.computed();
        let Some(encoded) = (results.encode)(result) else { return };
        let encoded = encoded.map_err(EncodingError);
        let is_readable = |bytes: &[u8]| (results.decode)(bytes).is_some();
        match purpose {
            Purpose::Count => {}
            Purpose::Keep(key) => run.put(key, encoded, is_readable),
            Purpose::Replace(key) => run.replace(key, encoded, is_readable),
            Purpose::Compare(key, comparison, stored, item) => {
                let agree = (results.agree)(&stored, result);
                comparison.settle(agree, || item);
                if agree {
                    run.put(key, encoded, is_readable);
                }
            }
        }
    }
}

/// A kind of results that a checkpoint can keep: all of them ([`Whole`]), or those that are `Ok`
/// ([`OkOnly`]).
#[diagnostic::on_unimplemented(
    message = "the results of this function cannot be kept in a checkpoint",
    label = "`{Self}` does not implement `serde::Serialize` and `serde::Deserialize`",
    note = "derive both for the type, and for the types of its fields"
)]
pub trait Keep<Part>: Sized {
    /// Encodes the result, if it is kept.
    #[doc(hidden)]
    fn encode(&self) -> Option<Encoded>;

    /// Decodes a result.
    #[doc(hidden)]
    fn decode(bytes: &[u8]) -> Option<Self>;

    /// Returns whether the result equals a stored one.
    #[doc(hidden)]
    fn agree(stored: &Self, computed: &Self) -> bool;
}

/// Every result is kept.
pub struct Whole;

#[diagnostic::do_not_recommend]
impl<R: Serialize + DeserializeOwned> Keep<Whole> for R {
    fn encode(&self) -> Option<Encoded> {
        Some(encoding::encode(self).map_err(|error| error.0))
    }

    fn decode(bytes: &[u8]) -> Option<R> {
        encoding::decode(bytes)
    }

    fn agree(stored: &R, computed: &R) -> bool {
        is_equal(stored, computed)
    }
}

/// Only a value that is `Ok` is kept, because a later run should try again what has failed.
pub struct OkOnly;

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned, E> Keep<OkOnly> for Result<T, E> {
    fn encode(&self) -> Option<Encoded> {
        self.as_ref().ok().map(|value| encoding::encode(value).map_err(|error| error.0))
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        encoding::decode(bytes).map(Ok)
    }

    fn agree(stored: &Self, computed: &Self) -> bool {
        matches!((stored, computed), (Ok(stored), Ok(computed)) if is_equal(stored, computed))
    }
}

/// Compares what is serialized, because results need not be `PartialEq`.
fn is_equal<R: Serialize>(a: &R, b: &R) -> bool {
    matches!((encoding::item_key(a), encoding::item_key(b)), (Ok(a), Ok(b)) if a == b)
}
