//! Decides what an editor is told of a half-typed attribute: which words may stand there, and what they mean.

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use quote::quote;

/// What rust-analyzer sets where it runs macros. No build does.
const EDITOR: &str = "RUST_ANALYZER_INTERNALS_DO_NOT_USE";

/// Whether it is an editor that wants to know, and the expansion will not be compiled.
pub(crate) fn asks() -> bool {
    std::env::var_os(EDITOR).is_some()
}

// An editor completes a word of the attribute, and explains it, by what the same token is in the expansion. There the words are names that are
// imported from a module which has all that may stand in their place.
//
// Input:
//     over = x, threads = 4
//
// Output:
//     const _: () = {
//         mod options {
//             use ::parallelize::__private::options::*;
//             use self::{over as _, threads as _};
//         }
//         mod arguments {
//             use ::parallelize::__private::options::several::*;
//             pub fn x() {}
//             pub fn steps() {}
//             use self::{x as _};
//         }
//     };
pub(crate) fn hints(args: &TokenStream, krate: &TokenStream, names: &[String]) -> TokenStream {
    // From within a module, a relative path leads elsewhere.
    let is_absolute = ["::", "crate"].iter().any(|start| krate.to_string().starts_with(start));
    if !is_absolute {
        return TokenStream::new();
    }
    let words = Words::of(args);
    let (options, arguments) = (&words.options, &words.arguments);
    let names = names.iter().filter_map(|name| syn::parse_str::<Ident>(name).ok());
    let place = Span::mixed_site();
    let [options_module, arguments_module] = ["__options", "__arguments"].map(|name| Ident::new(name, place));
    quote! {
        const _: () = {
            mod #options_module {
                use #krate::__private::options::*;
                use self::{#(#options as _),*};
            }
            mod #arguments_module {
                use #krate::__private::options::several::*;
                #(pub fn #names() {})*
                use self::{#(#arguments as _),*};
            }
        };
    }
}

/// The words of an attribute, by what they are to be.
#[derive(Default)]
struct Words {
    options: Vec<Ident>,
    /// Arguments, and the ways to map several.
    arguments: Vec<Ident>,
}

impl Words {
    fn of(args: &TokenStream) -> Self {
        let mut words = Words::default();
        for part in parts(args) {
            let Some(TokenTree::Ident(key)) = part.first() else { continue };
            let group = part.iter().find_map(|token| match token {
                TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis => Some(group.stream()),
                _ => None,
            });
            if key == "over" {
                words.arguments.extend(part.get(2).and_then(ident));
            }
            if key == "over" || key == "per_thread" || key == "per_item" {
                let parts = group.as_ref().map(parts).unwrap_or_default();
                words.arguments.extend(parts.iter().filter_map(|part| ident(part.first()?)));
            }
            words.options.extend(ident(&part[0]));
        }
        words
    }
}

/// What stands between commas.
fn parts(tokens: &TokenStream) -> Vec<Vec<TokenTree>> {
    let mut parts = vec![Vec::new()];
    for token in tokens.clone() {
        match (&token, parts.last_mut()) {
            (TokenTree::Punct(punct), _) if punct.as_char() == ',' => parts.push(Vec::new()),
            (_, Some(part)) => part.push(token),
            (_, None) => {}
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// A name that can be imported: no keyword, as `crate` is one.
fn ident(token: &TokenTree) -> Option<Ident> {
    syn::parse2(TokenStream::from(token.clone())).ok()
}

#[cfg(test)]
mod tests {
    use super::Words;

    #[test]
    fn words_of_an_attribute() {
        let args = "over = zip(x, y), per_thread(buffer = f(a, b)), threads = 4, crate = ::a, thr";
        let Words { options, arguments } = Words::of(&args.parse().expect("tokens"));
        assert_eq!(options, ["over", "per_thread", "threads", "thr"]);
        assert_eq!(arguments, ["zip", "x", "y", "buffer"]);
    }
}
