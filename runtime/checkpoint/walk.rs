//! A serializer that shows the parts of a value to a visitor.

use serde::Serialize;
use serde::ser::{
    Error, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple, SerializeTupleStruct,
    SerializeTupleVariant, Serializer,
};
use std::error;
use std::fmt::{self, Display, Formatter};

/// What learns the parts of a value, in order.
pub(super) trait Visitor {
    /// Whether types that have a text for people use it.
    const IS_TEXT: bool;

    /// A value without parts.
    fn leaf(&mut self, leaf: Leaf<'_>);

    /// The start of a value with parts, with the names of its type and of its variant. A name that
    /// it does not have is empty.
    fn open(&mut self, group: Group, name: &'static str, variant: &'static str);

    /// A part follows, with the name of its field. The entry of a map is one part.
    fn part(&mut self, group: Group, field: &'static str);

    /// The value of an entry of a map follows.
    fn value(&mut self) {}

    /// The end of a value with parts.
    fn close(&mut self, group: Group);

    /// A field is left out of this value, but not of others of its type.
    fn skip(&mut self, _field: &'static str) -> Result<(), EncodingError> {
        Ok(())
    }
}

/// A value without parts.
#[derive(Clone, Copy)]
pub(super) enum Leaf<'v> {
    Bool(bool),
    /// The number of bytes of the type, and the value.
    Signed(u8, i128),
    Unsigned(u8, u128),
    F32(f32),
    F64(f64),
    Char(char),
    Str(&'v str),
    Bytes(&'v [u8]),
    None,
    Unit,
    UnitStruct(&'static str),
    /// The names of the enum and of the variant.
    UnitVariant(&'static str, &'static str),
}

/// A kind of value with parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Group {
    Some = 1,
    Newtype,
    NewtypeVariant,
    Seq,
    Tuple,
    TupleStruct,
    TupleVariant,
    Map,
    Struct,
    StructVariant,
}

/// Why a value does not let itself be serialized, in its words.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct EncodingError(pub(crate) String);

impl Display for EncodingError {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl error::Error for EncodingError {}

impl Error for EncodingError {
    fn custom<T: Display>(message: T) -> Self {
        EncodingError(message.to_string())
    }
}

/// Shows a value to a visitor.
pub(super) fn walk<T: Serialize + ?Sized, V: Visitor>(value: &T, visitor: &mut V) -> Result<(), EncodingError> {
    value.serialize(Walk(visitor))
}

/// A place in a value.
struct Walk<'v, V>(&'v mut V);

/// A value whose parts follow.
struct Parts<'v, V>(&'v mut V, Group);

impl<'v, V: Visitor> Walk<'v, V> {
    #[inline]
    #[allow(clippy::unnecessary_wraps, reason = "the type that a serializer returns")]
    fn leaf(self, leaf: Leaf<'_>) -> Result<(), EncodingError> {
        self.0.leaf(leaf);
        Ok(())
    }

    #[allow(clippy::unnecessary_wraps, reason = "the type that a serializer returns")]
    fn open(self, group: Group, name: &'static str, variant: &'static str) -> Result<Parts<'v, V>, EncodingError> {
        self.0.open(group, name, variant);
        Ok(Parts(self.0, group))
    }

    fn only<T: Serialize + ?Sized>(
        self,
        group: Group,
        name: &'static str,
        variant: &'static str,
        value: &T,
    ) -> Result<(), EncodingError> {
        let mut parts = self.open(group, name, variant)?;
        parts.part("", value)?;
        parts.close()
    }
}

impl<V: Visitor> Parts<'_, V> {
    #[inline]
    fn part<T: Serialize + ?Sized>(&mut self, field: &'static str, value: &T) -> Result<(), EncodingError> {
        self.0.part(self.1, field);
        walk(value, self.0)
    }

    #[allow(clippy::unnecessary_wraps, reason = "the type that a serializer returns")]
    fn close(self) -> Result<(), EncodingError> {
        self.0.close(self.1);
        Ok(())
    }
}

macro_rules! leaves {
    ($($method:ident($value:ident: $type:ty) $leaf:expr;)*) => {$(
        #[inline]
        fn $method(self, $value: $type) -> Result<(), EncodingError> {
            self.leaf($leaf)
        }
    )*};
}

