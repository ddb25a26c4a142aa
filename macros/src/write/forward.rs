//! The attributes that the generated functions inherit from the annotated function.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::punctuated::Punctuated;
use syn::{Attribute, Meta, MetaList, Token};

/// Returns the inherited attributes: conditions, visibility in documentation, lint levels,
/// deprecation and target features.
///
/// Attributes about the symbol (`no_mangle`) and the result (`must_use`) are not inherited, and
/// neither are those that would register the function twice (`test`).
pub(crate) fn attributes(attrs: &[Attribute]) -> Vec<TokenStream> {
    let metas = attrs.iter().flat_map(|attr| forwarded(&attr.meta));
    metas.map(|meta| quote!(#[#meta])).collect()
}

/// Returns the attributes of a function that only generated code calls: conditions and lint levels.
pub(crate) fn hidden_attributes(attrs: &[Attribute]) -> Vec<TokenStream> {
    let metas = attrs.iter().flat_map(|attr| hidden(&attr.meta));
    metas.map(|meta| quote!(#[#meta])).collect()
}

fn hidden(meta: &Meta) -> Vec<TokenStream> {
    let is = |name: &str| meta.path().is_ident(name);
    match meta {
        _ if is("deprecated") => vec![quote!(allow(deprecated))],
        Meta::List(list) if is("cfg_attr") => conditional(list, hidden),
        _ if ["cfg", "allow", "expect"].into_iter().any(is) => forwarded(meta),
        _ => Vec::new(),
    }
}

/// Returns the conditions of the annotated function alone, for items that are no functions.
pub(crate) fn conditions(attrs: &[Attribute]) -> Vec<TokenStream> {
    let metas = attrs.iter().flat_map(|attr| condition(&attr.meta));
    metas.map(|meta| quote!(#[#meta])).collect()
}

fn condition(meta: &Meta) -> Vec<TokenStream> {
    match meta {
        Meta::List(list) if list.path.is_ident("cfg_attr") => conditional(list, condition),
        meta if meta.path().is_ident("cfg") => vec![meta.to_token_stream()],
        _ => Vec::new(),
    }
}

/// Returns the `cfg_attr` of the attributes that `of` returns for those in `list`.
fn conditional(list: &MetaList, of: fn(&Meta) -> Vec<TokenStream>) -> Vec<TokenStream> {
    let parts = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).unwrap_or_default();
    let mut parts = parts.iter();
    let condition = parts.next();
    let attributes: Vec<TokenStream> = parts.flat_map(of).collect();
    if attributes.is_empty() { Vec::new() } else { vec![quote!(cfg_attr(#condition, #(#attributes),*))] }
}

/// Whether the generated functions inherit `#[track_caller]`.
pub(crate) fn tracks_caller(attrs: &[Attribute]) -> bool {
    attrs.iter().any(|attr| attr.path().is_ident("track_caller"))
}

/// Returns the attributes of the generated functions that come from one attribute.
fn forwarded(meta: &Meta) -> Vec<TokenStream> {
    let is = |name: &str| meta.path().is_ident(name);
    if ["cfg", "allow", "target_feature", "track_caller"].into_iter().any(is) {
        return vec![meta.to_token_stream()];
    }
    match meta {
        // Users of the generated function are warned. The generated function itself may call the
        // annotated function without a warning.
        _ if is("deprecated") => vec![meta.to_token_stream(), quote!(allow(deprecated))],
        // Generated code does not fire the lints that the body of the annotated function is
        // expected to fire, so `expect` becomes `allow`.
        Meta::List(list) if is("expect") => {
            // Except `dead_code`: with `allow(dead_code)` the generated function would count as
            // used, and so would the annotated function that it calls, whose `expect` would then be
            // unfulfilled.
            let lints = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).unwrap_or_default();
            let lints =
                lints.iter().filter(|lint| !lint.path().is_ident("dead_code") && !lint.path().is_ident("unused"));
            vec![quote!(allow(#(#lints),*))]
        }
        Meta::List(list) if is("doc") => match list.parse_args::<Meta>() {
            Ok(inner) if inner.path().is_ident("hidden") => vec![meta.to_token_stream()],
            _ => Vec::new(),
        },
        Meta::List(list) if is("cfg_attr") => conditional(list, forwarded),
        _ => Vec::new(),
    }
}
