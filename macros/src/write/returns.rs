//! Decides what the twins return: the results or what the options make of them, at once or as a `ParallelIter`.

use crate::check::request::Yields;
use crate::model::generated::Model;
use crate::model::paths::{attempt, place, respan};
use crate::read::types::{argument_of, behind_any_mut, first_argument_mut, holds_impl, is_of_unit};
use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::Type;

/// What the eager twin returns; nothing, where the function does.
pub(crate) fn eager(model: &Model) -> Option<TokenStream> {
    eager_of(&model.krate, model.output.ty(), model.yields)
}

/// The same for a function that returns `ty`; `impl Trait` in it is taken as it is.
pub(crate) fn eager_of(krate: &TokenStream, ty: Option<&Type>, yields: Yields) -> Option<TokenStream> {
    let results = match ty {
        None if !yields.catch_panics => return None,
        Some(ty) if yields.try_collect && !holds_impl(ty) => {
            let result = attempt(ty, krate);
            let span = place(Some(ty));
            match written_out(ty) {
                Some(collected) => collected,
                None if is_of_unit(ty) => quote_spanned!(span=> #result::Output<()>),
                None => quote_spanned!(span=> #result::Output<::std::vec::Vec<#result::Item>>),
            }
        }
        _ => {
            let yielded = yielded_of(krate, ty, yields);
            quote_spanned!(place(ty)=> ::std::vec::Vec<#yielded>)
        }
    };
    Some(quote!(-> #results))
}

/// `Result<Vec<T>, E>` for a type that is written `Result<T, E>`, with the path as it is: `io::Result<T>`, `Option<T>`.
///
/// Of an alias by the name `Result` this assumes that its first parameter is the type of the value.
fn written_out(ty: &Type) -> Option<TokenStream> {
    let value = argument_of(ty, "Result").or_else(|| argument_of(ty, "Option"))?;
    if is_of_unit(ty) {
        return Some(ty.to_token_stream());
    }
    let mut collected: Type = syn::parse2(ty.to_token_stream()).ok()?;
    let values = syn::parse2(quote_spanned!(place(Some(value))=> ::std::vec::Vec<#value>)).ok()?;
    *first_argument_mut(&mut collected)? = values;
    Some(collected.to_token_stream())
}

/// What an item yields.
pub(crate) fn yielded_of(krate: &TokenStream, ty: Option<&Type>, yields: Yields) -> TokenStream {
    let result = match ty {
        None => quote!(()),
        Some(ty) if yields.skip_none => match argument_of(ty, "Option") {
            Some(some) => some.to_token_stream(),
            None if holds_impl(ty) => ty.to_token_stream(),
            None => {
                let span = place(Some(ty));
                let krate = respan(krate, span);
                quote_spanned!(span=> <#ty as #krate::iter::Optional>::Some)
            }
        },
        Some(ty) => ty.to_token_stream(),
    };
    if yields.catch_panics {
        let krate = respan(krate, place(ty));
        quote_spanned!(place(ty)=> ::core::result::Result<#result, #krate::ItemPanic>)
    } else {
        result
    }
}

/// What the function itself returns.
pub(crate) fn result(model: &Model) -> TokenStream {
    model.output.ty().map_or_else(|| quote!(()), ToTokens::to_token_stream)
}

/// What the lazy twin returns. An `impl Trait` captures what is in scope by the rules of the edition of its tokens, which are the macro's: all of it, in
/// callers of every edition.
pub(crate) fn lazy(model: &Model) -> TokenStream {
    let krate = &model.krate;
    let (item, result) = (item(model), result(model));
    let mut input = quote!(impl ::core::iter::Iterator<Item = #item> + ::core::marker::Send);
    // Not `impl Fn(..) -> ..`: its result cannot be `impl Trait`, and its lifetimes are elided by other rules.
    let state = state(model);
    // `Sync` is said, for in a trait it is not seen from outside.
    let mut function = quote! {
        impl #krate::iter::Apply<#item, Output = #result, State = #state> + ::core::marker::Sync
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

/// The same with types that need no value.
pub(crate) fn lazy_stub(model: &Model) -> TokenStream {
    let krate = &model.krate;
    let (item, result) = (item(model), yielded_of(krate, model.output.ty(), model.yields));
    quote!(-> #krate::ParallelIter<::std::vec::IntoIter<#item>, #krate::__private::Stub<#result>>)
}

/// The type of an item: of several mapped arguments a tuple, and behind its index, if that matters.
pub(crate) fn item(model: &Model) -> TokenStream {
    let types: Vec<&Type> = model.mapped().into_iter().map(|argument| &argument.ty).collect();
    let item = match &types[..] {
        [one] => one.to_token_stream(),
        // At the first of them, to be at one place.
        [first, ..] => quote_spanned!(place(Some(first))=> (#(#types),*)),
        [] => TokenStream::new(),
    };
    if model.is_indexed() { quote!((usize, #item)) } else { item }
}

/// The type of what a thread keeps.
fn state(model: &Model) -> TokenStream {
    let types = state_types(model);
    if types.is_empty() { quote!(()) } else { quote!(::core::option::Option<(#(#types,)*)>) }
}

/// The types of the states of a thread.
pub(crate) fn state_types(model: &Model) -> Vec<&Type> {
    model.per_thread().into_iter().map(|argument| behind_any_mut(&argument.ty)).collect()
}
