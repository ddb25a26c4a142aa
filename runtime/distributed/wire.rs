//! The format of arguments and results between processes: that of postcard, but numbers in bulk.
//!
//! All processes of a run are of the same build, so bytes need no description of their own. But a
//! type may read other bytes than it has written, so values other than numbers have a length, and
//! what follows them is never shifted.

use crate::unwind::{catch, discard, message};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::ffi::{CStr, CString, OsStr, OsString};
use std::fmt::{self, Display, Formatter};
use std::path::{Path, PathBuf};

/// A value that could not be encoded or decoded, with the reason.
#[derive(Clone, Debug)]
pub struct WireError(pub(crate) String);

impl Display for WireError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<postcard::Error> for WireError {
    fn from(error: postcard::Error) -> Self {
        use postcard::Error;
        let message = match error {
            Error::WontImplement | Error::NotYetImplemented | Error::SerializeSeqLengthUnknown => {
                "its bytes would have to describe themselves: types that are untagged, internally tagged or \
                 flattened cannot travel, and `serde_json::Value` cannot"
            }
            // These two lose the message of the user.
            Error::SerdeSerCustom | Error::CollectStrError => "its `Serialize` returns an error",
            Error::SerdeDeCustom => "its `Deserialize` returns an error",
            // What postcard cannot read.
            _ => return read_otherwise(),
        };
        WireError(message.to_owned())
    }
}

/// Appends the bytes of a value. After an error, some of them may have been appended.
pub type Encode<T> = fn(&T, &mut Vec<u8>) -> Result<(), WireError>;

/// Takes a value from the front of the bytes. After an error, what follows is still the next value.
pub type Decode<T> = fn(&mut &[u8]) -> Result<T, WireError>;

/// The number of bytes of numbers that are encoded before they are appended. They fit into the
/// first cache.
const BLOCK_BYTES: usize = 4096;

/// A type whose values another process receives as values of the type `Owned`.
pub trait Receive {
    /// The same type, or that of a value that contains a value of this one.
    type Owned;

    /// Borrows from a received value what the function takes.
    fn of_owned(owned: &Self::Owned) -> &Self;
}

impl<T> Receive for T {
    type Owned = T;

    #[inline]
    fn of_owned(owned: &T) -> &T {
        owned
    }
}

/// Implements [`Receive`] for types without a size.
macro_rules! receive {
    ($(($($parameter:ident)?) $borrowed:ty => $owned:ty,)+) => {
        $(
            impl$(<$parameter>)? Receive for $borrowed {
                type Owned = $owned;

                #[inline]
                fn of_owned(owned: &$owned) -> &$borrowed {
                    owned
                }
            }
        )+
    };
}

receive! {
    (T) [T] => Vec<T>,
    () str => String,
    () Path => PathBuf,
    () CStr => CString,
    () OsStr => OsString,
}

/// Appends the bytes of a value, behind their number.
pub(crate) fn encode<T: Serialize + ?Sized>(value: &T, bytes: &mut Vec<u8>) -> Result<(), WireError> {
    let before = bytes.len();
    0_usize.append(bytes);
    let start = bytes.len();
    postcard::serialize_with_flavor(value, Appending(bytes)).map_err(|error| {
        bytes.truncate(before);
        WireError::from(error)
    })?;
    let length = bytes.len() - start;
    bytes[before..start].copy_from_slice(&length.to_le_bytes());
    Ok(())
}

/// Takes a value from the front of the bytes. After an error or a panic, its bytes have been taken
/// as well, so the next value is what it would be otherwise.
pub(crate) fn decode<T: DeserializeOwned>(bytes: &mut &[u8]) -> Result<T, WireError> {
    let length = usize::take(bytes)?;
    let (value, rest) = bytes.split_at_checked(length).ok_or_else(ended_early)?;
    *bytes = rest;
    // Code of the user.
    match catch(|| postcard::take_from_bytes(value)) {
        Ok(Ok((value, []))) => Ok(value),
        Ok(Ok((value, _))) => {
            discard(value);
            Err(read_otherwise())
        }
        Ok(Err(error)) => Err(error.into()),
        Err(payload) => Err(WireError(format!("its `Deserialize` panics: {}", message(payload)))),
    }
}

/// Lets postcard write to the end of a vector that others have begun.
struct Appending<'bytes>(&'bytes mut Vec<u8>);

