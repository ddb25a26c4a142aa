//! Writing the two generated functions.
//!
//! All paths are absolute, and all tokens that the macro creates have the span `mixed_site`.
//! Parameters and local variables are therefore hygienic, and the lints of the calling crate do not
//! apply to code that its author did not write.

use crate::check::request::Yields;
use crate::model::generated::{Kind, Model, Parameter, Passing};
use crate::model::paths::span_of;
use crate::read::types::first_argument_is_unit;
use crate::write::asynchronous;
use crate::write::callee::CalleeName;
use crate::write::calls::{CallWriter, item_marker, markers, memory_of};
use crate::write::distribute;
use crate::write::docs;
use crate::write::forward;
use crate::write::keep;
use crate::write::lints::lints;
use crate::write::returns;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
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
    let entry = distribute::entry(model, &name);
    let guard = name.guard_with(&entry);
    quote!(#eager #lazy #guard)
}

/// Writes one of the generated functions.
fn function(model: &Model, name: &CalleeName, kind: Kind) -> TokenStream {
    let (docs, output) = match kind {
        Kind::Eager => (docs::of_eager(model), returns::eager(model)),
        Kind::Lazy | Kind::Remote => (docs::of_lazy(model), Some(returns::lazy(model))),
    };
    let (lints, dead_code) = (lints(model), dead_code_level(model));
    let attrs = forward::attributes(&model.attrs);
    // A panic about the number of threads, calls or items, or about processes, must show the
    // location of the calling code.
    let may_panic =
        model.threads.is_some() || model.in_flight.is_some() || model.mapped().len() > 1 || model.distributed.is_some();
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
///
/// With the option `distributed`, the parallel function has another one for other processes, so
/// that nothing slows the items down if there are none.
pub(crate) fn body(model: &Model, name: &CalleeName, kind: Kind) -> TokenStream {
    let krate = &model.krate;
    let private = quote!(#krate::__private);
    let import = &name.import;
    let is_eager = kind == Kind::Eager;
    let markers = markers(model).filter(|_| is_eager || model.checkpoint.is_some());
    let (memory, _) = memory_of(model, &private);
    let run = |processes: Option<&TokenStream>| run(model, name, &private, kind, processes);
    let run = match (kind, model.distributed) {
        (_, None) => run(None),
        (Kind::Eager, Some(_)) => {
            let (checks, here) = (distribute::checks(model, &private), run(None));
            let processes = CallWriter { model, private: &private, kind }.own_name("__processes");
            let there = run(Some(&quote!(::core::option::Option::Some(#processes))));
            quote! {
                #checks
                match #private::take_processes() {
                    ::core::option::Option::None => { #here }
                    ::core::option::Option::Some(#processes) => { #there }
                }
            }
        }
        (Kind::Lazy | Kind::Remote, Some(_)) => run(Some(&quote!(::core::option::Option::None))),
    };
    quote! {
        #(enum #markers {})*
        #import
        #memory
        #run
    }
}

/// Writes the call of the runtime. With `processes`, its items may run in other processes, which
/// are those that the expression returns, or that the call takes when it begins.
fn run(
    model: &Model,
    name: &CalleeName,
    private: &TokenStream,
    kind: Kind,
    processes: Option<&TokenStream>,
) -> TokenStream {
    let is_eager = kind == Kind::Eager;
    // Where items run in other processes, the arguments are checked elsewhere.
    let style = if processes.is_some() { Kind::Lazy } else { kind };
    let fixed: Vec<&Ident> = (model.taken())
        .filter(|parameter| style == Kind::Lazy && !matches!(parameter.passing, Passing::Mapped))
        .map(|parameter| &parameter.name)
        .collect();
    let traits = (!fixed.is_empty()).then(|| quote!(use #private::{KeepForCalls as _, OrNever as _};));
    let item_marker = item_marker(model);
    let item = if processes.is_some() { returns::spread_item(model) } else { returns::item(model) };
    let result = returns::nameable_result(model);
    let Yields { try_collect, skip_none, catch_panics } = model.yields;
    let method = match (&model.output, kind) {
        (_, Kind::Lazy | Kind::Remote) if skip_none => quote!(lazy_some::<#item, #result, _, _>),
        (_, Kind::Lazy | Kind::Remote) => quote!(lazy::<#item, #result, _, _>),
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
            // If items cannot be sent, those of other processes have another type.
            let item = if processes.is_some() { quote!(_) } else { item.clone() };
            quote!(#run::<#item, #item_marker, #result, _, _>)
        }
    };
    let caught = (!is_eager && catch_panics).then(|| quote!(.catch_panics()));
    let threads = model.threads.as_ref().map(|threads| quote!(.threads(#threads)));
    let (_, memory) = memory_of(model, private);
    let end = (is_eager && returns::eager(model).is_none()).then(|| quote!(;));
    let writer = CallWriter { model, private, kind: style };
    let (mut input, mut function) = (writer.input(), writer.function(&name.path));
    if !is_eager {
        function = keep::keep(&writer, &name.path, function);
    }
    let [changed_input, changed_function] = ["__input", "__function"].map(|name| Ident::new(name, Span::mixed_site()));
    let mut changes = TokenStream::new();
    if let Some(processes) = processes {
        let (names, values) = ([&changed_input, &changed_function], [&input, &function]);
        changes.extend(distribute::spread(&writer, kind, names, values, processes));
        (input, function) = (changed_input.to_token_stream(), changed_function.to_token_stream());
    }
    if let Some(progress) = &model.progress {
        let item = if is_eager && processes.is_some() { quote!(_) } else { item };
        let watch = quote!(#private::watch::<#item, #result, _, _>(#progress, #input, #function));
        changes.extend(quote!(let (#changed_input, #changed_function) = #watch;));
        (input, function) = (changed_input.to_token_stream(), changed_function.to_token_stream());
    }
    quote! {
        #traits
        #(let #fixed = #private::Fixed(#fixed).keep_for_calls();)*
        #changes
        #private::Call::new(&#memory) #threads.#method(#input, #function) #caught #end
    }
}
