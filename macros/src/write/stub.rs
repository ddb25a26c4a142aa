//! Writing functions without work after a mistake that leaves their signatures known.

use crate::check::asynchronous::Async;
use crate::check::states::Creation;
use crate::model::generated::{Kind, Model, Output, Passing};
use crate::read::types::{is_mutable_reference, type_argument_of};
use crate::write::asynchronous;
use crate::write::callee::CalleeName;
use crate::write::calls::call;
use crate::write::expand::{body, signature};
use crate::write::returns;
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

// Input:
//     #[parallelize(over = x, threads = 0)]
//     fn simulate(x: f64, steps: u32, table: &Table) -> f64 { .. }
//
// Output, with shortened paths:
//     #[doc(hidden)]
//     fn simulate_parallel(
//         x: impl Items<f64, IntoIter: Send>, steps: u32, table: &Table,
//     ) -> Vec<f64> { loop {} }
//
//     #[doc(hidden)]
//     fn simulate_parallel_iter(
//         x: impl Items<f64, IntoIter: Send>, steps: u32, table: &Table,
//     ) -> ParallelIter<IntoIter<f64>, Stub<f64>> { loop {} }
//
//     const __in_an_impl_block_write_call_equals_Self_simulate_0c1d: () = ();
/// Writes the generated functions without their work.
///
/// With them, the compiler does not report the calls of the generated functions as well.
pub(crate) fn stub(mut model: Model) -> TokenStream {
    let may_be_none = model.output.ty().is_some_and(|ty| type_argument_of(ty, "Option").is_some());
    if let Output::Opaque(_) = model.output {
        model.yields.skip_none &= may_be_none;
    }
    // An expression of any type. The compiler would warn about unreachable code after a `loop {}`.
    let nothing = quote!(::core::option::Option::unwrap(::core::option::Option::None));
    let is_async = model.asynchronous.is_some();
    for parameter in &mut model.parameters {
        // The expression of the user may be wrong.
        if let Passing::Created(creation) = &mut parameter.passing {
            *creation = match creation {
                Creation::PerThread(_) if !is_async && is_mutable_reference(&parameter.ty) => {
                    Creation::PerThread(nothing.clone())
                }
                _ => Creation::PerItem(quote!(|_| #nothing)),
            };
        }
    }
    model.progress = None;
    model.in_flight = None;
    let model = &model;
    let eager = signature(model, Kind::Eager, returns::eager(model).as_ref());
    let name = CalleeName::of(model);
    let CalleeName { path, import, guard: _ } = &name;
    let guard = name.guard_with(&TokenStream::new());
    if let Output::Unit | Output::Type(_) = model.output {
        let lazy = signature(model, Kind::Lazy, Some(&returns::lazy_stub(model)));
        let eager_body = empty_body(model.asynchronous);
        return quote!(#[doc(hidden)] #eager { #eager_body } #[doc(hidden)] #lazy { loop {} } #guard);
    }
    let lazy = signature(model, Kind::Lazy, Some(&returns::lazy(model)));
    if is_async {
        let (body, krate) = (asynchronous::body(model, &name, Kind::Lazy), &model.krate);
        return quote! {
            #[doc(hidden)] #eager { #body.collect::<#krate::__private::Vec<_>>() }
            #[doc(hidden)] #lazy { #body }
            #guard
        };
    }
    // The compiler infers the type of an `impl Trait` from the body, so the body calls the
    // function.
    let call = call(model, path, |parameter| match parameter.passing {
        Passing::Mapped => {
            let input = &parameter.name;
            let next = quote!(::core::iter::Iterator::next(&mut ::core::iter::IntoIterator::into_iter(#input)));
            quote!(::core::option::Option::unwrap(#next))
        }
        Passing::Shared | Passing::Cloned => parameter.name.to_token_stream(),
        Passing::Created(_) => nothing.clone(),
    });
    let unwrap = model.yields.skip_none.then(|| quote!(.unwrap()));
    let ok = model.yields.catch_panics.then(|| quote!(::core::result::Result::Ok));
    let body = body(model, &name, Kind::Lazy);
    quote! {
        #[doc(hidden)] #eager { #import ::core::convert::From::from([#ok(#call #unwrap)]) }
        #[doc(hidden)] #lazy { #body }
        #guard
    }
}

/// Writes the body of a parallel function that does nothing.
pub(crate) fn empty_body(asynchronous: Option<Async>) -> TokenStream {
    match asynchronous {
        None => quote!(loop {}),
        // The compiler infers the type of the future from the body.
        Some(_) => quote!(::core::future::pending()),
    }
}