impl postcard::ser_flavors::Flavor for Appending<'_> {
    type Output = ();

    #[inline]
    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.0.push(byte);
        Ok(())
    }

    #[inline]
    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    fn finalize(self) -> postcard::Result<()> {
        Ok(())
    }
}

/// A number, whose bytes are those in memory, the lowest first.
pub trait Number: Copy + 'static {
    /// Appends the bytes of a number.
    #[doc(hidden)]
    fn append(self, bytes: &mut Vec<u8>);

    /// Takes a number from the front of the bytes.
    #[doc(hidden)]
    fn take(bytes: &mut &[u8]) -> Result<Self, WireError>;

    /// Appends the bytes of numbers, without their count.
    #[doc(hidden)]
    fn append_all(numbers: &[Self], bytes: &mut Vec<u8>);

    /// Takes `count` numbers from the front of the bytes.
    #[doc(hidden)]
    fn take_all(count: usize, bytes: &mut &[u8]) -> Result<Vec<Self>, WireError>;
}

/// Implements [`Number`] for numbers, each with the type that travels.
macro_rules! numbers {
    ($($number:ident)+) => {
        $(
            impl Number for $number {
                #[inline]
                fn append(self, bytes: &mut Vec<u8>) {
                    bytes.extend_from_slice(&self.to_le_bytes());
                }

                #[inline]
                fn take(bytes: &mut &[u8]) -> Result<Self, WireError> {
                    let (number, rest) = bytes.split_first_chunk().ok_or_else(ended_early)?;
                    *bytes = rest;
                    Ok($number::from_le_bytes(*number))
                }

                fn append_all(numbers: &[Self], bytes: &mut Vec<u8>) {
                    bytes.reserve(size_of_val(numbers));
                    let mut block = [0; BLOCK_BYTES];
                    for numbers in numbers.chunks(BLOCK_BYTES / size_of::<$number>()) {
                        let block = &mut block[..size_of_val(numbers)];
                        for (bytes, number) in block.chunks_exact_mut(size_of::<$number>()).zip(numbers) {
                            bytes.copy_from_slice(&number.to_le_bytes());
                        }
                        bytes.extend_from_slice(block);
                    }
                }

                fn take_all(count: usize, bytes: &mut &[u8]) -> Result<Vec<Self>, WireError> {
                    let length = count.checked_mul(size_of::<$number>()).ok_or_else(ended_early)?;
                    let (numbers, rest) = bytes.split_at_checked(length).ok_or_else(ended_early)?;
                    *bytes = rest;
                    let number = |bytes: &[u8]| $number::from_le_bytes(bytes.try_into().expect("an exact chunk"));
                    Ok(numbers.chunks_exact(size_of::<$number>()).map(number).collect())
                }
            }
        )+
    };
}

numbers! { u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize f32 f64 }

/// Appends numbers and their count.
pub(crate) fn encode_numbers<N: Number>(numbers: &[N], bytes: &mut Vec<u8>) {
    numbers.len().append(bytes);
    N::append_all(numbers, bytes);
}

/// Takes numbers and their count from the front of the bytes.
pub(crate) fn decode_numbers<N: Number>(bytes: &mut &[u8]) -> Result<Vec<N>, WireError> {
    let count = usize::take(bytes)?;
    N::take_all(count, bytes)
}

/// Returns the error about a value that does not end where its bytes do.
fn read_otherwise() -> WireError {
    let message = "its `Deserialize` does not read what its `Serialize` has written (see `skip_serializing_if` and \
                   `skip_deserializing`)";
    WireError(message.to_owned())
}

