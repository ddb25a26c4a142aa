//! A hash of the names and contents of a value.

use crate::checkpoint::walk::{EncodingError, Group, Leaf, Visitor, walk};
use serde::Serialize;
use siphasher::sip128::{Hasher128, SipHasher13};
use std::hash::Hasher;
use std::mem;

/// Returns 128 bits that are the same for equal values of the same type only, and in every run of
/// every program.
///
/// `-0.0` and `0.0` differ, and a NaN is equal to itself. The order of the entries of maps does not
/// count, because that of a `HashMap` is another one each time. The names of types, fields and
/// variants do count: the fields of an item may be swapped while its bytes stay the same.
pub(super) fn fingerprint<T: Serialize + ?Sized>(value: &T) -> Result<u128, EncodingError> {
    let mut fingerprint = Fingerprint { hasher: SipHasher13::new(), maps: Vec::new() };
    walk(value, &mut fingerprint)?;
    Ok(fingerprint.hasher.finish128().as_u128())
}

struct Fingerprint {
    hasher: SipHasher13,
    maps: Vec<Map>,
}

/// A map whose entries are being visited.
struct Map {
    /// The hash of what is around it.
    around: SipHasher13,
    /// The sum of the hashes of its entries.
    sum: u128,
    /// The number of entries that have begun.
    entries: u64,
}

impl Fingerprint {
    /// Adds the kind of a part with as many bytes of contents.
    #[inline]
    fn add<const N: usize>(&mut self, kind: u8, contents: [u8; N]) {
        self.hasher.write(&[kind]);
        self.hasher.write(&contents);
    }

    fn text(&mut self, text: &[u8]) {
        self.hasher.write(&(text.len() as u64).to_le_bytes());
        self.hasher.write(text);
    }

    /// Adds the entry that has been visited to the innermost map.
    fn end_entry(&mut self) {
        let Some(map) = self.maps.last_mut() else { return };
        let entry = mem::replace(&mut self.hasher, SipHasher13::new());
        if map.entries > 0 {
            map.sum = map.sum.wrapping_add(entry.finish128().as_u128());
        }
    }
}

impl Visitor for Fingerprint {
    const IS_TEXT: bool = false;

    #[inline]
    fn leaf(&mut self, leaf: Leaf<'_>) {
        match leaf {
            Leaf::Bool(value) => self.add(101, [u8::from(value)]),
            Leaf::Signed(bytes, value) => self.add(120 + bytes, value.to_le_bytes()),
            Leaf::Unsigned(bytes, value) => self.add(140 + bytes, value.to_le_bytes()),
            Leaf::F32(value) => self.add(102, value.to_bits().to_le_bytes()),
            Leaf::F64(value) => self.add(103, value.to_bits().to_le_bytes()),
            Leaf::Char(value) => self.add(104, u32::from(value).to_le_bytes()),
            Leaf::Str(value) => {
                self.add(105, []);
                self.text(value.as_bytes());
            }
            Leaf::Bytes(value) => {
                self.add(106, []);
                self.text(value);
            }
            Leaf::None => self.add(107, []),
            Leaf::Unit => self.add(108, []),
            Leaf::UnitStruct(name) => {
                self.add(109, []);
                self.text(name.as_bytes());
            }
            Leaf::UnitVariant(name, variant) => {
                self.add(110, []);
                self.text(name.as_bytes());
                self.text(variant.as_bytes());
            }
        }
    }

    fn open(&mut self, group: Group, name: &'static str, variant: &'static str) {
        self.add(group as u8, []);
        self.text(name.as_bytes());
        self.text(variant.as_bytes());
        if group == Group::Map {
            let around = mem::replace(&mut self.hasher, SipHasher13::new());
            self.maps.push(Map { around, sum: 0, entries: 0 });
        }
    }

    #[inline]
    fn part(&mut self, group: Group, field: &'static str) {
        if group == Group::Map {
            self.end_entry();
            if let Some(map) = self.maps.last_mut() {
                map.entries += 1;
            }
        } else {
            self.add(111, []);
            if !field.is_empty() {
                self.text(field.as_bytes());
            }
        }
    }

    fn close(&mut self, group: Group) {
        if group == Group::Map {
            self.end_entry();
            if let Some(Map { around, sum, entries }) = self.maps.pop() {
                self.hasher = around;
                self.add(112, entries.to_le_bytes());
                self.add(113, sum.to_le_bytes());
            }
        }
        self.add(100, []);
    }
}
