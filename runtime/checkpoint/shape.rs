//! The names in a value, without its contents.

use crate::checkpoint::mix::Mix;
use crate::checkpoint::walk::{EncodingError, Group, Leaf, Visitor, walk};
use serde::Serialize;

/// Returns a hash of the names and kinds of all parts of a value.
///
/// A value that was decoded as another type than it was encoded as has another shape. The order of
/// the elements of maps and sequences does not count, because that of a `HashSet` is another one
/// each time.
pub(super) fn shape_of<T: Serialize + ?Sized>(value: &T) -> Result<u32, EncodingError> {
    let mut shape = Shape { mix: Mix::new(0), unordered: Vec::new() };
    walk(value, &mut shape)?;
    #[allow(clippy::cast_possible_truncation, reason = "every half of the hash is as good as all of it")]
    Ok(shape.mix.finish() as u32)
}

struct Shape {
    mix: Mix,
    unordered: Vec<Unordered>,
}

/// A map or a sequence whose parts are being visited.
struct Unordered {
    /// The shape of what is around it.
    around: Mix,
    sum: u64,
    has_parts: bool,
}

impl Shape {
    fn name(&mut self, name: &str) {
        self.mix.bytes(name.as_bytes());
    }

    /// Adds the part that has been visited to the innermost map or sequence.
    fn end_part(&mut self) {
        let Some(unordered) = self.unordered.last_mut() else { return };
        if unordered.has_parts {
            unordered.sum = unordered.sum.wrapping_add(self.mix.finish());
        }
        unordered.has_parts = true;
        self.mix = Mix::new(1);
    }
}

fn is_unordered(group: Group) -> bool {
    matches!(group, Group::Seq | Group::Map)
}

impl Visitor for Shape {
    const IS_TEXT: bool = false;

    #[inline]
    fn leaf(&mut self, leaf: Leaf<'_>) {
        let kind = match leaf {
            Leaf::Bool(_) => 101,
            Leaf::Signed(bytes, _) => 200 + u64::from(bytes),
            Leaf::Unsigned(bytes, _) => 300 + u64::from(bytes),
            Leaf::F32(_) => 102,
            Leaf::F64(_) => 103,
            Leaf::Char(_) => 104,
            Leaf::Str(_) => 105,
            Leaf::Bytes(_) => 106,
            Leaf::None => 107,
            Leaf::Unit => 108,
            Leaf::UnitStruct(_) => 109,
            Leaf::UnitVariant(..) => 110,
        };
        self.mix.word(kind);
        match leaf {
            Leaf::UnitStruct(name) => self.name(name),
            Leaf::UnitVariant(name, variant) => {
                self.name(name);
                self.name(variant);
            }
            _ => {}
        }
    }

    fn open(&mut self, group: Group, name: &'static str, variant: &'static str) {
        self.mix.word(group as u64);
        if !name.is_empty() {
            self.name(name);
        }
        if !variant.is_empty() {
            self.name(variant);
        }
        if is_unordered(group) {
            self.unordered.push(Unordered { around: self.mix, sum: 0, has_parts: false });
        }
    }

    #[inline]
    fn part(&mut self, group: Group, field: &'static str) {
        if is_unordered(group) {
            self.end_part();
        } else if !field.is_empty() {
            self.name(field);
        }
    }

    fn close(&mut self, group: Group) {
        if is_unordered(group) {
            self.end_part();
            if let Some(Unordered { around, sum, .. }) = self.unordered.pop() {
                self.mix = around;
                self.mix.word(sum);
            }
        }
        self.mix.word(100);
    }

    fn skip(&mut self, field: &'static str) -> Result<(), EncodingError> {
        // Without the field, the bytes may be those of another value.
        Err(EncodingError(format!("`skip_serializing_if` leaves its field `{field}` out")))
    }
}
