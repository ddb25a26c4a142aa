//! Writing names that let an editor complete and explain the words of the attribute.

use crate::read::function::Function;
use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Expr, Token};

/// The environment variable that rust-analyzer sets when it runs macros. No build sets it.
const EDITOR_VARIABLE: &str = "RUST_ANALYZER_INTERNALS_DO_NOT_USE";

/// Whether an editor runs the macro, so that the expansion will not be compiled.
pub(crate) fn is_running() -> bool {
    std::env::var_os(EDITOR_VARIABLE).is_some()
}

// An editor completes and explains a word of the attribute by the same token in the expansion. In
// the expansion, each word is a name that is imported from a module. The module has all names that
// may replace the word.
//
// To complete, the editor expands the attribute twice: as it is, and with a word at the cursor. It
// assumes that both expansions are equal up to that word. The imports are therefore first in the
// expansion, before everything that depends on mistakes. Each list of imports ends with a glob
// import. Without a word at the cursor, this import is at the place of the word.
//
// The paths of the modules are relative, because the editor does not resolve `self` and `super`
// within a function.
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
/// Writes a function that imports the words of the attribute.
pub(crate) fn hints(args: &TokenStream, krate: &TokenStream, function: Option<&Function>) -> TokenStream {
    let Words { options, mapped, parameters } = Words::of(args);
    let name = function.map(|function| function.sig.ident.unraw().to_string()).unwrap_or_default();
    let names = function.map(Function::parameter_names).unwrap_or_default();
    let names = names.iter().filter_map(|name| syn::parse_str::<Ident>(name).ok());
    // Raw, because a name in the edition of the calling crate may be a keyword in the macro's
    // edition.
    let names = names.map(|name| format_ident!("r#{}", name.unraw()));
    let description = format!("A parameter of `{name}`.");
    let names = quote!(#(#[doc = #description] pub fn #names() {})*);
    // The function is next to the annotated one. In a trait, the bound keeps the trait dyn
    // compatible.
    let sized = function.filter(|function| function.is_associated()).map(|_| quote!(where Self: ::core::marker::Sized));
    let hints = format_ident!("__words_of_{name}", span = Span::mixed_site());
    quote! {
        #[doc(hidden)]
        fn #hints() #sized {
            #(use #krate::__private::options::#options as _;)*
            use #krate::__private::options::*;
            mod __mapped {
                /// Pulls from several inputs in step: `f_parallel(xs, ys, z)`.
                pub fn zip() {}
                /// Takes every combination of several inputs. The last parameter varies fastest.
                pub fn product() {}
                #names
            }
            #(use __mapped::#mapped as _;)*
            use __mapped::*;
            mod __arguments { #names }
            #(use __arguments::#parameters as _;)*
            use __arguments::*;
        }
    }
}

/// The words of an attribute, by the module from which the expansion imports them.
#[derive(Default)]
struct Words {
    /// The names of options.
    options: Vec<Ident>,
    /// The word after `over =`: a parameter, or the word `zip` or `product`.
    mapped: Vec<Ident>,
    /// The parameters in parentheses, and the one of `cancel`.
    parameters: Vec<Ident>,
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
                words.parameters.extend(parts.iter().filter_map(|part| ident(&part[0])));
            }
            if key == "cancel" {
                words.parameters.extend(part.get(2).and_then(ident));
            }
            words.options.extend(ident(&part[0]));
        }
        words
    }
}

/// Splits the tokens at commas.
fn parts(tokens: TokenStream) -> Vec<Vec<TokenTree>> {
    let parts = Punctuated::<_, Token![,]>::parse_terminated_with;
    let parts = (|input: ParseStream| parts(input, part)).parse2(tokens);
    parts.into_iter().flatten().filter(|part| !part.is_empty()).collect()
}

/// Reads up to the next comma that is not part of a value, as the comma of `f::<A, B>()` is.
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

/// Returns the name if it can be imported. Keywords such as `crate` cannot.
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
        let args = "over = zip(x, y), per_thread(buffer = f::<A, B>(a, b)), cancel = token, crate = ::a, thr";
        let Words { options, mapped, parameters } = Words::of(&tokens(args));
        assert_eq!(options, ["over", "per_thread", "cancel", "thr"]);
        assert_eq!(mapped, ["zip"]);
        assert_eq!(parameters, ["x", "y", "buffer", "token"]);
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
            ("cancel =", "cancel = $"),
        ];
        for (before, after) in cases {
            let (before, after) = (hints(before), hints(&after.replace('$', "here")));
            let (start, _) = after.split_once("here").expect("the word");
            assert!(before.starts_with(start), "{start}\n{before}");
        }
    }
}
