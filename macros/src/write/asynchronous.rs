//! Writing the bodies of the generated functions of an async function.

use crate::check::request::Yields;
use crate::model::generated::{Kind, Model, Output, Parameter, Passing};
use crate::model::paths::{respan, span_of};
use crate::read::types::{first_argument_is_unit, without_mut_reference};
use crate::write::callee::CalleeName;
use crate::write::calls::{CallWriter, item_marker, marker, markers, path_of};
use crate::write::keep::keep;
use crate::write::returns;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};

// Input:
//     #[parallelize(over = url, try_collect, in_flight = 16)]
//     async fn fetch(url: &str, client: &Client, retries: u32) -> Result<Page, Error> { .. }
//
// Output, with shortened paths:
//     fn fetch_parallel<'__url>(
//         url: impl Items<&'__url str, IntoIter: Send>, client: &Client, retries: u32,
//     ) -> impl Future<Output = Result<Vec<Page>, Error>> + Send {
//         enum url {}
//         enum client {}
//         enum retries {}
//         use {
//             __in_an_impl_block_write_call_equals_Self_fetch_0c1d as _,
//             fetch as __original,
//         };
//         sent_item::<&'__url str, url>();
//         sent_result::<Result<Page, Error>>();
//         use {ReportFuture as _, OrReported as _, PassSent as _, OrNeverSent as _};
//         let __function = move |url: &'__url str| __original(
//             url,
//             shared_by_futures::<Client, client>(client),
//             cloned_sent::<u32, retries>(&retries),
//         );
//         let __futures = Futures::<
//             (&'__url str, &Client, u32, Result<Page, Error>), &'__url str, _,
//         >::of(&__function);
//         (&__futures).__report_future();
//         (&__futures).__pass_future({
//             tried::<Result<Page, Error>>();
//             use {TryCollect as _, OrNeverCollect as _};
//             Results::<Result<Page, Error>>::new().__try_collect(
//                 AsyncCall::new(concat!(module_path!(), "::fetch"))
//                     .lazy::<&'__url str, _, _, _>(url, __function)
//                     .in_flight(16),
//             )
//         })
//     }
//
//     fn fetch_parallel_iter<'__url>(
//         url: impl Items<&'__url str, IntoIter: Send>, client: &Client, retries: u32,
//     ) -> ConcurrentIter<
//         impl Iterator<Item = &'__url str> + Send,
//         impl Apply<
//             &'__url str, Output = impl Future<Output = Result<Page, Error>> + Send, State = (),
//         > + Send,
//     > {
//         use {
//             __in_an_impl_block_write_call_equals_Self_fetch_0c1d as _,
//             fetch as __original,
//         };
//         use {PassSent as _, OrNeverSent as _};
//         let __function = move |url: &'__url str| __original(
//             url,
//             client,
//             { use {Repeat as _, OrNeverRepeat as _}; (&Repeated(&retries)).__repeat_item() },
//         );
//         let __futures = Futures::<
//             (&'__url str, &Client, u32, Result<Page, Error>), &'__url str, _,
//         >::of(&__function);
//         AsyncCall::new(concat!(module_path!(), "::fetch"))
//             .lazy::<&'__url str, _, _, _>(url, (&__futures).__pass_function(__function))
//             .in_flight(16)
//     }
//
// With `local`, nothing is checked except that fixed arguments by value are `Clone`.
/// Writes the body of one of the generated functions.
pub(crate) fn body(model: &Model, name: &CalleeName, kind: Kind) -> TokenStream {
    let krate = &model.krate;
    let private = quote!(#krate::__private);
    let import = &name.import;
    let is_eager = kind == Kind::Eager;
    let markers = markers(model).filter(|_| is_eager || model.checkpoint.is_some());
    let writer = CallWriter { model, private: &private, kind };
    let closure = keep(&writer, &name.path, writer.function(&name.path));
    let calls = |function: &TokenStream| calls(&writer, function);
    let work = if model.is_local() {
        let calls = calls(&closure);
        if is_eager { collected(model, &private, &calls) } else { calls }
    } else {
        let (item, types) = (returns::item(model), types(model));
        let [function, futures] = ["__function", "__futures"].map(|name| writer.own_name(name));
        let create = quote! {
            let #function = #closure;
            let #futures = #private::Futures::<(#(#types,)*), #item, _>::of(&#function);
        };
        if is_eager {
            let (checks, report) = (checks(model, &private), report(model, &futures));
            let collected = collected(model, &private, &calls(&function.to_token_stream()));
            quote! {
                #checks
                use #private::{ReportFuture as _, OrReported as _, PassSent as _, OrNeverSent as _};
                #create
                #report
                (&#futures).__pass_future(#collected)
            }
        } else {
            let calls = calls(&quote!((&#futures).__pass_function(#function)));
            quote! {
                use #private::{PassSent as _, OrNeverSent as _};
                #create
                #calls
            }
        }
    };
    quote! {
        #(enum #markers {})*
        #import
        #work
    }
}

/// Writes the calls with their options, before they run.
fn calls(writer: &CallWriter, function: &TokenStream) -> TokenStream {
    let CallWriter { model, private, .. } = writer;
    let (input, item, path) = (writer.input(), returns::item(model), path_of(model));
    let lazy = if model.yields.skip_none { quote!(lazy_some) } else { quote!(lazy) };
    let in_flight = model.in_flight.as_ref().map(|calls| quote!(.in_flight(#calls)));
    let progress = model.progress.as_ref().map(|progress| quote!(.progress(#progress)));
    let catch_panics = model.yields.catch_panics.then(|| quote!(.catch_panics()));
    quote! {
        #private::AsyncCall::new(#path).#lazy::<#item, _, _, _>(#input, #function) #in_flight #progress #catch_panics
    }
}

/// Writes the future of the parallel function, which collects the results of the calls.
fn collected(model: &Model, private: &TokenStream, calls: &TokenStream) -> TokenStream {
    let Yields { try_collect, skip_none, catch_panics } = model.yields;
    let ty = model.output.ty();
    let (method, needed) = match (try_collect, skip_none, catch_panics) {
        (true, ..) if ty.is_some_and(first_argument_is_unit) => ("__try_collect_unit", "TryCollect"),
        (true, ..) => ("__try_collect", "TryCollect"),
        (_, true, true) => ("__collect_some_caught", "CollectSome"),
        (_, true, false) => ("__collect_some", "CollectSome"),
        _ if ty.is_none() && !catch_panics => return quote!(#calls.collect::<()>()),
        _ => return quote!(#calls.collect::<#private::Vec<_>>()),
    };
    let [method, needed] = [method, needed].map(|name| Ident::new(name, Span::mixed_site()));
    // If the type does not fit, that must be an error once: of the return type, or of this check.
    let check = ty.filter(|ty| returns::is_written_out(ty, model.yields)).map(|ty| {
        let check = if try_collect { quote!(tried) } else { quote!(optional) };
        quote!(#private::#check::<#ty>();)
    });
    quote!({
        #check
        use #private::{#needed as _, OrNeverCollect as _};
        #private::Results::<#ty>::new().#method(#calls)
    })
}

/// Writes the checks of the items and of the results. A mistake is an error at the type.
///
/// The compiler checks the results of type `impl Trait` together with the futures, because the
/// macro cannot name such a type.
fn checks(model: &Model, private: &TokenStream) -> TokenStream {
    let (item, item_marker) = (returns::item(model), item_marker(model));
    let result = match &model.output {
        Output::Type(ty) => Some(quote!(#private::sent_result::<#ty>();)),
        Output::Unit | Output::Opaque(_) => None,
    };
    let created = model.held_by_futures().map(|parameter| {
        let (ty, marker) = (without_mut_reference(&parameter.ty), marker(parameter, model));
        quote!(#private::sent_created::<#ty, #marker>();)
    });
    quote!(#private::sent_item::<#item, #item_marker>(); #(#created)* #result)
}

/// Returns the types that must be `Send` before the futures are checked: of the parameters, of what
/// is created for each item, and of the result. Without `Send`, each of them has an error already.
fn types(model: &Model) -> Vec<TokenStream> {
    let parameters = model.taken().filter(|parameter| !matches!(parameter.passing, Passing::Mapped));
    let parameters = parameters.map(|Parameter { ty, .. }| ty.to_token_stream());
    let created = model.held_by_futures().map(|parameter| without_mut_reference(&parameter.ty).to_token_stream());
    let result = match &model.output {
        Output::Type(ty) => Some(ty.to_token_stream()),
        Output::Unit | Output::Opaque(_) => None,
    };
    std::iter::once(returns::item(model)).chain(parameters).chain(created).chain(result).collect()
}

/// Writes the check that reports a future that is not `Send`, at the word `async` or at the type
/// that the function returns.
fn report(model: &Model, futures: &Ident) -> Option<TokenStream> {
    let span = match &model.output {
        Output::Opaque(ty) => span_of(Some(ty)),
        Output::Unit | Output::Type(_) => model.asynchronous?.span.resolved_at(Span::mixed_site()),
    };
    let futures = respan(&futures.to_token_stream(), span);
    Some(quote_spanned!(span=> (&#futures).__report_future();))
}
