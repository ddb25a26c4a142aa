//! Paths into the runtime crate, placed where an error about them belongs.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::quote_spanned;
use syn::Type;
use syn::spanned::Spanned;

/// The tokens, without groups, at another place: an error about tokens of several places is reported on the whole attribute.
pub(crate) fn respan(tokens: &TokenStream, span: Span) -> TokenStream {
    let at = |mut token: TokenTree| {
        token.set_span(span);
        token
    };
    tokens.clone().into_iter().map(at).collect()
}

/// Where the tokens of a result stand: at the function's result, so that one that an option is not for is one error, there.
pub(crate) fn place(ty: Option<&Type>) -> Span {
    ty.map_or_else(Span::call_site, Spanned::span).resolved_at(Span::mixed_site())
}

/// The type of a result as one that may end the call; where it cannot, the error is at the type.
pub(crate) fn attempt(ty: &Type, krate: &TokenStream) -> TokenStream {
    let span = place(Some(ty));
    let krate = respan(krate, span);
    quote_spanned!(span=> <#ty as #krate::Try>)
}
