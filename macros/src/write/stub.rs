//! The generated functions without their work, which take the place of the real ones after a mistake.

use crate::check::states::Made;
use crate::model::generated::{Kind, Model, Output, Passing};
use crate::read::types::{argument_of, is_mutable_reference};
use crate::write::callee::Name;
use crate::write::calls::call;
use crate::write::expand::{body, signature};
use crate::write::returns;
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

/// The twins without their work, for where there was a mistake; their callers are to find them.
pub(crate) fn stub(mut model: Model) -> TokenStream {
    let may_be_none = model.output.ty().is_some_and(|ty| argument_of(ty, "Option").is_some());
    if let Output::Opaque(_) = model.output {
        model.yields.skip_none &= may_be_none;
    }
    // Of any type; `loop {}` would be warned of.
    let nothing = quote!(::core::option::Option::unwrap(::core::option::Option::None));
    for argument in &mut model.arguments {
        // What makes it may be wrong.
        if let Passing::Made(made) = &mut argument.passing {
            *made = match made {
                Made::PerThread(_) if is_mutable_reference(&argument.ty) => Made::PerThread(nothing.clone()),
                _ => Made::PerItem(quote!(|_| #nothing)),
            };
        }
    }
    model.progress = None;
    let model = &model;
    let eager = signature(model, Kind::Eager, returns::eager(model).as_ref());
    let name = Name::of(model);
    let Name { path, import, beside } = &name;
    if let Output::Unit | Output::Type(_) = model.output {
        let lazy = signature(model, Kind::Lazy, Some(&returns::lazy_stub(model)));
        return quote!(#[doc(hidden)] #eager { loop {} } #[doc(hidden)] #lazy { loop {} } #beside);
    }
    // What `impl Trait` is, has to be told.
    let call = call(model, path, |argument| match argument.passing {
        Passing::Mapped => {
            let input = &argument.name;
            let next = quote!(::core::iter::Iterator::next(&mut ::core::iter::IntoIterator::into_iter(#input)));
            quote!(::core::option::Option::unwrap(#next))
        }
        Passing::Shared | Passing::Cloned => argument.name.to_token_stream(),
        Passing::Made(_) => nothing.clone(),
    });
    let unwrap = model.yields.skip_none.then(|| quote!(.unwrap()));
    let ok = model.yields.catch_panics.then(|| quote!(::core::result::Result::Ok));
    let lazy = signature(model, Kind::Lazy, Some(&returns::lazy(model)));
    let body = body(model, &name, Kind::Lazy);
    quote! {
        #[doc(hidden)] #eager { #import ::std::vec![#ok(#call #unwrap)] }
        #[doc(hidden)] #lazy { #body }
        #beside
    }
}
