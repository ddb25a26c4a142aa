//! Decides how the twin names the function that it calls, so that it is that one and no other.

use crate::model::generated::{Callee, Model};
use crate::model::unnamed::unique;
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::ext::IdentExt;
use syn::{GenericParam, PathArguments};

/// The function, as the twin's body names it.
pub(crate) struct Name {
    /// The expression that is called.
    pub(crate) path: TokenStream,
    /// What stands in the body before it.
    pub(crate) import: Option<TokenStream>,
    /// What stands beside the twin.
    pub(crate) beside: Option<TokenStream>,
}

impl Name {
    pub(crate) fn of(model: &Model) -> Self {
        let function = &model.function;
        let turbofish = turbofish(model);
        match &model.callee {
            Callee::Free { hash } => Name::guarded(model, *hash, turbofish.as_ref()),
            Callee::Associated => Name { path: quote!(Self::#function #turbofish), import: None, beside: None },
            Callee::Path(path) => {
                let last = path.path.segments.last();
                let is_open = last.is_some_and(|segment| matches!(segment.arguments, PathArguments::None));
                let turbofish = turbofish.filter(|_| is_open);
                Name { path: quote!(#path #turbofish), import: None, beside: None }
            }
        }
    }

    /// An associated function with neither `self` nor `Self` in its signature looks like a free one, and another function of that name may be
    /// in reach. So the twin imports the function together with a constant that stands beside it. In an `impl` nothing can be imported;
    /// that is one error, which shows the constant's name.
    fn guarded(model: &Model, hash: u64, turbofish: Option<&TokenStream>) -> Self {
        let function = &model.function;
        // The hash tells it from the constant of another function of that name, outside of the `impl`.
        let constant = format!("__in_an_impl_block_write_call_equals_Self_{}_{:04x}", function.unraw(), hash & 0xffff);
        let constant = Ident::new(&constant, Span::mixed_site());
        // An import in a block hides an argument.
        let is_argument = |name: &str| model.arguments.iter().any(|argument| argument.name == name);
        let original = Ident::new(&unique("__original", is_argument), Span::mixed_site());
        Name {
            path: quote!(#original #turbofish),
            // The constant first: of two errors at one place the compiler shows the first.
            import: Some(quote!(use {#constant as _, #function as #original};)),
            beside: Some(quote!(#[doc(hidden)] const #constant: () = ();)),
        }
    }
}

/// What the caller of the twin writes in angle brackets has to reach the function, where nothing else may tell it.
fn turbofish(model: &Model) -> Option<TokenStream> {
    let parameters: Vec<&Ident> = (model.generics.params.iter())
        .filter_map(|parameter| match parameter {
            GenericParam::Type(parameter) => Some(&parameter.ident),
            GenericParam::Const(parameter) => Some(&parameter.ident),
            GenericParam::Lifetime(_) => None,
        })
        .collect();
    (!parameters.is_empty()).then(|| quote!(::<#(#parameters),*>))
}
