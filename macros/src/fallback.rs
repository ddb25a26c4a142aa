//! Decides what stands beside an error where the twin is not known: a stub of it, so that those who call it are not reported as well.

use crate::signature::{Function, same_name};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{ReceiverKind, Safety};

// Input:
//     #[parallelize]
//     fn simulate(x: f64, steps: u32, table: &Table) -> f64 { .. }
//
// Output:
//     fn simulate_parallel<__0, __1, __2, __R>(_: __0, _: __1, _: __2) -> __R { loop {} }
/// A function that takes as many arguments as the twin, where any may be the mapped one.
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
    let types: Vec<Ident> = (0..function.arguments().count())
        .map(|number| format_ident!("__{number}", span = Span::mixed_site()))
        .collect();
    let this = quote_spanned!(Span::mixed_site()=> self);
    let receiver = sig.receiver().map(|receiver| match &receiver.kind {
        ReceiverKind::Typed(colon, ty) => quote!(#this #colon #ty),
        ReceiverKind::Reference(and, _, mutability) => quote!(#and #mutability #this),
        _ => this,
    });
    let sized = receiver.is_some().then(|| quote!(where Self: ::core::marker::Sized));
    let arguments = receiver.into_iter().chain(types.iter().map(|ty| quote!(_: #ty)));
    let unsafety = matches!(sig.safety, Safety::Unsafe(_)).then(|| quote!(unsafe));
    quote! {
        #[doc(hidden)]
        #vis #unsafety fn #twin<#(#types,)* __R>(#(#arguments),*) -> __R #sized {
            loop {}
        }
    }
}
