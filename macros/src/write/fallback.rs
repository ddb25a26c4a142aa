//! Decides what stands beside an error where the twin is not known: a stub of it, so that those who call it are not reported as well.

use crate::check::request::Yields;
use crate::model::build::lazy_name;
use crate::model::unnamed::fill_elided;
use crate::read::function::{Function, same_name};
use crate::read::types::returned;
use crate::write::returns::{eager_of, yielded_of};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Lifetime, ReceiverKind, Safety};

// Input:
//     #[parallelize]
//     fn simulate(x: f64, steps: u32, table: &Table) -> f64 { .. }
//
// Output:
//     fn simulate_parallel(_: impl Sized, _: impl Sized, _: impl Sized) -> Vec<f64> { loop {} }
/// A function that takes as many arguments as the twin, where any may be the mapped one, and returns what the twin returns, for its callers
/// go on with that.
pub(crate) fn stub(
    mut function: Function,
    name: Option<&Ident>,
    krate: &TokenStream,
    yields: Yields,
    made: &[usize],
) -> TokenStream {
    if !function.has_body && !function.is_associated() {
        // Foreign: no function with a body may stand beside it.
        return TokenStream::new();
    }
    let eager = match name {
        Some(name) if !same_name(name, &function.sig.ident) => name.clone(),
        _ => function.parallel_name(),
    };
    if function.sig.receiver().is_none() {
        // The longest lifetime suits every caller.
        fill_elided(&mut function.sig.output, &Lifetime::new("'static", Span::mixed_site()));
    }
    let Function { vis, sig, .. } = &function;
    let this = quote_spanned!(Span::mixed_site()=> self);
    let receiver = sig.receiver().map(|receiver| match &receiver.kind {
        ReceiverKind::Typed(colon, ty) => quote!(#this #colon #ty),
        ReceiverKind::Reference(and, lifetime, mutability) => quote!(#and #lifetime #mutability #this),
        _ => this,
    });
    let sized = receiver.is_some().then(|| quote!(Self: ::core::marker::Sized,));
    let arguments = (0..function.arguments().count()).filter(|index| !made.contains(index));
    let arguments = arguments.map(|_| quote!(_: impl ::core::marker::Sized));
    let arguments: Vec<TokenStream> = receiver.into_iter().chain(arguments).collect();
    let result = returned(&sig.output);
    let output = eager_of(krate, result, yields);
    let lazy = lazy_name(&eager);
    let result = yielded_of(krate, result, yields);
    let lazy_output = quote!(-> #krate::ParallelIter<::std::vec::IntoIter<()>, #krate::__private::Stub<#result>>);
    let parameters = &sig.generics.params;
    let predicates: Vec<_> = sig.generics.where_clause.iter().flat_map(|clause| &clause.predicates).collect();
    let unsafety = matches!(sig.safety, Safety::Unsafe(_)).then(|| quote!(unsafe));
    quote! {
        #[doc(hidden)]
        #vis #unsafety fn #eager<#parameters>(#(#arguments),*) #output where #sized #(#predicates),* {
            loop {}
        }
        #[doc(hidden)]
        #vis #unsafety fn #lazy<#parameters>(#(#arguments),*) #lazy_output where #sized #(#predicates),* {
            loop {}
        }
    }
}
