//! Decides which attributes of the function its twin has too.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::punctuated::Punctuated;
use syn::{Attribute, Meta, Token};

/// Those that say where the function exists, who may see it, what lints think of it, and what it is compiled for. Not those that are about
/// its symbol (`no_mangle`), its results (`must_use`, for a `Vec` has no need of it), or that would take it twice (`test`).
pub(crate) fn attributes(attrs: &[Attribute]) -> Vec<TokenStream> {
    let metas = attrs.iter().flat_map(|attr| forwarded(&attr.meta));
    metas.map(|meta| quote!(#[#meta])).collect()
}

/// Whether the twin has `#[track_caller]` from the function.
pub(crate) fn tracks_caller(attrs: &[Attribute]) -> bool {
    attrs.iter().any(|attr| attr.path().is_ident("track_caller"))
}

/// What an attribute becomes on the twin.
fn forwarded(meta: &Meta) -> Vec<TokenStream> {
    let is = |name: &str| meta.path().is_ident(name);
    if ["cfg", "allow", "target_feature", "track_caller"].into_iter().any(is) {
        return vec![meta.to_token_stream()];
    }
    match meta {
        // The twin's users are told; the twin itself may use the function.
        _ if is("deprecated") => vec![meta.to_token_stream(), quote!(allow(deprecated))],
        // What the body of the function is expected to trigger, its twin does not.
        Meta::List(list) if is("expect") => {
            // That the function is used by nobody stays for the compiler to find out, which `allow` would keep it from.
            let lints = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).unwrap_or_default();
            let lints =
                lints.iter().filter(|lint| !lint.path().is_ident("dead_code") && !lint.path().is_ident("unused"));
            vec![quote!(allow(#(#lints),*))]
        }
        Meta::List(list) if is("doc") => match list.parse_args::<Meta>() {
            Ok(inner) if inner.path().is_ident("hidden") => vec![meta.to_token_stream()],
            _ => Vec::new(),
        },
        Meta::List(list) if is("cfg_attr") => {
            let parts = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).unwrap_or_default();
            let mut parts = parts.iter();
            let condition = parts.next();
            let attributes: Vec<TokenStream> = parts.flat_map(forwarded).collect();
            if attributes.is_empty() { Vec::new() } else { vec![quote!(cfg_attr(#condition, #(#attributes),*))] }
        }
        _ => Vec::new(),
    }
}
