//! The names in the tokens of a function.
//!
//! They tell whether the function is associated and which types may depend on the caller. A hash of
//! the tokens tells the function from others of the same name.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use syn::buffer::Cursor;

/// The names in a signature.
#[derive(Default)]
pub(crate) struct Names {
    all: BTreeSet<String>,
    /// Capitalized names that are used like a type parameter: `Item` in `&Item` and `Item::Output`,
    /// but not in `Item<u8>`.
    standalone: BTreeSet<String>,
    /// Capitalized names that are the length of an array: `N` in `[u8; N]`.
    lengths: BTreeSet<String>,
}

impl Names {
    /// Collects the names in the tokens from `start` to `end`.
    pub(crate) fn between(start: Cursor, end: Cursor) -> Self {
        let mut names = Names::default();
        names.read(start, Some(end));
        names
    }

    pub(crate) fn contains(&self, name: &str) -> bool {
        self.all.contains(name)
    }

    /// Returns the names that may be type parameters of a surrounding `impl` or trait.
    ///
    /// The macro does not see what surrounds the function, so it guesses: these are the names that
    /// consist of one capital letter and perhaps digits, or with `of_any_length` all standalone
    /// names. A name may also be that of a type, so a bound on it must do no harm for a type.
    pub(crate) fn outer_parameters(&self, of_any_length: bool) -> impl Iterator<Item = &String> {
        let is_letter = |name: &str| {
            let mut letters = name.chars();
            letters.next().is_some_and(char::is_uppercase) && letters.all(|letter| letter.is_ascii_digit())
        };
        self.standalone.difference(&self.lengths).filter(move |name| of_any_length || is_letter(name))
    }

    fn read(&mut self, mut cursor: Cursor, end: Option<Cursor>) {
        // The previous token tells whether a path continues or a trait follows.
        let mut before = String::new();
        while !cursor.eof() && Some(cursor) != end {
            if let Some((ident, rest)) = cursor.ident() {
                let name = ident.to_string();
                let is_capitalized = name.starts_with(char::is_uppercase) && name != "Self" && name != "String";
                let may_be_type = !["::", "dyn", "impl", "+"].contains(&before.as_str());
                let has_arguments = rest.punct().is_some_and(|(punct, _)| punct.as_char() == '<');
                if is_capitalized && before == ";" {
                    self.lengths.insert(name.clone());
                } else if is_capitalized && may_be_type && !has_arguments {
                    self.standalone.insert(name.clone());
                }
                self.all.insert(name.clone());
                // A name in `use<..>` may be that of a const parameter.
                let is_use = name == "use";
                (before, cursor) = (name, if is_use { skip_to_greater(rest) } else { rest });
            } else if let Some((punct, rest)) = cursor.punct() {
                let is_second_colon = punct.as_char() == ':' && before == ":";
                before = if is_second_colon { "::".to_owned() } else { punct.as_char().to_string() };
                cursor = rest;
            } else if let Some((inside, _, _, rest)) = cursor.any_group() {
                self.read(inside, None);
                before.clear();
                cursor = rest;
            } else {
                cursor = skip_token(cursor);
                before.clear();
            }
        }
    }
}

/// Hashes the tokens up to the end, without their position in the file.
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

/// Returns the cursor at the next `>`.
fn skip_to_greater(mut cursor: Cursor) -> Cursor {
    while let Some((_, rest)) = cursor.token_tree() {
        if cursor.punct().is_some_and(|(punct, _)| punct.as_char() == '>') {
            break;
        }
        cursor = rest;
    }
    cursor
}

/// Returns the cursor after a literal or a lifetime.
fn skip_token(cursor: Cursor) -> Cursor {
    let literal = cursor.literal().map(|(_, rest)| rest);
    literal.or_else(|| cursor.lifetime().map(|(_, rest)| rest)).unwrap_or_else(Cursor::empty)
}

/// Returns all names in the tokens.
pub(crate) fn idents(tokens: TokenStream) -> Vec<String> {
    let names = |token: TokenTree| match token {
        TokenTree::Ident(name) => vec![name.to_string()],
        TokenTree::Group(group) => idents(group.stream()),
        _ => Vec::new(),
    };
    tokens.into_iter().flat_map(names).collect()
}

/// Whether the tokens contain one of the words, perhaps as `{word}` in a format string.
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

/// Whether the tokens contain an attribute, or a macro call that may expand to one.
pub(crate) fn may_have_attributes(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Punct(punct) => ['#', '!'].contains(&punct.as_char()),
        TokenTree::Group(group) => may_have_attributes(group.stream()),
        TokenTree::Ident(_) | TokenTree::Literal(_) => false,
    })
}
