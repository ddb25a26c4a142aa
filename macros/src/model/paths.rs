//! Spans for generated tokens, so that an error about them is reported where it belongs.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::quote_spanned;
use syn::Type;
use syn::spanned::Spanned;

/// Returns the tokens with another span. Tokens inside groups keep theirs.
///
/// If tokens had several spans, the compiler would report an error about them at the whole
/// attribute.
pub(crate) fn respan(tokens: &TokenStream, span: Span) -> TokenStream {
    let at = |mut token: TokenTree| {
        token.set_span(span);
        token
    };
    tokens.clone().into_iter().map(at).collect()
}

/// Returns the span for tokens about a type, so that an error about them is reported at the type.
pub(crate) fn span_of(ty: Option<&Type>) -> Span {
    ty.map_or_else(Span::call_site, Spanned::span).resolved_at(Span::mixed_site())
}

/// Returns the path of `Vec`, which a `no_std` crate reaches through the runtime only.
pub(crate) fn vec_at(krate: &TokenStream, span: Span) -> TokenStream {
    let krate = respan(krate, span);
    quote_spanned!(span=> #krate::__private::Vec)
}

/// Returns `<Type as Try>`. If the type does not implement `Try`, the error is at the type.
pub(crate) fn as_try(ty: &Type, krate: &TokenStream) -> TokenStream {
    let span = span_of(Some(ty));
    let krate = respan(krate, span);
    quote_spanned!(span=> <#ty as #krate::Try>)
}
