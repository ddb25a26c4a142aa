//! Naming the annotated function in the generated functions, so that they cannot call another one.

use crate::model::generated::{Callee, Model};
use crate::model::unnamed::unique;
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::ext::IdentExt;
use syn::{GenericParam, PathArguments};

/// The tokens that name the annotated function.
pub(crate) struct CalleeName {
    /// The path of the function, as the body of a generated function calls it.
    pub(crate) path: TokenStream,
    /// The import that the body needs before the call.
    pub(crate) import: Option<TokenStream>,
    /// The guard constant, which is next to the generated functions.
    pub(crate) guard: Option<TokenStream>,
}

impl CalleeName {
    pub(crate) fn of(model: &Model) -> Self {
        let function = &model.function;
        let turbofish = turbofish(model);
        match &model.callee {
            Callee::Free { hash } => CalleeName::guarded(model, *hash, turbofish.as_ref()),
            Callee::Associated => CalleeName { path: quote!(Self::#function #turbofish), import: None, guard: None },
            Callee::Path(path) => {
                let last = path.path.segments.last();
                let is_open = last.is_some_and(|segment| matches!(segment.arguments, PathArguments::None));
                let turbofish = turbofish.filter(|_| is_open);
                CalleeName { path: quote!(#path #turbofish), import: None, guard: None }
            }
        }
    }

    /// Names a function that seems to be a free one, and guards against an associated one.
    ///
    /// An associated function with neither `self` nor `Self` in its signature looks like a free
    /// function, and its name alone may mean another function. The generated functions therefore
    /// import the function together with a constant that is next to them. Items of an `impl` block
    /// cannot be imported, so there the import is one error, which shows the name of the constant.
    fn guarded(model: &Model, hash: u64, turbofish: Option<&TokenStream>) -> Self {
        let function = &model.function;
        // With the hash, the name differs from the constant of another function of that name, which
        // may be outside of the `impl` block.
        let constant = format!("__in_an_impl_block_write_call_equals_Self_{}_{:04x}", function.unraw(), hash & 0xffff);
        let constant = Ident::new(&constant, Span::mixed_site());
        // The import must not have the name of a parameter, because it would hide the parameter.
        let is_parameter = |name: &str| model.parameters.iter().any(|parameter| parameter.name == name);
        let original = Ident::new(&unique("__original", is_parameter), Span::mixed_site());
        CalleeName {
            path: quote!(#original #turbofish),
            // The constant is first, because of two errors at one place the compiler shows the
            // first.
            import: Some(quote!(use {#constant as _, #function as #original};)),
            guard: Some(quote!(#[doc(hidden)] const #constant: () = ();)),
        }
    }
}

/// Returns `::<T, N>` with the type and const parameters, if the annotated function has any.
///
/// If the caller gives them in angle brackets, the annotated function may have no other way to
/// infer them.
fn turbofish(model: &Model) -> Option<TokenStream> {
    let generic_parameters: Vec<&Ident> = (model.generics.params.iter())
        .filter_map(|generic_parameter| match generic_parameter {
            GenericParam::Type(generic_parameter) => Some(&generic_parameter.ident),
            GenericParam::Const(generic_parameter) => Some(&generic_parameter.ident),
            GenericParam::Lifetime(_) => None,
        })
        .collect();
    (!generic_parameters.is_empty()).then(|| quote!(::<#(#generic_parameters),*>))
}
