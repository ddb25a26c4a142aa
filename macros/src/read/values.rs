//! Reading the value of one option, with the messages for a value that is missing or of another
//! kind.

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Expr, ExprLit, Lit, LitInt, Token, parenthesized, token};

/// The option `progress` or `progress = ..`.
pub(crate) enum Progress {
    /// `progress`: the label of the bar is the name of the function.
    Unnamed,
    /// `progress = ..`: a label, or an expression that creates a bar.
    Expr(Expr),
}

/// Reads `= value`. In messages, `what` and `example` describe the value that the option takes.
pub(crate) fn value<T>(
    input: ParseStream,
    key: &Ident,
    what: &str,
    example: &str,
    parse: fn(ParseStream) -> syn::Result<T>,
) -> syn::Result<T> {
    equals(input, key, what, example)?;
    if input.peek(Lit) {
        let literal: Lit = input.parse()?;
        let message = match &literal {
            Lit::Str(text) if text.parse_with(parse).is_ok() => {
                format!("write it without quotes: `{key} = {}`", text.value())
            }
            _ => format!("`{key}` takes {what}, not a literal: `{example}`"),
        };
        return Err(syn::Error::new_spanned(literal, message));
    }
    let span = input.span();
    let value = parse(input).map_err(|_| not_a_value(span, key, what, example))?;
    // If the next option follows, only a comma is missing, which the calling function reports.
    let is_next_option = input.peek(Ident::peek_any) && input.peek2(Token![=]);
    if input.is_empty() || input.peek(Token![,]) || is_next_option {
        Ok(value)
    } else {
        Err(not_a_value(span, key, what, example))
    }
}

/// Reads the equals sign, and reports a missing value after it.
pub(crate) fn equals(input: ParseStream, key: &Ident, what: &str, example: &str) -> syn::Result<()> {
    if input.is_empty() || input.peek(Token![,]) {
        return Err(syn::Error::new_spanned(key, format!("`{key}` needs {what}: `{example}`")));
    }
    let Ok(equals) = input.parse::<Token![=]>() else {
        return Err(input.error(format!("write `{key}` with an equals sign: `{example}`")));
    };
    if input.is_empty() || input.peek(Token![,]) {
        let tokens = [key.to_token_stream(), equals.to_token_stream()].into_iter().collect::<TokenStream>();
        return Err(syn::Error::new_spanned(tokens, format!("`{key}` needs {what}: `{example}`")));
    }
    Ok(())
}

/// Reads an option without a value.
pub(crate) fn flag(input: ParseStream, key: Ident) -> syn::Result<Ident> {
    if input.is_empty() || input.peek(Token![,]) {
        return Ok(key);
    }
    Err(input.error(format!("`{key}` takes no value: write `{key}`")))
}

/// Reads `= expression` with a number of threads.
pub(crate) fn threads(input: ParseStream, key: &Ident) -> syn::Result<Expr> {
    number(input, key, "a number of threads", "threads = 4", "the calling thread counts")
}

/// Reads `= expression` with a number of calls.
pub(crate) fn in_flight(input: ParseStream, key: &Ident) -> syn::Result<Expr> {
    number(input, key, "a number of calls", "in_flight = 16", "one call after the other")
}

/// Reads `= expression` with a number, which must be at least 1. Of all expressions, only literals
/// are checked. `one` says what the number 1 means.
fn number(input: ParseStream, key: &Ident, what: &str, example: &str, one: &str) -> syn::Result<Expr> {
    equals(input, key, what, example)?;
    let span = input.span();
    let number = expression(input).map_err(|_| not_a_value(span, key, what, example))?;
    match &number {
        Expr::Lit(ExprLit { lit: Lit::Int(literal), .. }) => match literal.base10_parse::<usize>() {
            Ok(0) => Err(syn::Error::new_spanned(literal, format!("`{key}` must be at least 1 ({one})"))),
            Ok(_) => Ok(number),
            Err(_) => Err(not_a_value(span, key, what, example)),
        },
        Expr::Lit(_) => Err(not_a_value(span, key, what, example)),
        _ => Ok(number),
    }
}

