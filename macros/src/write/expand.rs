//! Writing the two generated functions.
//!
//! All paths are absolute, and all tokens that the macro creates have the span `mixed_site`.
//! Parameters and local variables are therefore hygienic, and the lints of the calling crate do not
//! apply to code that its author did not write.

use crate::check::request::Yields;
use crate::model::generated::{Callee, Kind, Model, Parameter, Passing};
use crate::model::paths::span_of;
use crate::read::names::{idents, mentions};
use crate::read::types::first_argument_is_unit;
use crate::write::asynchronous;
use crate::write::callee::CalleeName;
use crate::write::calls::{CallWriter, item_marker, markers, path_of};
use crate::write::docs;
use crate::write::forward;
use crate::write::keep;
use crate::write::returns;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::ext::IdentExt;
use syn::{GenericParam, Type};

// Input:
//     fn simulate(x: f64, steps: u32, table: &Table) -> f64 { .. }
//
// Output, with shortened paths:
//     fn simulate_parallel(
//         x: impl Items<f64, IntoIter: Send>, steps: u32, table: &Table,
//     ) -> Vec<f64> {
//         enum x {}
//         enum steps {}
//         enum table {}
//         use {
//             __in_an_impl_block_write_call_equals_Self_simulate_0c1d as _,
//             simulate as __original,
//         };
//         static __MEMORY_OF_simulate: Memory = Memory::new(concat!(module_path!(), "::simulate"));
//         Call::new(&__MEMORY_OF_simulate).run::<f64, x, f64, _, _>(x, move |x: f64| {
//             __original(x, cloned::<u32, steps>(&steps), shared::<Table, table>(table))
//         })
//     }
//
//     fn simulate_parallel_iter(
//         x: impl Items<f64, IntoIter: Send>, steps: u32, table: &Table,
//     ) -> ParallelIter<
//         impl Iterator<Item = f64> + Send,
//         impl Apply<f64, Output = f64, State = ()> + Sync,
//     > {
//         use {KeepForCalls as _, OrNever as _};
//         use {
//             __in_an_impl_block_write_call_equals_Self_simulate_0c1d as _,
//             simulate as __original,
//         };
//         static __MEMORY_OF_simulate: Memory = Memory::new(concat!(module_path!(), "::simulate"));
//         let steps = Fixed(steps).keep_for_calls();
//         let table = Fixed(table).keep_for_calls();
//         Call::new(&__MEMORY_OF_simulate).lazy::<f64, f64, _, _>(x, move |x: f64| {
//             __original(x, steps.for_one_call(), table.for_one_call())
//         })
//     }
//
//     const __in_an_impl_block_write_call_equals_Self_simulate_0c1d: () = ();
/// Writes both functions, and the guard constant.
pub(crate) fn expand(model: &Model) -> TokenStream {
    let name = CalleeName::of(model);
    let (eager, lazy) = (function(model, &name, Kind::Eager), function(model, &name, Kind::Lazy));
    let guard = name.guard;
    quote!(#eager #lazy #guard)
}

/// Writes one of the generated functions.
fn function(model: &Model, name: &CalleeName, kind: Kind) -> TokenStream {
    let (docs, output) = match kind {
        Kind::Eager => (docs::of_eager(model), returns::eager(model)),
        Kind::Lazy => (docs::of_lazy(model), Some(returns::lazy(model))),
    };
    let (lints, dead_code) = (lints(model), dead_code_level(model));
    let attrs = forward::attributes(&model.attrs);
    // A panic about the number of threads, calls or items must show the location of the calling
    // code.
    let may_panic = model.threads.is_some() || model.in_flight.is_some() || model.mapped().len() > 1;
    let track_caller = (may_panic && !forward::tracks_caller(&model.attrs)).then(|| quote!(#[track_caller]));
    let signature = signature(model, kind, output.as_ref());
    let body = match model.asynchronous {
        None => body(model, name, kind),
        Some(_) => asynchronous::body(model, name, kind),
    };
    quote! {
        #docs
        #lints
        #(#attrs)*
        #dead_code
        #track_caller
        #signature {
            #body
        }
    }
}

/// Allows the lints of clippy that would fire because of generated code.
///
/// Each has a case in `tests/strict`. The list is as short as possible, because an `allow` inside a
/// `forbid` is an error (E0453). It has no lint of rustc, and no lint that is on by default.
fn lints(model: &Model) -> TokenStream {
    // An expression that creates a parameter may use `_seed`, which the function does not use.
    let names = model.parameters.iter().flat_map(|parameter| idents(parameter.pat.to_token_stream()));
    let underscored: Vec<String> = names.filter(|name| name.starts_with('_')).collect();
    let uses_underscore = model.parameters.iter().any(|parameter| match &parameter.passing {
        Passing::Created(creation) => mentions(creation.tokens(), &underscored),
        _ => false,
    });
    let underscore = uses_underscore.then(|| quote!(clippy::used_underscore_binding));
    // The public functions of a trait would have to be `#[inline]`.
    let inline =
        (!matches!(model.callee, Callee::Free { .. })).then(|| quote!(clippy::missing_inline_in_public_items,));
    // The type of a mapped parameter is `impl Items`.
    quote!(#[allow(clippy::impl_trait_in_params, #inline #underscore)])
}

/// Gives the generated functions a level of `dead_code` that other functions rarely have.
///
/// Rustc reports all unused functions of an `impl` block that have the same level together. If one
/// of them is generated, it reports none, because the place is in a macro of another crate. For the
/// same reason, it never reports the generated functions alone, whatever their level is.
///
/// The attribute follows the inherited ones, because an `allow` after a `forbid` is an error
/// (E0453). With `allow` instead, the generated functions would count as used, and so would the
/// annotated function.
fn dead_code_level(model: &Model) -> TokenStream {
    // An `allow` of the user inside of a `forbid` would be an error as well.
    if model.may_set_lint_levels { quote!(#[deny(dead_code)]) } else { quote!(#[forbid(dead_code)]) }
}

/// Writes everything between the attributes and the body.
pub(crate) fn signature(model: &Model, kind: Kind, output: Option<&TokenStream>) -> TokenStream {
    let Model { vis, eager, lazy, generics, introduced, predicates, predicates_of_lazy, .. } = model;
    let (name, further_predicates) =
        if kind == Kind::Eager { (eager, &[][..]) } else { (lazy, &predicates_of_lazy[..]) };
    let unsafety = model.is_unsafe.then(|| quote!(unsafe));
    let krate = &model.krate;
    let sent = (!model.is_local()).then(|| quote!(, IntoIter: ::core::marker::Send));
    let items = |ty: &Type| quote!(#krate::Items<#ty #sent>);
    // The language requires lifetimes to be first.
    let (lifetimes, others): (Vec<_>, Vec<_>) =
        generics.params.iter().partition(|generic_parameter| matches!(generic_parameter, GenericParam::Lifetime(_)));
    let new_lifetimes = &introduced.lifetimes;
    let new_types = introduced.types.iter().map(|(_, generic_parameter)| generic_parameter);
    let inputs = model.mapped().into_iter().filter_map(|Parameter { ty, input, .. }| {
        let (input, items) = (input.as_ref()?, items(ty));
        Some(quote!(#input: #items))
    });
    let generic_parameters: Vec<TokenStream> = (lifetimes.iter().map(ToTokens::to_token_stream))
        .chain(new_lifetimes.iter().map(ToTokens::to_token_stream))
        .chain(others.iter().map(ToTokens::to_token_stream))
        .chain(new_types.map(ToTokens::to_token_stream))
        .chain(inputs)
        .collect();
    let generic_parameters = (!generic_parameters.is_empty()).then(|| quote!(<#(#generic_parameters),*>));
    let receiver = model.receiver.iter().map(|receiver| receiver.tokens.clone());
    let parameters = model.taken().map(|Parameter { name, ty, passing, input, .. }| match (passing, input) {
        (Passing::Mapped, Some(input)) => quote!(#name: #input),
        (Passing::Mapped, None) => {
            let items = items(ty);
            quote!(#name: impl #items)
        }
        _ => quote!(#name: #ty),
    });
    let parameters = receiver.chain(parameters);
    let own_predicates = generics.where_clause.iter().flat_map(|clause| &clause.predicates);
    let predicates: Vec<TokenStream> = own_predicates
        .map(ToTokens::to_token_stream)
        .chain(predicates.iter().chain(further_predicates).cloned())
        .collect();
    let where_clause = (!predicates.is_empty()).then(|| quote!(where #(#predicates),*));
    quote! {
        #vis #unsafety fn #name #generic_parameters (#(#parameters),*) #output #where_clause
    }
}

/// Writes the body: one call of the runtime, after the items and variables that it uses.
pub(crate) fn body(model: &Model, name: &CalleeName, kind: Kind) -> TokenStream {
    let krate = &model.krate;
    let private = quote!(#krate::__private);
    let import = &name.import;
    let is_eager = kind == Kind::Eager;
    let markers = markers(model).filter(|_| is_eager || model.checkpoint.is_some());
    let fixed: Vec<&Ident> = (model.taken())
        .filter(|parameter| !is_eager && !matches!(parameter.passing, Passing::Mapped))
        .map(|parameter| &parameter.name)
        .collect();
    let traits = (!fixed.is_empty()).then(|| quote!(use #private::{KeepForCalls as _, OrNever as _};));
    let (item, item_marker) = (returns::item(model), item_marker(model));
    let result = returns::nameable_result(model);
    let Yields { try_collect, skip_none, catch_panics } = model.yields;
    let method = match (&model.output, kind) {
        (_, Kind::Lazy) if skip_none => quote!(lazy_some::<#item, #result, _, _>),
        (_, Kind::Lazy) => quote!(lazy::<#item, #result, _, _>),
        (output, Kind::Eager) => {
            let collects_unit = output.ty().is_some_and(first_argument_is_unit);
            let name = match (try_collect, skip_none, catch_panics) {
                (true, ..) if collects_unit => "try_run_unit",
                (true, ..) => "try_run",
                (_, true, true) => "run_some_caught",
                (_, true, false) => "run_some",
                (_, false, true) => "run_caught",
                (_, false, false) => "run",
            };
            // If an option about results does not fit the type, the error is at the type.
            let run = Ident::new(name, span_of(output.ty().filter(|_| try_collect || skip_none)));
            quote!(#run::<#item, #item_marker, #result, _, _>)
        }
    };
    let caught = (!is_eager && catch_panics).then(|| quote!(.catch_panics()));
    let threads = model.threads.as_ref().map(|threads| quote!(.threads(#threads)));
    let memory = format_ident!("__MEMORY_OF_{}", model.function.unraw(), span = Span::mixed_site());
    let path = path_of(model);
    let end = (is_eager && returns::eager(model).is_none()).then(|| quote!(;));
    let writer = CallWriter { model, private: &private, kind };
    let (mut input, function) = (writer.input(), writer.function(&name.path));
    let mut function = keep::keep(&writer, &name.path, function);
    let watch = model.progress.as_ref().map(|progress| {
        let [watched_input, counting_function] =
            ["__input", "__function"].map(|name| Ident::new(name, Span::mixed_site()));
        let watch = quote!(#private::watch::<#item, #result, _, _>(#progress, #input, #function));
        (input, function) = (watched_input.to_token_stream(), counting_function.to_token_stream());
        quote!(let (#watched_input, #counting_function) = #watch;)
    });
    quote! {
        #(enum #markers {})*
        #traits
        #import
        static #memory: #private::Memory = #private::Memory::new(#path);
        #(let #fixed = #private::Fixed(#fixed).keep_for_calls();)*
        #watch
        #private::Call::new(&#memory) #threads.#method(#input, #function) #caught #end
    }
}
