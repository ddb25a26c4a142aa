//! The lints that generated functions allow.

use crate::model::generated::{Callee, Model, Passing};
use crate::read::names::{idents, mentions};
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

/// Allows the lints of clippy that would fire because of generated code.
///
/// Each has a case in `tests/strict`. The list is as short as possible, because an `allow` inside a
/// `forbid` is an error (E0453). It has no lint of rustc, and no lint that is on by default.
pub(crate) fn lints(model: &Model) -> TokenStream {
    // An expression that creates a parameter may use `_seed`, which the function does not use.
    let names = model.parameters.iter().flat_map(|parameter| idents(parameter.pat.to_token_stream()));
    let underscored: Vec<String> = names.filter(|name| name.starts_with('_')).collect();
    let uses_underscore = model.parameters.iter().any(|parameter| match &parameter.passing {
        Passing::Created(creation) => mentions(creation.tokens(), &underscored),
        _ => false,
    });
    let underscore = uses_underscore.then(|| quote!(clippy::used_underscore_binding));
    // The public functions of a trait would have to be `#[inline]`.
    let inline =
        (!matches!(model.callee, Callee::Free { .. })).then(|| quote!(clippy::missing_inline_in_public_items,));
    // The type of a mapped parameter is `impl Items`.
    quote!(#[allow(clippy::impl_trait_in_params, #inline #underscore)])
}