/// Reads a progress bar, whose label may be missing.
pub(crate) fn progress(input: ParseStream, key: &Ident) -> syn::Result<Progress> {
    if !cfg!(feature = "progress") {
        let message = "`progress` needs the cargo feature of that name: `cargo add parallelize --features progress`";
        return Err(syn::Error::new_spanned(key, message));
    }
    if input.is_empty() || input.peek(Token![,]) {
        return Ok(Progress::Unnamed);
    }
    let (what, example) = ("a label, a bar or no value", "progress = \"working\"");
    equals(input, key, what, example)?;
    let span = input.span();
    match expression(input).map_err(|_| not_a_value(span, key, what, example))? {
        Expr::Lit(ExprLit { lit, .. }) if !matches!(lit, Lit::Str(_)) => Err(not_a_value(span, key, what, example)),
        value => Ok(Progress::Expr(value)),
    }
}

/// Reads `distributed`, which takes no value.
pub(crate) fn distributed(input: ParseStream, key: &Ident) -> syn::Result<Ident> {
    if !cfg!(feature = "distributed") {
        let message =
            "`distributed` needs the cargo feature of that name: `cargo add parallelize --features distributed`";
        return Err(syn::Error::new_spanned(key, message));
    }
    if input.peek(Token![=]) || input.peek(token::Paren) {
        let message = "`distributed` takes no processes: the program starts them once, at the beginning of `main`, \
                       with `let _cluster = parallelize::processes(4)?;`";
        return Err(input.error(message));
    }
    flag(input, key.clone())
}

/// Reads `checkpoint` or `checkpoint(version = 2)`, and returns the version, which is 0 if there is
/// none.
pub(crate) fn checkpoint(input: ParseStream, key: &Ident) -> syn::Result<u64> {
    if !cfg!(feature = "checkpoint") {
        let message =
            "`checkpoint` needs the cargo feature of that name: `cargo add parallelize --features checkpoint`";
        return Err(syn::Error::new_spanned(key, message));
    }
    if input.is_empty() || input.peek(Token![,]) {
        return Ok(0);
    }
    if input.peek(Token![=]) {
        let message = "`checkpoint` takes no file: the program opens it with `Checkpoint::open(\"sweep.redb\")`, \
                       and passes it to each call with `.checkpoint(&store)`";
        return Err(input.error(message));
    }
    let not_a_version = |span| {
        let message = "`checkpoint` takes no value, or the version of the function: `checkpoint(version = 2)`";
        syn::Error::new(span, message)
    };
    if !input.peek(token::Paren) {
        return Err(not_a_version(input.span()));
    }
    let content;
    let parentheses = parenthesized!(content in input);
    let version = read_version(&content).filter(|_| content.is_empty());
    read_to_end(&content);
    version.ok_or_else(|| not_a_version(parentheses.span.join()))
}

/// Reads `version = 2`, with an optional comma.
fn read_version(input: ParseStream) -> Option<u64> {
    let word = input.call(Ident::parse_any).ok().filter(|word| word == "version");
    let equals = input.parse::<Token![=]>().ok();
    let number = input.parse::<LitInt>().ok()?.base10_parse().ok();
    let _: Option<Token![,]> = input.parse().ok()?;
    word.and(equals).and(number)
}

/// Reads an expression, without the invisible group that a `macro_rules!` macro puts around an
/// `$expr`.
pub(crate) fn expression(input: ParseStream) -> syn::Result<Expr> {
    let mut expression: Expr = input.parse()?;
    while let Expr::Group(group) = expression {
        expression = *group.expr;
    }
    Ok(expression)
}

/// Returns the error for a value of another kind.
pub(crate) fn not_a_value(span: Span, key: &Ident, what: &str, example: &str) -> syn::Error {
    syn::Error::new(span, format!("`{key}` takes {what}: `{example}`"))
}

/// Skips the rest of a broken option, so that the options after it are still checked.
pub(crate) fn skip_to_comma(input: ParseStream) -> syn::Result<()> {
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<proc_macro2::TokenTree>()?;
    }
    Ok(())
}

/// Skips the rest of a group, because syn would report unread tokens.
pub(crate) fn read_to_end(input: ParseStream) {
    while input.parse::<proc_macro2::TokenTree>().is_ok() {}
}
