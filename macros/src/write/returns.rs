//! Writing the return types of the generated functions.

use crate::check::asynchronous::Async;
use crate::check::request::Yields;
use crate::model::generated::{Model, Output};
use crate::model::paths::{as_try, respan, span_of, vec_at};
use crate::read::types::{
    behind_reference, copy, first_argument_is_unit, first_argument_mut, mentions_impl, type_argument_of,
    without_mut_reference,
};
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned;

/// Writes the return type of the parallel function, or nothing if the annotated function has none.
pub(crate) fn eager(model: &Model) -> Option<TokenStream> {
    eager_of(&model.krate, model.output.ty(), model.yields, model.asynchronous)
}

/// Like `eager`, for an annotated function that returns `ty`. Copies an `impl Trait` as it is.
pub(crate) fn eager_of(
    krate: &TokenStream,
    ty: Option<&Type>,
    yields: Yields,
    asynchronous: Option<Async>,
) -> Option<TokenStream> {
    let results = results_of(krate, ty, yields);
    let Some(asynchronous) = asynchronous else { return results.map(|results| quote!(-> #results)) };
    let future = future(&results.unwrap_or_else(|| quote!(())), ty, asynchronous);
    Some(quote!(-> #future))
}

/// Writes the type of a future, which is `Send` unless the function is local. If an option about
/// results does not fit `ty`, the error is at that type.
fn future(output: &TokenStream, ty: Option<&Type>, asynchronous: Async) -> TokenStream {
    let sent = sent(Some(asynchronous));
    quote_spanned!(span_of(ty)=> impl ::core::future::Future<Output = #output> #sent)
}

/// Writes the bound `Send`, unless the function is local.
fn sent(asynchronous: Option<Async>) -> Option<TokenStream> {
    let is_local = asynchronous.is_some_and(|asynchronous| asynchronous.is_local);
    (!is_local).then(|| quote!(+ ::core::marker::Send))
}

/// Writes the type of all results, or nothing if the annotated function returns nothing.
fn results_of(krate: &TokenStream, ty: Option<&Type>, yields: Yields) -> Option<TokenStream> {
    let results = match ty {
        None if !yields.catch_panics => return None,
        Some(ty) if yields.try_collect && !mentions_impl(ty) => {
            let result = as_try(ty, krate);
            let span = span_of(Some(ty));
            let vec = vec_at(krate, span);
            match written_out(ty, &vec) {
                Some(collected) => collected,
                None if first_argument_is_unit(ty) => quote_spanned!(span=> #result::Output<()>),
                None => quote_spanned!(span=> #result::Output<#vec<#result::Item>>),
            }
        }
        _ => {
            let (vec, yielded) = (vec_at(krate, span_of(ty)), yielded_of(krate, ty, yields));
            quote_spanned!(span_of(ty)=> #vec<#yielded>)
        }
    };
    Some(results)
}

/// Whether the return type of the parallel function has the parts of `ty` written out. It is then
/// no error if `ty` does not fit the options about results.
pub(crate) fn is_written_out(ty: &Type, yields: Yields) -> bool {
    let is_named = |name: &str| type_argument_of(ty, name).is_some();
    is_named("Option") || yields.try_collect && is_named("Result")
}

/// Returns `Result<Vec<T>, E>` for a type that is written as `Result<T, E>`.
///
/// Keeps the path, as in `io::Result<T>` and `Option<T>`. It assumes that the first type argument
/// of any type named `Result` is the type of the value.
fn written_out(ty: &Type, vec: &TokenStream) -> Option<TokenStream> {
    let value = type_argument_of(ty, "Result").or_else(|| type_argument_of(ty, "Option"))?;
    if first_argument_is_unit(ty) {
        return Some(ty.to_token_stream());
    }
    let mut collected = copy(ty)?;
    let values = syn::parse2(quote_spanned!(span_of(Some(value))=> #vec<#value>)).ok()?;
    *first_argument_mut(&mut collected)? = values;
    // With its first token, the type is one of the macro. Otherwise, clippy could call it too
    // complex, although the type of the user is not. A `$crate` must stay as it is.
    let mut tokens = collected.to_token_stream().into_iter();
    let mut first = tokens.next()?;
    if first.to_string() != "$crate" {
        first.set_span(first.span().resolved_at(Span::mixed_site()));
    }
    Some(std::iter::once(first).chain(tokens).collect())
}

/// Writes the type that an item yields.
pub(crate) fn yielded_of(krate: &TokenStream, ty: Option<&Type>, yields: Yields) -> TokenStream {
    let result = match ty {
        None => quote!(()),
        Some(ty) if yields.skip_none => match type_argument_of(ty, "Option") {
            Some(some) => some.to_token_stream(),
            None if mentions_impl(ty) => ty.to_token_stream(),
            None => {
                let span = span_of(Some(ty));
                let krate = respan(krate, span);
                quote_spanned!(span=> <#ty as #krate::iter::Optional>::Some)
            }
        },
        Some(ty) => ty.to_token_stream(),
    };
    if yields.catch_panics {
        let krate = respan(krate, span_of(ty));
        quote_spanned!(span_of(ty)=> ::core::result::Result<#result, #krate::ItemPanic>)
    } else {
        result
    }
}

/// Writes the return type of the annotated function.
pub(crate) fn result(model: &Model) -> TokenStream {
    model.output.ty().map_or_else(|| quote!(()), ToTokens::to_token_stream)
}

/// Writes the return type of the annotated function for its generated
/// functions, whose bodies cannot name an `impl Trait`.
pub(crate) fn nameable_result(model: &Model) -> TokenStream {
    match &model.output {
        Output::Unit => quote!(()),
        Output::Type(ty) => ty.to_token_stream(),
        Output::Opaque(ty) => quote_spanned!(ty.span()=> _),
    }
}

/// Writes the return type of the lazy version.
///
/// Which lifetimes an `impl Trait` captures depends on the edition of its tokens. These are tokens
/// of the macro, so it captures all of them, whatever the edition of the calling crate is.
pub(crate) fn lazy(model: &Model) -> TokenStream {
    let krate = &model.krate;
    let (item, result) = (item(model), result(model));
    let sent = sent(model.asynchronous);
    let item = if model.distributed.is_some() { spread_item(model) } else { item };
    let mut input = quote!(impl ::core::iter::Iterator<Item = #item> #sent);
    // A checkpoint can be passed to the function.
    let checkpointed = model.checkpoint.map(|_| quote!(+ #krate::iter::Checkpointed));
    if let Some(asynchronous) = model.asynchronous {
        let future = future(&result, None, asynchronous);
        let function = quote!(impl #krate::iter::Apply<#item, Output = #future, State = ()> #checkpointed #sent);
        let yields = match (model.yields.skip_none, model.yields.catch_panics) {
            (false, false) => None,
            (true, false) => Some(quote!(, #krate::iter::SkipNone)),
            (false, true) => Some(quote!(, #krate::iter::Caught<#krate::iter::Every>)),
            (true, true) => Some(quote!(, #krate::iter::Caught<#krate::iter::SkipNone>)),
        };
        return quote!(-> #krate::ConcurrentIter<#input, #function #yields>);
    }
    // Not `impl Fn(..) -> ..`, whose result cannot be `impl Trait` and has other elision rules.
    let state = state(model);
    // `Sync` is explicit, because callers of a trait method do not see the auto traits of an
    // `impl Trait` that it returns.
    let mut function = quote! {
        impl #krate::iter::Apply<#item, Output = #result, State = #state> #checkpointed + ::core::marker::Sync
    };
    if model.progress.is_some() {
        function = quote!(#krate::iter::Watched<#function>);
    }
    if model.yields.catch_panics {
        input = quote!(::core::iter::Enumerate<#input>);
        function = quote!(#krate::iter::CatchPanics<#function>);
    }
    let yields = model.yields.skip_none.then(|| quote!(, #krate::iter::SkipNone));
    quote!(-> #krate::ParallelIter<#input, #function #yields>)
}

/// Writes the return type of the lazy version in a stub, from types that need no value.
pub(crate) fn lazy_stub(model: &Model) -> TokenStream {
    lazy_stub_of(&model.krate, &item(model), model.output.ty(), model.yields, model.asynchronous)
}

/// Like `lazy_stub`, for items of a type and an annotated function that returns `ty`.
pub(crate) fn lazy_stub_of(
    krate: &TokenStream,
    item: &TokenStream,
    ty: Option<&Type>,
    yields: Yields,
    asynchronous: Option<Async>,
) -> TokenStream {
    let result = yielded_of(krate, ty, yields);
    let (calls, function) = match asynchronous {
        None => (quote!(ParallelIter), quote!(Stub<#result>)),
        Some(_) => (quote!(ConcurrentIter), quote!(NeverFutures<#result>)),
    };
    quote!(-> #krate::#calls<#krate::__private::vec::IntoIter<#item>, #krate::__private::#function>)
}

/// Writes the type of an item: that of [`values`], or a pair of it with the index if the function
/// of one item needs the index.
pub(crate) fn item(model: &Model) -> TokenStream {
    let values = values(model);
    if model.is_indexed() { quote!((::core::primitive::usize, #values)) } else { values }
}

/// Writes the type of an item that may have run in another process.
pub(crate) fn spread_item(model: &Model) -> TokenStream {
    let (krate, item, result) = (&model.krate, item(model), nameable_result(model));
    quote!(#krate::iter::HereOrThere<#item, #result>)
}

/// Writes the type of an item that another process receives.
pub(crate) fn remote_item(model: &Model) -> TokenStream {
    let krate = &model.krate;
    let types = model.mapped().into_iter().map(|parameter| match behind_reference(&parameter.ty) {
        Some(behind) => quote!(<#behind as #krate::__private::Receive>::Owned),
        None => parameter.ty.to_token_stream(),
    });
    let values = if model.mapped().len() == 1 { quote!(#(#types)*) } else { quote!((#(#types),*)) };
    if model.is_indexed() { quote!((::core::primitive::usize, #values)) } else { values }
}

/// Writes the type of the values of an item: a tuple for several mapped parameters.
pub(crate) fn values(model: &Model) -> TokenStream {
    let types: Vec<&Type> = model.mapped().into_iter().map(|parameter| &parameter.ty).collect();
    match &types[..] {
        [one] => one.to_token_stream(),
        // With the span of the first type, because an error needs a single place.
        [first, ..] => quote_spanned!(span_of(Some(first))=> (#(#types),*)),
        [] => TokenStream::new(),
    }
}

/// Writes the type of the state that a thread keeps.
pub(crate) fn state(model: &Model) -> TokenStream {
    let types = state_types(model);
    let krate = &model.krate;
    match (types.is_empty(), model.token()) {
        (true, None) => quote!(()),
        (false, None) => quote!(::core::option::Option<(#(#types,)*)>),
        (_, Some(_)) => quote!(#krate::iter::WithToken<::core::option::Option<(#(#types,)*)>>),
    }
}

/// Returns the types of the parameters that are created once per thread.
pub(crate) fn state_types(model: &Model) -> Vec<&Type> {
    model.per_thread().into_iter().map(|parameter| without_mut_reference(&parameter.ty)).collect()
}
