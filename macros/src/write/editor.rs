//! Decides what an editor is told of a half-typed attribute: which words may stand there, and what they mean.

use crate::read::function::Function;
use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Expr, Token};

/// What rust-analyzer sets where it runs macros. No build does.
const EDITOR: &str = "RUST_ANALYZER_INTERNALS_DO_NOT_USE";

/// Whether it is an editor that wants to know, and the expansion will not be compiled.
pub(crate) fn asks() -> bool {
    std::env::var_os(EDITOR).is_some()
}

// An editor completes a word of the attribute, and explains it, by what the same token is in the expansion. There the words are names that are
// imported from a module which has all that may stand in their place.
//
// While it completes, the editor expands the attribute once as it is and once with a word at the cursor, and takes it that what stands before
// that word is the same in both. So the words come before all that mistakes change; and each list of them ends with an import of everything,
// whose path is at the word's place where there is no word yet.
//
// The modules are reached by relative paths, for the editor does not resolve `self` and `super` within a function.
//
// Input:
//     #[parallelize(over = x, threads = 4)]
//     fn simulate(x: f64, steps: u32) -> f64 { .. }
//
// Output:
//     fn __words_of_simulate() {
//         use ::parallelize::__private::options::over as _;
//         use ::parallelize::__private::options::threads as _;
//         use ::parallelize::__private::options::*;
//         mod __mapped {
//             pub fn zip() {}
//             pub fn product() {}
//             pub fn r#x() {}
//             pub fn r#steps() {}
//         }
//         use __mapped::x as _;
//         use __mapped::*;
//         mod __arguments {
//             pub fn r#x() {}
//             pub fn r#steps() {}
//         }
//         use __arguments::*;
//     }
pub(crate) fn hints(args: &TokenStream, krate: &TokenStream, function: Option<&Function>) -> TokenStream {
    let Words { options, mapped, arguments } = Words::of(args);
    let name = function.map(|function| function.sig.ident.unraw().to_string()).unwrap_or_default();
    let names = function.map(Function::argument_names).unwrap_or_default();
    let names = names.iter().filter_map(|name| syn::parse_str::<Ident>(name).ok());
    // Raw, for what is a name in the caller's edition may be a keyword in this one.
    let names = names.map(|name| format_ident!("r#{}", name.unraw()));
    let description = format!("An argument of `{name}`.");
    let names = quote!(#(#[doc = #description] pub fn #names() {})*);
    // A function may stand wherever the annotated one does, and with this bound a trait that has it can still be `dyn`.
    let sized = function.filter(|function| function.is_associated()).map(|_| quote!(where Self: ::core::marker::Sized));
    let hints = format_ident!("__words_of_{name}", span = Span::mixed_site());
    quote! {
        #[doc(hidden)]
        fn #hints() #sized {
            #(use #krate::__private::options::#options as _;)*
            use #krate::__private::options::*;
            mod __mapped {
                /// The arguments are walked together: `f_parallel(xs, ys, z)`.
                pub fn zip() {}
                /// Every combination, the last argument varying fastest.
                pub fn product() {}
                #names
            }
            #(use __mapped::#mapped as _;)*
            use __mapped::*;
            mod __arguments { #names }
            #(use __arguments::#arguments as _;)*
            use __arguments::*;
        }
    }
}

/// The words of an attribute, by what they are to be.
#[derive(Default)]
struct Words {
    options: Vec<Ident>,
    /// An argument, or a way to map several.
    mapped: Vec<Ident>,
    /// Arguments in parentheses.
    arguments: Vec<Ident>,
}

impl Words {
    fn of(args: &TokenStream) -> Self {
        let mut words = Words::default();
        for part in parts(args.clone()) {
            let Some(TokenTree::Ident(key)) = part.first() else { continue };
            if key == "over" {
                words.mapped.extend(part.get(2).and_then(ident));
            }
            if key == "over" || key == "per_thread" || key == "per_item" {
                let group = part.iter().find_map(|token| match token {
                    TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis => Some(group.stream()),
                    _ => None,
                });
                let parts = group.map(parts).unwrap_or_default();
                words.arguments.extend(parts.iter().filter_map(|part| ident(&part[0])));
            }
            words.options.extend(ident(&part[0]));
        }
        words
    }
}

/// What stands between commas.
fn parts(tokens: TokenStream) -> Vec<Vec<TokenTree>> {
    let parts = Punctuated::<_, Token![,]>::parse_terminated_with;
    let parts = (|input: ParseStream| parts(input, part)).parse2(tokens);
    parts.into_iter().flatten().filter(|part| !part.is_empty()).collect()
}

/// What stands before the next comma that is not in the middle of a value, as that of `f::<A, B>()` is.
fn part(input: ParseStream) -> syn::Result<Vec<TokenTree>> {
    let mut part = Vec::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        let is_equals = input.peek(Token![=]);
        part.push(input.parse()?);
        if is_equals && input.fork().parse::<Expr>().is_ok() {
            part.extend(input.parse::<Expr>()?.into_token_stream());
        }
    }
    Ok(part)
}

/// A name that can be imported: no keyword, as `crate` is one.
fn ident(token: &TokenTree) -> Option<Ident> {
    syn::parse2(TokenStream::from(token.clone())).ok()
}

#[cfg(test)]
mod tests {
    use super::{Words, hints};
    use crate::read::function;
    use proc_macro2::TokenStream;
    use quote::quote;

    fn tokens(text: &str) -> TokenStream {
        text.parse().expect("tokens")
    }

    #[test]
    fn words_of_an_attribute() {
        let args = "over = zip(x, y), per_thread(buffer = f::<A, B>(a, b)), threads = 4, crate = ::a, thr";
        let Words { options, mapped, arguments } = Words::of(&tokens(args));
        assert_eq!(options, ["over", "per_thread", "threads", "thr"]);
        assert_eq!(mapped, ["zip"]);
        assert_eq!(arguments, ["x", "y", "buffer"]);
    }

    #[test]
    fn a_word_changes_nothing_before_itself() {
        let function = function::parse(quote!(
            fn f(&self, x: u32, (y, z): (u32, u32)) {}
        ))
        .ok();
        let hints = |args: &str| hints(&tokens(args), &quote!(::parallelize), function.as_ref()).to_string();
        let cases = [
            ("", "$"),
            ("over = x, , threads = 4", "over = x, $, threads = 4"),
            ("over =", "over = $"),
            ("over = zip(x,)", "over = zip(x, $)"),
            ("per_item()", "per_item($)"),
        ];
        for (before, after) in cases {
            let (before, after) = (hints(before), hints(&after.replace('$', "here")));
            let (start, _) = after.split_once("here").expect("the word");
            assert!(before.starts_with(start), "{start}\n{before}");
        }
    }
}
