//! Decides the tokens of the twin.
//!
//! All paths are absolute, and all that is the macro's own has the span `mixed_site`: arguments and locals are hygienic, and since the
//! span is a macro's, the lints of the caller's crate keep silent about what the caller did not write.

use crate::callee::Name;
use crate::docs;
use crate::forward;
use crate::model::{Argument, Model, Output, Passing};
use crate::types::{behind_reference, is_of_unit};
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{GenericParam, Path, Type};

// Input:
//     fn simulate(x: f64, steps: u32, table: &Table) -> f64 { .. }
//
// Output:
//     fn simulate_parallel(
//         x: impl IntoIterator<Item = f64, IntoIter: Send>, steps: u32, table: &Table,
//     ) -> Vec<f64> {
//         enum x_of_simulate {}
//         enum steps_of_simulate {}
//         enum table_of_simulate {}
//         use {__write_call_equals_Self_simulate_0c1d as _, simulate as __original};
//         static __MEMORY_OF_simulate: Memory = Memory::new();
//         Call::new(&__MEMORY_OF_simulate).run::<f64, x_of_simulate, f64, _, _>(x, move |x| {
//             __original(x, cloned::<u32, steps_of_simulate>(&steps), shared::<Table, table_of_simulate>(table))
//         })
//     }
//     const __write_call_equals_Self_simulate_0c1d: () = ();
pub(crate) fn expand(model: &Model) -> TokenStream {
    let docs = docs::of_twin(model);
    let lints = lints();
    let attrs = forward::attributes(&model.attrs);
    // A wrong number of threads is the caller's mistake.
    let track_caller =
        model.threads.as_ref().filter(|_| !forward::tracks_caller(&model.attrs)).map(|_| quote!(#[track_caller]));
    let signature = signature(model);
    let name = Name::of(model);
    let body = body(model, &name);
    let beside = name.beside;
    quote! {
        #docs
        #lints
        #(#attrs)*
        #track_caller
        #signature {
            #body
        }
        #beside
    }
}

/// What lints would say about a twin and not about its function, at the function's own tokens. Each has its case in `tests/strict`; none
/// is a lint of rustc, for an `allow` beneath a `forbid` is an error (E0453).
fn lints() -> TokenStream {
    quote! {
        #[allow(
            // The function's own bounds stay where they are, what threads need goes to the where-clause.
            clippy::multiple_bound_locations,
            // The input is `impl IntoIterator`.
            clippy::impl_trait_in_params
        )]
    }
}