impl<'v, V: Visitor> Serializer for Walk<'v, V> {
    type Ok = ();
    type Error = EncodingError;
    type SerializeSeq = Parts<'v, V>;
    type SerializeTuple = Parts<'v, V>;
    type SerializeTupleStruct = Parts<'v, V>;
    type SerializeTupleVariant = Parts<'v, V>;
    type SerializeMap = Parts<'v, V>;
    type SerializeStruct = Parts<'v, V>;
    type SerializeStructVariant = Parts<'v, V>;

    leaves! {
        serialize_bool(value: bool) Leaf::Bool(value);
        serialize_i8(value: i8) Leaf::Signed(1, value.into());
        serialize_i16(value: i16) Leaf::Signed(2, value.into());
        serialize_i32(value: i32) Leaf::Signed(4, value.into());
        serialize_i64(value: i64) Leaf::Signed(8, value.into());
        serialize_i128(value: i128) Leaf::Signed(16, value);
        serialize_u8(value: u8) Leaf::Unsigned(1, value.into());
        serialize_u16(value: u16) Leaf::Unsigned(2, value.into());
        serialize_u32(value: u32) Leaf::Unsigned(4, value.into());
        serialize_u64(value: u64) Leaf::Unsigned(8, value.into());
        serialize_u128(value: u128) Leaf::Unsigned(16, value);
        serialize_f32(value: f32) Leaf::F32(value);
        serialize_f64(value: f64) Leaf::F64(value);
        serialize_char(value: char) Leaf::Char(value);
        serialize_str(value: &str) Leaf::Str(value);
        serialize_bytes(value: &[u8]) Leaf::Bytes(value);
        serialize_unit_struct(name: &'static str) Leaf::UnitStruct(name);
    }

    fn serialize_none(self) -> Result<(), EncodingError> {
        self.leaf(Leaf::None)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), EncodingError> {
        self.only(Group::Some, "", "", value)
    }

    fn serialize_unit(self) -> Result<(), EncodingError> {
        self.leaf(Leaf::Unit)
    }

    fn serialize_unit_variant(self, name: &'static str, _: u32, variant: &'static str) -> Result<(), EncodingError> {
        self.leaf(Leaf::UnitVariant(name, variant))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<(), EncodingError> {
        self.only(Group::Newtype, name, "", value)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), EncodingError> {
        self.only(Group::NewtypeVariant, name, variant, value)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Parts<'v, V>, EncodingError> {
        self.open(Group::Seq, "", "")
    }

    fn serialize_tuple(self, _: usize) -> Result<Parts<'v, V>, EncodingError> {
        self.open(Group::Tuple, "", "")
    }

    fn serialize_tuple_struct(self, name: &'static str, _: usize) -> Result<Parts<'v, V>, EncodingError> {
        self.open(Group::TupleStruct, name, "")
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Parts<'v, V>, EncodingError> {
        self.open(Group::TupleVariant, name, variant)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Parts<'v, V>, EncodingError> {
        self.open(Group::Map, "", "")
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Parts<'v, V>, EncodingError> {
        self.open(Group::Struct, name, "")
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Parts<'v, V>, EncodingError> {
        self.open(Group::StructVariant, name, variant)
    }

    fn is_human_readable(&self) -> bool {
        V::IS_TEXT
    }
}

macro_rules! parts {
    ($($trait:ident $method:ident($($field:ident: $type:ty)?) $name:expr $(, $skip:ident)?;)*) => {$(
        impl<V: Visitor> $trait for Parts<'_, V> {
            type Ok = ();
            type Error = EncodingError;

            #[inline]
            fn $method<T: Serialize + ?Sized>(
                &mut self,
                $($field: $type,)?
                value: &T,
            ) -> Result<(), EncodingError> {
                self.part($name, value)
            }

            $(
                fn $skip(&mut self, field: &'static str) -> Result<(), EncodingError> {
                    self.0.skip(field)
                }
            )?

            fn end(self) -> Result<(), EncodingError> {
                self.close()
            }
        }
    )*};
}

parts! {
    SerializeSeq serialize_element() "";
    SerializeTuple serialize_element() "";
    SerializeTupleStruct serialize_field() "";
    SerializeTupleVariant serialize_field() "";
    SerializeStruct serialize_field(field: &'static str) field, skip_field;
    SerializeStructVariant serialize_field(field: &'static str) field, skip_field;
}

impl<V: Visitor> SerializeMap for Parts<'_, V> {
    type Ok = ();
    type Error = EncodingError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), EncodingError> {
        self.part("", key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), EncodingError> {
        self.0.value();
        walk(value, self.0)
    }

    fn end(self) -> Result<(), EncodingError> {
        self.close()
    }
}
