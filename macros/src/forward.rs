//! Decides which attributes of the function its twin has too.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::punctuated::Punctuated;
use syn::{Attribute, Meta, Token};

/// Those that say where the function exists, who may see it, what lints think of it, and what it is compiled for. Not those that are about
/// its symbol (`no_mangle`), its results (`must_use`, for a `Vec` has no need of it), or that would take it twice (`test`).
pub(crate) fn attributes(attrs: &[Attribute]) -> Vec<TokenStream> {
    let metas = attrs.iter().filter_map(|attr| meta(&attr.meta));
    metas.map(|meta| quote!(#[#meta])).collect()
}

fn meta(meta: &Meta) -> Option<TokenStream> {
    let path = meta.path();
    let is = |names: &[&str]| names.iter().any(|name| path.is_ident(name));
    if is(&["cfg", "allow", "deprecated", "target_feature", "track_caller"]) {
        return Some(meta.to_token_stream());
    }
    match meta {
        // What the function's body is expected to trigger, the twin does not.
        Meta::List(list) if is(&["expect"]) => {
            let lints = &list.tokens;
            Some(quote!(allow(#lints)))
        }
        Meta::List(list) if is(&["doc"]) => {
            let inner: Meta = list.parse_args().ok()?;
            inner.path().is_ident("hidden").then(|| meta.to_token_stream())
        }
        Meta::List(list) if is(&["cfg_attr"]) => {
            let parts = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).ok()?;
            let mut parts = parts.iter();
            let condition = parts.next()?;
            let forwarded: Vec<TokenStream> = parts.filter_map(self::meta).collect();
            (!forwarded.is_empty()).then(|| quote!(cfg_attr(#condition, #(#forwarded),*)))
        }
        _ => None,
    }
}
