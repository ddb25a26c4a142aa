//! Decides what can be told from the names in a function's tokens: whether it is associated, which types may depend on its caller, and
//! whether it is another function of the same name.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use syn::buffer::Cursor;

/// The names in a signature.
#[derive(Default)]
pub(crate) struct Names {
    all: BTreeSet<String>,
    /// Capitalized names that stand alone, as a type parameter does: `Item` in `&Item` and in `Item::Output`, not in `Item<u8>`.
    alone: BTreeSet<String>,
}

impl Names {
    /// Reads the tokens from `start` to `end`.
    pub(crate) fn between(start: Cursor, end: Cursor) -> Self {
        let mut names = Names::default();
        names.read(start, Some(end));
        names
    }

    pub(crate) fn contains(&self, name: &str) -> bool {
        self.all.contains(name)
    }

    /// Names that may be parameters of an `impl` or a trait around the function, which cannot be seen: one capital letter or, where there
    /// certainly is one around and `widely`, any that stands alone. What is said of them has to be harmless to say of a type.
    pub(crate) fn outer_parameters(&self, widely: bool) -> impl Iterator<Item = &String> {
        let is_letter = |name: &str| {
            let mut letters = name.chars();
            letters.next().is_some_and(char::is_uppercase) && letters.all(|letter| letter.is_ascii_digit())
        };
        self.alone.iter().filter(move |name| widely || is_letter(name))
    }

    fn read(&mut self, mut cursor: Cursor, end: Option<Cursor>) {
        // The token before: a path goes on, or a trait is to come.
        let mut before = String::new();
        while !cursor.eof() && Some(cursor) != end {
            if let Some((ident, rest)) = cursor.ident() {
                let name = ident.to_string();
                let is_capitalized = name.starts_with(char::is_uppercase) && name != "Self" && name != "String";
                let may_be_type = !["::", "dyn", "impl", "+"].contains(&before.as_str());
                let has_arguments = rest.punct().is_some_and(|(punct, _)| punct.as_char() == '<');
                if is_capitalized && may_be_type && !has_arguments {
                    self.alone.insert(name.clone());
                }
                self.all.insert(name.clone());
                (before, cursor) = (name, rest);
            } else if let Some((punct, rest)) = cursor.punct() {
                let is_second_colon = punct.as_char() == ':' && before == ":";
                before = if is_second_colon { "::".to_owned() } else { punct.as_char().to_string() };
                cursor = rest;
            } else if let Some((inside, _, _, rest)) = cursor.any_group() {
                self.read(inside, None);
                before.clear();
                cursor = rest;
            } else {
                cursor = skip(cursor);
                before.clear();
            }
        }
    }
}

/// Tells the tokens of one function from those of another, wherever they stand.
pub(crate) fn hash(cursor: Cursor) -> u64 {
    let mut hasher = DefaultHasher::new();
    hash_into(cursor, &mut hasher);
    hasher.finish()
}

fn hash_into(mut cursor: Cursor, hasher: &mut DefaultHasher) {
    while !cursor.eof() {
        if let Some((ident, rest)) = cursor.ident() {
            ident.to_string().hash(hasher);
            cursor = rest;
        } else if let Some((punct, rest)) = cursor.punct() {
            punct.as_char().hash(hasher);
            cursor = rest;
        } else if let Some((literal, rest)) = cursor.literal() {
            literal.to_string().hash(hasher);
            cursor = rest;
        } else if let Some((lifetime, rest)) = cursor.lifetime() {
            lifetime.ident.to_string().hash(hasher);
            cursor = rest;
        } else if let Some((inside, delimiter, _, rest)) = cursor.any_group() {
            matches!(delimiter, Delimiter::Brace).hash(hasher);
            hash_into(inside, hasher);
            cursor = rest;
        } else {
            return;
        }
    }
}

/// Past a literal or a lifetime.
fn skip(cursor: Cursor) -> Cursor {
    let literal = cursor.literal().map(|(_, rest)| rest);
    literal.or_else(|| cursor.lifetime().map(|(_, rest)| rest)).unwrap_or_else(Cursor::empty)
}

/// Whether one of the words stands anywhere in the tokens, also as `{word}` in what may be a format string.
pub(crate) fn mentions(tokens: TokenStream, words: &[String]) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => words.iter().any(|word| ident == word),
        TokenTree::Group(group) => mentions(group.stream(), words),
        TokenTree::Literal(literal) => {
            let text = literal.to_string();
            words.iter().any(|word| text.contains(&format!("{{{word}}}")) || text.contains(&format!("{{{word}:")))
        }
        TokenTree::Punct(_) => false,
    })
}
