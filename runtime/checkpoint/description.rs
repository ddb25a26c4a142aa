//! A short text of a value, for messages.

use crate::checkpoint::walk::{Group, Leaf, Visitor, walk};
use serde::Serialize;
use std::fmt::{Display, Write};
use std::mem;

const MAX_CHARACTERS: usize = 80;

/// Describes a value almost like `Debug`, in at most 80 characters.
pub(super) fn describe<T: Serialize + ?Sized>(value: &T) -> String {
    let mut description = Description { text: String::new(), is_first: Vec::new() };
    if let Err(error) = walk(value, &mut description) {
        description.text = format!("an item that cannot be serialized ({error})");
    }
    let text = description.text;
    if text.chars().nth(MAX_CHARACTERS).is_none() {
        return text;
    }
    text.chars().take(MAX_CHARACTERS - 3).chain("...".chars()).collect()
}

struct Description {
    text: String,
    /// Of each group around the present place, whether it has no parts yet.
    is_first: Vec<bool>,
}

impl Description {
    fn add(&mut self, text: impl Display) {
        // The rest would be cut off.
        if self.text.len() <= 4 * MAX_CHARACTERS {
            let _ = write!(self.text, "{text}");
        }
    }
}

impl Visitor for Description {
    const IS_TEXT: bool = true;

    fn leaf(&mut self, leaf: Leaf<'_>) {
        match leaf {
            Leaf::Bool(value) => self.add(value),
            Leaf::Signed(_, value) => self.add(value),
            Leaf::Unsigned(_, value) => self.add(value),
            Leaf::F32(value) => self.add(format_args!("{value:?}")),
            Leaf::F64(value) => self.add(format_args!("{value:?}")),
            Leaf::Char(value) => self.add(format_args!("{value:?}")),
            Leaf::Str(value) => {
                let end = value.char_indices().nth(MAX_CHARACTERS).map_or(value.len(), |(end, _)| end);
                self.add(format_args!("{:?}", &value[..end]));
            }
            Leaf::Bytes(value) => self.add(format_args!("{:?}", &value[..value.len().min(MAX_CHARACTERS)])),
            Leaf::None => self.add("None"),
            Leaf::Unit => self.add("()"),
            Leaf::UnitStruct(name) => self.add(name),
            Leaf::UnitVariant(_, variant) => self.add(variant),
        }
    }

    fn open(&mut self, group: Group, name: &'static str, variant: &'static str) {
        self.add(if variant.is_empty() { name } else { variant });
        self.add(match group {
            Group::Some => "Some(",
            Group::Seq => "[",
            Group::Map => "{",
            Group::Struct | Group::StructVariant => " { ",
            Group::Newtype | Group::NewtypeVariant | Group::Tuple | Group::TupleStruct | Group::TupleVariant => "(",
        });
        self.is_first.push(true);
    }

    fn part(&mut self, _: Group, field: &'static str) {
        let is_first = self.is_first.last_mut().is_none_or(|is_first| mem::replace(is_first, false));
        if !is_first {
            self.add(", ");
        }
        if !field.is_empty() {
            self.add(field);
            self.add(": ");
        }
    }

    fn value(&mut self) {
        self.add(": ");
    }

    fn close(&mut self, group: Group) {
        self.is_first.pop();
        self.add(match group {
            Group::Seq => "]",
            Group::Map => "}",
            Group::Struct | Group::StructVariant => " }",
            _ => ")",
        });
    }
}
