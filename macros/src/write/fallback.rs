//! Writing functions without work if a mistake leaves the mapped parameter unknown.
//!
//! With them, the compiler does not report the calls of the generated functions as well.

use crate::check::asynchronous::Async;
use crate::check::request::Yields;
use crate::model::unnamed::fill_elided;
use crate::read::function::{Function, lazy_name, same_name};
use crate::read::types::returned_type;
use crate::write::returns::{eager_of, lazy_stub_of};
use crate::write::stub;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Lifetime, ReceiverKind, Safety};

// Input:
//     #[parallelize]
//     fn simulate(x: f64, steps: u32, table: &Table) -> f64 { .. }
//
// Output, with shortened paths:
//     #[doc(hidden)]
//     fn simulate_parallel(_: impl Sized, _: impl Sized, _: impl Sized) -> Vec<f64> { loop {} }
//
//     #[doc(hidden)]
//     fn simulate_parallel_iter(
//         _: impl Sized, _: impl Sized, _: impl Sized,
//     ) -> ParallelIter<IntoIter<()>, Stub<f64>> { loop {} }
/// Writes functions that take as many arguments as the generated functions would.
///
/// Each parameter accepts any type, because any of them may be the mapped one. The return types are
/// those of the generated functions, because the calling code goes on with the results.
pub(crate) fn stub(
    mut function: Function,
    name: Option<&Ident>,
    krate: &TokenStream,
    yields: Yields,
    asynchronous: Option<Async>,
    created: &[usize],
) -> TokenStream {
    if !function.has_body && !function.is_associated() {
        // The function may be in an `extern` block, in which no function may have a body.
        return TokenStream::new();
    }
    let eager = match name {
        Some(name) if !same_name(name, &function.sig.ident) => name.clone(),
        _ => function.parallel_name(),
    };
    if function.sig.receiver().is_none() {
        // `'static` suits every caller, because it outlives all other lifetimes.
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
    let parameters = (0..function.parameters().count()).filter(|index| !created.contains(index));
    let parameters = parameters.map(|_| quote!(_: impl ::core::marker::Sized));
    let parameters: Vec<TokenStream> = receiver.into_iter().chain(parameters).collect();
    let result = returned_type(&sig.output);
    let output = eager_of(krate, result, yields, asynchronous);
    let eager_body = stub::empty_body(asynchronous);
    let lazy = lazy_name(&eager);
    let lazy_output = lazy_stub_of(krate, &quote!(()), result, yields, asynchronous);
    let generic_parameters = &sig.generics.params;
    let predicates: Vec<_> = sig.generics.where_clause.iter().flat_map(|clause| &clause.predicates).collect();
    let unsafety = matches!(sig.safety, Safety::Unsafe(_)).then(|| quote!(unsafe));
    quote! {
        #[doc(hidden)]
        #vis #unsafety fn #eager<#generic_parameters>(#(#parameters),*) #output where #sized #(#predicates),* {
            #eager_body
        }
        #[doc(hidden)]
        #vis #unsafety fn #lazy<#generic_parameters>(#(#parameters),*) #lazy_output where #sized #(#predicates),* {
            loop {}
        }
    }
}
