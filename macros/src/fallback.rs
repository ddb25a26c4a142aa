//! Decides what stands beside an error: a stub of the twin, so that its callers are not reported as well.

use crate::normalize::has_elided;
use crate::signature::{Function, mentions, peel, returned, same_name};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{FnArg, GenericParam, Safety, Signature, Type};

// Input:
//     #[parallelize(over = nothing)]
//     fn simulate(x: f64, steps: u32, table: &Table) -> f64 { .. }
//
// Output:
//     fn simulate_parallel<__0, __1, __2>(_: __0, _: __1, _: __2) -> Vec<f64> { loop {} }
/// A function of the twin's name that takes as many arguments as the twin, whatever they are.
pub(crate) fn stub(function: &Function, name: Option<&Ident>) -> TokenStream {
    let Function { vis, sig, has_body, .. } = function;
    if !has_body && !function.is_associated() {
        // Foreign: no function with a body may stand beside it.
        return TokenStream::new();
    }
    let twin = match name {
        Some(name) if !same_name(name, &sig.ident) => name.clone(),
        _ => function.twin_name(),
    };
    let mut parameters: Vec<Ident> = (0..function.arguments().count())
        .map(|number| format_ident!("__{number}", span = Span::mixed_site()))
        .collect();
    let this = quote_spanned!(Span::mixed_site()=> self);
    let receiver = sig.receiver().map(|receiver| match &receiver.kind {
        syn::ReceiverKind::Typed(colon, ty) => quote!(#this #colon #ty),
        syn::ReceiverKind::Reference(and, lifetime, mutability) => quote!(#and #lifetime #mutability #this),
        _ => this,
    });
    let arguments: Vec<TokenStream> = receiver.into_iter().chain(parameters.iter().map(|ty| quote!(_: #ty))).collect();
    let unsafety = matches!(sig.safety, Safety::Unsafe(_)).then(|| quote!(unsafe));
    let output = returned(&sig.output).map(|ty| {
        if matches!(peel(ty), Type::Never(_)) {
            TokenStream::new()
        } else if can_be_named_alone(sig) {
            quote!(-> ::std::vec::Vec<#ty>)
        } else {
            let result = Ident::new("__R", Span::mixed_site());
            parameters.push(result.clone());
            quote!(-> #result)
        }
    });
    // The lifetimes alone cannot make an inference fail.
    let lifetimes = sig.generics.params.iter().filter(|parameter| matches!(parameter, GenericParam::Lifetime(_)));
    let sized = sig
        .inputs
        .iter()
        .any(|input| matches!(input, FnArg::Receiver(_)))
        .then(|| quote!(where Self: ::core::marker::Sized));
    quote! {
        #[doc(hidden)]
        #vis #unsafety fn #twin<#(#lifetimes,)* #(#parameters),*>(#(#arguments),*) #output #sized {
            loop {}
        }
    }
}

/// Whether the result's type stays right without the type parameters, and without the arguments for an elided lifetime to be that of.
fn can_be_named_alone(sig: &Signature) -> bool {
    let generic = |name: &str| {
        sig.generics.params.iter().any(|parameter| match parameter {
            GenericParam::Type(parameter) => parameter.ident == name,
            GenericParam::Const(parameter) => parameter.ident == name,
            GenericParam::Lifetime(_) => false,
        })
    };
    let output = sig.output.to_token_stream();
    !mentions(output.clone(), |name| name == "impl" || generic(name))
        && syn::parse2(output).is_ok_and(|mut output| !has_elided(&mut output))
}