/// Returns the error about bytes that end within a value.
fn ended_early() -> WireError {
    WireError("its bytes end too early".to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Number, decode, decode_numbers, encode, encode_numbers};
    use rand::rngs::StdRng;
    use rand::{Rng, RngCore, SeedableRng};
    use serde::de::DeserializeOwned;
    use serde::{Deserialize, Serialize};
    use std::fmt::Debug;

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    enum Value {
        Nothing,
        Text(String),
        Row { numbers: Vec<f32>, inner: Option<Box<Value>>, letter: char, large: i128 },
    }

    fn value(rng: &mut StdRng, depth: u32) -> Value {
        match rng.random_range(0..3) {
            0 => Value::Nothing,
            1 => Value::Text((0..rng.random_range(0..9)).map(|_| rng.random::<char>()).collect()),
            _ => Value::Row {
                numbers: (0..rng.random_range(0..9)).map(|_| rng.random()).collect(),
                inner: (depth > 0).then(|| Box::new(value(rng, depth - 1))),
                letter: rng.random(),
                large: rng.random(),
            },
        }
    }

    #[test]
    fn values_follow_each_other() {
        let mut rng = StdRng::seed_from_u64(1);
        let values: Vec<Value> = (0..500).map(|_| value(&mut rng, 3)).collect();
        let mut bytes = Vec::new();
        for value in &values {
            encode(value, &mut bytes).expect("bytes");
        }
        let mut rest = &bytes[..];
        for value in &values {
            assert_eq!(&decode::<Value>(&mut rest).expect("a value"), value);
        }
        assert!(rest.is_empty());
        // Of bytes that end early, either the same values come back or an error.
        for end in 0..bytes.len().min(2000) {
            let mut rest = &bytes[..end];
            for value in &values {
                match decode::<Value>(&mut rest) {
                    Ok(decoded) => assert_eq!(&decoded, value),
                    Err(_) => break,
                }
            }
        }
    }

    /// Sends random bits as numbers, alone and in bulk.
    fn same_bits<N: Number + Debug>(rng: &mut StdRng, bits_of: fn(&N) -> u128) {
        let bits = |numbers: &[N]| numbers.iter().map(bits_of).collect::<Vec<_>>();
        for count in [0, 1, 7, 511, 512, 513, 4095, 4097, 10_000] {
            let mut random = vec![0; count * size_of::<N>()];
            rng.fill_bytes(&mut random);
            let numbers = N::take_all(count, &mut &random[..]).expect("enough bytes");
            let mut bytes = vec![1, 2, 3];
            encode_numbers(&numbers, &mut bytes);
            for number in &numbers {
                number.append(&mut bytes);
            }
            assert_eq!(&bytes[..3], [1, 2, 3]);
            assert!(bytes.ends_with(&random), "the bytes are those in memory");
            let mut rest = &bytes[3..];
            assert_eq!(bits(&decode_numbers::<N>(&mut rest).expect("numbers")), bits(&numbers));
            for number in &numbers {
                assert_eq!(bits_of(&N::take(&mut rest).expect("a number")), bits_of(number));
            }
            assert!(rest.is_empty());
            assert!(N::take(&mut rest).is_err() && decode_numbers::<N>(&mut rest).is_err());
            if count > 0 {
                let end = 3 + size_of::<usize>() + count * size_of::<N>() - 1;
                assert!(decode_numbers::<N>(&mut &bytes[3..end]).is_err());
            }
        }
    }

    #[test]
    #[allow(clippy::cast_sign_loss, clippy::cast_lossless)] // Only bits count.
    fn numbers_keep_their_bits() {
        let rng = &mut StdRng::seed_from_u64(2);
        // Random bits of a float are a NaN with a payload now and then.
        same_bits::<f32>(rng, |number| u128::from(number.to_bits()));
        same_bits::<f64>(rng, |number| u128::from(number.to_bits()));
        same_bits::<u8>(rng, |number| u128::from(*number));
        same_bits::<u16>(rng, |number| u128::from(*number));
        same_bits::<u32>(rng, |number| u128::from(*number));
        same_bits::<u64>(rng, |number| u128::from(*number));
        same_bits::<u128>(rng, |number| *number);
        same_bits::<usize>(rng, |number| *number as u128);
        same_bits::<i8>(rng, |number| *number as u128);
        same_bits::<i16>(rng, |number| *number as u128);
        same_bits::<i32>(rng, |number| *number as u128);
        same_bits::<i64>(rng, |number| *number as u128);
        same_bits::<i128>(rng, |number| *number as u128);
        same_bits::<isize>(rng, |number| *number as u128);
    }

    #[test]
    fn rare_floats_keep_their_bits() {
        let floats = [0x7ff8_0000_0000_0001, 0xfff0_0000_dead_beef, 0x7ff0_0000_0000_0000, 1 << 63, 1, 0];
        let floats = floats.map(f64::from_bits);
        let mut bytes = Vec::new();
        encode_numbers(&floats, &mut bytes);
        encode(&floats, &mut bytes).expect("bytes");
        let mut rest = &bytes[..];
        let numbers = decode_numbers::<f64>(&mut rest).expect("numbers");
        let others = decode::<[f64; 6]>(&mut rest).expect("an array");
        for (float, (number, other)) in floats.iter().zip(numbers.iter().zip(others)) {
            assert_eq!([number.to_bits(), other.to_bits()], [float.to_bits(); 2]);
        }
    }

    /// Its `Deserialize` reads less than its `Serialize` has written.
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct ReadsLess {
        kept: u8,
        #[serde(skip_deserializing)]
        left: u32,
    }

    /// Its `Deserialize` reads more than its `Serialize` has written, if there is nothing.
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct ReadsMore {
        #[serde(skip_serializing_if = "Option::is_none")]
        maybe: Option<u8>,
        last: u8,
    }

    /// Panics where it is read.
    #[derive(Debug, PartialEq, Serialize)]
    struct Bomb(u32);

    impl<'de> Deserialize<'de> for Bomb {
        fn deserialize<D: serde::Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
            panic!("a bomb")
        }
    }

    #[test]
    fn what_is_read_otherwise_than_written_is_one_error() {
        fn check<T: Serialize + DeserializeOwned + Debug>(value: &T, expected: &str) {
            let mut bytes = Vec::new();
            encode(value, &mut bytes).expect("bytes");
            encode("neighbor", &mut bytes).expect("bytes");
            7_u64.append(&mut bytes);
            let mut rest = &bytes[..];
            let error = decode::<T>(&mut rest).expect_err("an error").to_string();
            assert!(error.contains(expected), "{error}");
            assert_eq!(decode::<String>(&mut rest).expect("text"), "neighbor");
            assert_eq!((u64::take(&mut rest).expect("a number"), rest), (7, &[][..]));
        }
        let mismatch = "its `Deserialize` does not read what its `Serialize` has written";
        check(&ReadsLess { kept: 1, left: 2 }, mismatch);
        check(&ReadsMore { maybe: None, last: 0 }, mismatch);
        check(&ReadsMore { maybe: None, last: 1 }, mismatch);
        check(&ReadsMore { maybe: None, last: 9 }, mismatch);
        check(&vec![ReadsLess { kept: 1, left: 2 }, ReadsLess { kept: 3, left: 4 }], mismatch);
        check(&Bomb(1), "its `Deserialize` panics: a bomb");
    }

    /// Types that need to know what they read.
    #[derive(Debug, Serialize, Deserialize)]
    #[serde(untagged)]
    enum Untagged {
        Number(u32),
    }

    #[derive(Debug, Serialize, Deserialize)]
    #[serde(tag = "kind")]
    enum Tagged {
        Number { value: u32 },
    }

    #[derive(Debug, Serialize, Deserialize)]
    struct Flattened {
        #[serde(flatten)]
        inner: ReadsLess,
    }

    #[test]
    fn types_without_a_fixed_form_are_refused_in_one_sentence() {
        fn error_of<T: Serialize + DeserializeOwned + Debug>(value: &T) -> String {
            let mut bytes = Vec::new();
            match encode(value, &mut bytes) {
                Ok(()) => decode::<T>(&mut &bytes[..]).expect_err("an error").to_string(),
                Err(error) => error.to_string(),
            }
        }
        let errors = [
            error_of(&Untagged::Number(1)),
            error_of(&Tagged::Number { value: 1 }),
            error_of(&Flattened { inner: ReadsLess { kept: 1, left: 2 } }),
        ];
        for error in errors {
            assert!(error.contains("untagged") && error.contains("`serde_json::Value`"), "{error}");
        }
    }

    #[test]
    fn a_count_that_lies_needs_no_memory() {
        let mut bytes = Vec::new();
        usize::MAX.append(&mut bytes);
        assert!(decode_numbers::<f64>(&mut &bytes[..]).is_err());
        assert!(decode_numbers::<u8>(&mut &bytes[..]).is_err());
    }

    #[test]
    fn what_cannot_be_encoded_leaves_no_bytes() {
        struct Unsized;
        impl Serialize for Unsized {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                // The length is unknown, which the format does not have.
                serializer.collect_seq((0..3).filter(|number| number % 2 == 0))
            }
        }
        let mut bytes = vec![7];
        let error = encode(&("begun", Unsized), &mut bytes).expect_err("no length");
        assert_eq!(bytes, [7]);
        assert!(error.to_string().contains("cannot travel"), "{error}");
    }
}
