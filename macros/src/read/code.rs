//! A hash of the code of a function, which tells whether its results may have changed.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Visibility};

/// The attributes that do not change what a function does. Lints and formatters have a path of
/// several words, such as `rustfmt::skip`.
const WITHOUT_EFFECT: [&str; 12] =
    ["allow", "clippy", "cold", "deny", "doc", "expect", "forbid", "inline", "must_use", "over", "rustfmt", "warn"];

/// Hashes the function from its signature on, and the tokens in `others`.
///
/// The hash does not depend on the place of the function, on its attributes, its visibility or its
/// comments, nor on the compiler. Keys in files contain it, so every change of this function makes
/// all of them unknown.
pub(crate) fn hash(item: TokenStream, others: impl IntoIterator<Item = TokenStream>) -> u64 {
    let after_attributes = |input: ParseStream| {
        input.call(Attribute::parse_outer)?;
        input.parse::<Visibility>()?;
        input.parse::<TokenStream>()
    };
    let code = after_attributes.parse2(item).unwrap_or_default();
    let mut hash = Fnv::new();
    hash.tokens(code);
    others.into_iter().for_each(|tokens| hash.tokens(tokens));
    hash.0
}

/// The hash FNV-1a with 64 bits, because the hashers of the standard library may change.
struct Fnv(u64);

impl Fnv {
    fn new() -> Self {
        Fnv(0xcbf2_9ce4_8422_2325)
    }

    fn byte(&mut self, byte: u8) {
        self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }

    /// Adds a text and its end, because `a b` is not `ab`.
    fn text(&mut self, text: &str) {
        text.bytes().for_each(|byte| self.byte(byte));
        // No text in UTF-8 contains this byte.
        self.byte(0xff);
    }

    /// Adds the tokens of a group and their end.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut tokens = tokens.into_iter().peekable();
        let mut commas = 0;
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Punct(punct) if punct.as_char() == '#' => {
                    let is_inner = matches!(tokens.peek(), Some(TokenTree::Punct(punct)) if punct.as_char() == '!');
                    let mark = if is_inner { tokens.next() } else { None };
                    if tokens.next_if(is_without_effect).is_none() {
                        self.text("#");
                        self.text(if mark.is_some() { "!" } else { "" });
                    }
                }
                // Formatters add a comma behind the last of several values, and remove it.
                TokenTree::Punct(punct) if punct.as_char() == ',' => {
                    if commas == 0 || tokens.peek().is_some() {
                        self.text(",");
                    }
                    commas += 1;
                }
                TokenTree::Group(group) => {
                    self.text(match group.delimiter() {
                        Delimiter::Parenthesis => "(",
                        Delimiter::Brace => "{",
                        Delimiter::Bracket => "[",
                        Delimiter::None => "",
                    });
                    self.tokens(group.stream());
                }
                TokenTree::Ident(_) | TokenTree::Punct(_) | TokenTree::Literal(_) => self.text(&token.to_string()),
            }
        }
        self.byte(0xfe);
    }
}

/// Whether the token is the bracket of an attribute that does not change what the function does.
fn is_without_effect(token: &TokenTree) -> bool {
    let TokenTree::Group(group) = token else { return false };
    let first = group.stream().into_iter().next();
    group.delimiter() == Delimiter::Bracket
        && matches!(first, Some(TokenTree::Ident(word)) if WITHOUT_EFFECT.iter().any(|known| word == known))
}

#[cfg(test)]
mod tests {
    use super::hash;
    use proc_macro2::TokenStream;

    fn of(text: &str) -> u64 {
        hash(text.parse().expect("tokens"), [])
    }

    #[test]
    fn it_is_that_of_every_compiler() {
        // Stored in files: if this changes, no result is found again.
        assert_eq!(of("fn f(x: f64) -> f64 { x + 1.0 }"), 0x8f4d_c91c_f8e6_f726);
    }

    #[test]
    fn comments_attributes_and_formats_do_not_count() {
        let function = "fn f(x: f64, y: f64) -> f64 { let z = g(x, y); z }";
        for same in [
            "/// Adds.\n#[inline] pub(crate) fn f(x: f64, y: f64) -> f64 { let z = g(x, y); z }",
            "fn f(\n  x: f64,\n  y: f64, // The other.\n) -> f64 {\n  let z = g(\n    x,\n    y,\n  );\n  z\n}",
            "fn f(#[over] x: f64, y: f64) -> f64 { #![allow(unused)] /// Sum.\n let z = g(x, y); #[rustfmt::skip] z }",
        ] {
            assert_eq!(of(same), of(function), "{same}");
        }
    }

    #[test]
    fn everything_else_counts() {
        let functions = [
            "fn f(x: f64) -> f64 { x + 1.0 }",
            "fn f(x: f64) -> f64 { x + 2.0 }",
            "fn f(x: f64) -> f64 { x - 1.0 }",
            "fn f(x: f32) -> f64 { x + 1.0 }",
            "fn g(x: f64) -> f64 { x + 1.0 }",
            "fn f(y: f64) -> f64 { y + 1.0 }",
            "fn f(x: f64) -> f64 { (x) + 1.0 }",
            "fn f(x: f64) -> f64 { (x,) + 1.0 }",
            "fn f(x: f64) -> f64 { [x] + 1.0 }",
            "fn f(x: f64) -> f64 { #[cfg(a)] { x + 1.0 } }",
            "fn f(x: f64) -> f64 { #[cfg(b)] { x + 1.0 } }",
            "fn f(x: f64) -> f64 { { x + 1.0 } }",
            "unsafe fn f(x: f64) -> f64 { x + 1.0 }",
        ];
        let mut hashes: Vec<u64> = functions.into_iter().map(of).collect();
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), functions.len());
    }

    #[test]
    fn other_tokens_count() {
        let function: TokenStream = "fn f(x: f64) -> f64 { x }".parse().expect("tokens");
        let seed = |text: &str| hash(function.clone(), [text.parse().expect("tokens")]);
        assert_ne!(seed("|i| i"), seed("|i| i + 1"));
        assert_ne!(seed("|i| i"), hash(function.clone(), []));
    }
}