/// Everything up to the body.
fn signature(model: &Model) -> TokenStream {
    let Model { vis, twin, generics, introduced, predicates, .. } = model;
    let unsafety = model.is_unsafe.then(|| quote!(unsafe));
    // Lifetimes go first.
    let (lifetimes, others): (Vec<_>, Vec<_>) =
        generics.params.iter().partition(|parameter| matches!(parameter, GenericParam::Lifetime(_)));
    let new_lifetimes = &introduced.lifetimes;
    let new_types = introduced.types.iter().map(|(_, parameter)| parameter);
    let parameters: Vec<TokenStream> = (lifetimes.iter().map(ToTokens::to_token_stream))
        .chain(new_lifetimes.iter().map(ToTokens::to_token_stream))
        .chain(others.iter().map(ToTokens::to_token_stream))
        .chain(new_types.map(ToTokens::to_token_stream))
        .collect();
    let parameters = (!parameters.is_empty()).then(|| quote!(<#(#parameters),*>));
    let receiver = model.receiver.iter().map(|receiver| receiver.tokens.clone());
    let arguments = model.arguments.iter().map(|Argument { name, ty, passing }| match passing {
        Passing::Mapped => quote! {
            #name: impl ::core::iter::IntoIterator<Item = #ty, IntoIter: ::core::marker::Send>
        },
        Passing::Shared | Passing::Cloned => quote!(#name: #ty),
    });
    let arguments = receiver.chain(arguments);
    let output = match &model.output {
        Output::Unit => None,
        Output::Type(ty) if model.try_collect => {
            let result = attempt(ty, krate(model.krate.as_ref()));
            let span = ty.span().resolved_at(Span::mixed_site());
            let collected =
                if is_of_unit(ty) { quote!(()) } else { quote_spanned!(span=> ::std::vec::Vec<#result::Item>) };
            Some(quote_spanned!(span=> -> #result::Output<#collected>))
        }
        Output::Type(ty) | Output::Opaque(ty) => Some(quote!(-> ::std::vec::Vec<#ty>)),
    };
    let own_predicates = generics.where_clause.iter().flat_map(|clause| &clause.predicates);
    let predicates: Vec<TokenStream> =
        own_predicates.map(ToTokens::to_token_stream).chain(predicates.iter().cloned()).collect();
    let where_clause = (!predicates.is_empty()).then(|| quote!(where #(#predicates),*));
    quote! {
        #vis #unsafety fn #twin #parameters (#(#arguments),*) #output #where_clause
    }
}

/// The one expression of the twin, and what it names.
fn body(model: &Model, name: &Name) -> TokenStream {
    let krate = krate(model.krate.as_ref());
    let private = quote!(#krate::__private);
    let import = &name.import;
    let markers = model.arguments.iter().map(|argument| marker(argument, model));
    let mapped = model.arguments.iter().find(|argument| matches!(argument.passing, Passing::Mapped));
    let (item, item_type) = mapped.map(|Argument { name, ty, .. }| (name, ty)).unzip();
    let item_marker = mapped.map(|argument| marker(argument, model));
    let result = match &model.output {
        Output::Unit => quote!(()),
        Output::Type(ty) => ty.to_token_stream(),
        Output::Opaque(ty) => quote_spanned!(ty.span()=> _),
    };
    // Through these functions, with the types as they stand in the signature, a type that cannot be shared is one error, at that
    // type, which names the argument.
    let call = call(model, &name.path, |argument| {
        let Argument { name, ty, passing } = argument;
        let marker = marker(argument, model);
        match (passing, behind_reference(ty)) {
            (Passing::Mapped, _) => name.to_token_stream(),
            (_, Some(behind)) => quote!(#private::shared::<#behind, #marker>(#name)),
            (_, None) => quote!(#private::cloned::<#ty, #marker>(&#name)),
        }
    });
    let run = match &model.output {
        // At the type, so that one that is neither `Result` nor `Option` is one error.
        Output::Type(ty) if model.try_collect => {
            let name = if is_of_unit(ty) { "try_run_unit" } else { "try_run" };
            Ident::new(name, ty.span().resolved_at(Span::mixed_site())).to_token_stream()
        }
        _ => quote!(run),
    };
    let threads = model.threads.as_ref().map(|threads| quote!(.threads(#threads)));
    let memory = format_ident!("__MEMORY_OF_{}", model.function.unraw(), span = Span::mixed_site());
    let end = matches!(model.output, Output::Unit).then(|| quote!(;));
    quote! {
        #(enum #markers {})*
        #import
        static #memory: #private::Memory = #private::Memory::new();
        #private::Call::new(&#memory) #threads.#run::<#item_type, #item_marker, #result, _, _>(#item, move |#item| #call) #end
    }
}

/// The type of a result as one that may end the call; where it cannot, the error is at the type.
pub(crate) fn attempt(ty: &Type, krate: TokenStream) -> TokenStream {
    let span = ty.span().resolved_at(Span::mixed_site());
    let krate = respan(krate, span);
    quote_spanned!(span=> <#ty as #krate::Try>)
}

/// The tokens, without groups, at another place: an error about tokens of several places is reported on the whole attribute.
pub(crate) fn respan(tokens: TokenStream, span: Span) -> TokenStream {
    let at = |mut token: TokenTree| {
        token.set_span(span);
        token
    };
    tokens.into_iter().map(at).collect()
}

pub(crate) fn krate(path: Option<&Path>) -> TokenStream {
    path.map_or_else(|| quote!(::parallelize), ToTokens::to_token_stream)
}

/// One call of the function, its arguments being what `value` makes of them.
fn call(model: &Model, function: &TokenStream, value: impl Fn(&Argument) -> TokenStream) -> TokenStream {
    let receiver = model.receiver.iter().map(|receiver| {
        let this = quote_spanned!(Span::mixed_site()=> self);
        if receiver.is_cloned { quote!(::core::clone::Clone::clone(&#this)) } else { this }
    });
    let values = receiver.chain(model.arguments.iter().map(value));
    let call = quote!(#function(#(#values),*));
    if model.is_unsafe { quote!(unsafe { #call }) } else { call }
}

/// The twin without its work, for where there was a mistake; its callers are to find it.
pub(crate) fn stub(model: &Model) -> TokenStream {
    let signature = signature(model);
    let Name { path, import, beside } = Name::of(model);
    let body = match model.output {
        Output::Unit | Output::Type(_) => quote!(loop {}),
        // What `impl Trait` is, has to be told.
        Output::Opaque(_) => {
            let call = call(model, &path, |argument| match argument.passing {
                Passing::Mapped => {
                    let input = &argument.name;
                    let next = quote!(::core::iter::Iterator::next(&mut ::core::iter::IntoIterator::into_iter(#input)));
                    quote!(::core::option::Option::unwrap(#next))
                }
                Passing::Shared | Passing::Cloned => argument.name.to_token_stream(),
            });
            quote!(#import ::std::vec![#call])
        }
    };
    quote!(#[doc(hidden)] #signature { #body } #beside)
}

/// The type that stands for an argument in error messages, `steps_of_simulate`.
fn marker(argument: &Argument, model: &Model) -> Ident {
    format_ident!("{}_of_{}", argument.name, model.function.unraw(), span = Span::mixed_site())
}
