//! Decides the tokens of the twin.
//!
//! All paths are absolute, and all that is the macro's own has the span `mixed_site`: arguments and locals are hygienic, and since the
//! span is a macro's, the lints of the caller's crate keep silent about what the caller did not write.

use crate::docs;
use crate::forward;
use crate::model::{Argument, Callee, Model, Output, Passing};
use crate::normalize::{behind_reference, unique};
use crate::signature::mentions;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use std::hash::{DefaultHasher, Hash, Hasher};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{GenericParam, PathArguments};

// Input:
//     fn simulate(x: f64, steps: u32, table: &Table) -> f64 { .. }
//
// Output:
//     fn simulate_parallel(
//         x: impl IntoIterator<Item = f64, IntoIter: Send>, steps: u32, table: &Table,
//     ) -> Vec<f64> {
//         enum x {}
//         enum steps {}
//         enum table {}
//         use {__write_call_equals_Self_simulate_0c1d as _, simulate as __original};
//         run::<f64, x, f64, _, _>(x, move |x| {
//             __original(x, cloned::<u32, steps>(&steps), shared::<Table, table>(table))
//         })
//     }
//     const __write_call_equals_Self_simulate_0c1d: () = ();
pub(crate) fn expand(model: &Model, item: &TokenStream) -> TokenStream {
    let lints = lints();
    let attrs = forward::attributes(&model.attrs);
    let docs = docs::of_twin(model);
    let signature = signature(model);
    let guard = Guard::new(model, item);
    let body = body(model, guard.as_ref());
    let beside = guard.map(|guard| guard.beside);
    quote! {
        #docs
        #lints
        #(#attrs)*
        #signature {
            #body
        }
        #beside
    }
}

/// What lints would say about a twin and not about its function, at the function's own tokens. Each has its case in `tests/strict`; none
/// is a lint of rustc, for an `allow` beneath a `forbid` is an error (E0453).
fn lints() -> TokenStream {
    // The function's own bounds stay where they are, what threads need goes to the where-clause.
    quote!(#[allow(clippy::multiple_bound_locations)])
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
fn body(model: &Model, guard: Option<&Guard>) -> TokenStream {
    let private = private(model);
    let mut markers = Vec::new();
    let mut item = TokenStream::new();
    let mut input = TokenStream::new();
    let mut values = Vec::new();
    if let Some(receiver) = &model.receiver {
        let this = quote_spanned!(Span::mixed_site()=> self);
        values.push(match receiver.passing {
            Passing::Cloned => quote!(::core::clone::Clone::clone(&#this)),
            Passing::Mapped | Passing::Shared => this,
        });
    }
    let mut mapped = None;
    for argument in &model.arguments {
        let Argument { name, ty, passing } = argument;
        if let Passing::Mapped = passing {
            let marker = marker(argument, model);
            mapped = Some(quote!(#ty, #marker));
            markers.push(quote!(enum #marker {}));
            item = name.to_token_stream();
            input = name.to_token_stream();
            values.push(name.to_token_stream());
            continue;
        }
        let marker = marker(argument, model);
        // Through these functions, with the types as they stand in the signature, a type that cannot be shared is
        // one error, at that type, which names the argument.
        values.push(if let Some(behind) = behind_reference(ty) {
            quote!(#private::shared::<#behind, #marker>(#name))
        } else {
            quote!(#private::cloned::<#ty, #marker>(&#name))
        });
        markers.push(quote!(enum #marker {}));
    }
    let result = match &model.output {
        Output::Unit => quote!(()),
        Output::Type(ty) => ty.to_token_stream(),
        Output::Opaque(ty) => quote_spanned!(ty.span()=> _),
    };
    let (callee, import) = callee(model, guard);
    let call = quote!(#callee(#(#values),*));
    let call = if model.is_unsafe { quote!(unsafe { #call }) } else { call };
    let end = matches!(model.output, Output::Unit).then(|| quote!(;));
    quote! {
        #(#markers)*
        #import
        #private::run::<#mapped, #result, _, _>(#input, move |#item| #call) #end
    }
}

/// The type that stands for an argument in error messages: named like it, or nearly so where the signature has a type of that name.
fn marker(argument: &Argument, model: &Model) -> Ident {
    let types = model.arguments.iter().map(|argument| argument.ty.to_token_stream());
    let output = match &model.output {
        Output::Unit => TokenStream::new(),
        Output::Type(ty) | Output::Opaque(ty) => ty.to_token_stream(),
    };
    let name = argument.name.to_string();
    if mentions(types.chain([output]).collect(), |mentioned| mentioned == name) {
        format_ident!("argument_{}", argument.name, span = Span::mixed_site())
    } else {
        argument.name.clone()
    }
}

/// The expression that is called, and the import that it may need.
fn callee(model: &Model, guard: Option<&Guard>) -> (TokenStream, Option<TokenStream>) {
    let function = &model.function;
    // What the caller of the twin writes in angle brackets has to reach the function, where nothing else may tell it.
    let arguments: Vec<&Ident> = (model.generics.params.iter())
        .filter_map(|parameter| match parameter {
            GenericParam::Type(parameter) => Some(&parameter.ident),
            GenericParam::Const(parameter) => Some(&parameter.ident),
            GenericParam::Lifetime(_) => None,
        })
        .collect();
    let turbofish = (!arguments.is_empty()).then(|| quote!(::<#(#arguments),*>));
    match (&model.callee, guard) {
        (Callee::Path(path), _) => {
            let is_open =
                path.path.segments.last().is_some_and(|segment| matches!(segment.arguments, PathArguments::None));
            let turbofish = turbofish.filter(|_| is_open);
            (quote!(#path #turbofish), None)
        }
        (Callee::Free, Some(Guard { alias, import, .. })) => (quote!(#alias #turbofish), Some(import.clone())),
        (Callee::Free | Callee::Associated, _) => (quote!(Self::#function #turbofish), None),
    }
}

/// What keeps the twin of a function that looks free, and is not, from calling another function of that name.
///
/// An associated function with neither `self` nor `Self` in its signature looks like a free one. So the twin imports the function together
/// with a constant beside it; in an `impl`, where neither can be imported, that is one error, which shows the constant's name.
struct Guard {
    /// What the function is called inside the twin.
    alias: Ident,
    import: TokenStream,
    beside: TokenStream,
}

impl Guard {
    fn new(model: &Model, item: &TokenStream) -> Option<Self> {
        let Callee::Free = model.callee else { return None };
        let function = &model.function;
        // The hash tells it from the constant of another function of that name, outside of the `impl`.
        let mut hasher = DefaultHasher::new();
        item.to_string().hash(&mut hasher);
        let hash = hasher.finish() & 0xffff;
        let constant = format!("__write_call_equals_Self_{}_{hash:04x}", function.unraw());
        let constant = Ident::new(&constant, Span::mixed_site());
        // An import in a block hides an argument.
        let is_argument = |name: &str| model.arguments.iter().any(|argument| argument.name == name);
        let alias = Ident::new(&unique("__original", is_argument), Span::mixed_site());
        Some(Guard {
            // The constant first: of two errors at one place the compiler shows the first.
            import: quote!(use {#constant as _, #function as #alias};),
            alias,
            beside: quote! {
                #[doc(hidden)]
                const #constant: () = ();
            },
        })
    }
}

/// The runtime's private door.
fn private(model: &Model) -> TokenStream {
    let krate = model.krate.as_ref().map_or_else(|| quote!(::parallelize), ToTokens::to_token_stream);
    quote!(#krate::__private)
}
