//! Decides the tokens of the twins.
//!
//! All paths are absolute, and all that is the macro's own has the span `mixed_site`: arguments and locals are hygienic, and since the
//! span is a macro's, the lints of the caller's crate keep silent about what the caller did not write.

use crate::check::request::Yields;
use crate::model::generated::{Argument, Kind, Model, Output, Passing};
use crate::model::paths::place;
use crate::read::types::is_of_unit;
use crate::write::callee::Name;
use crate::write::calls::{Values, item_marker, markers};
use crate::write::docs;
use crate::write::forward;
use crate::write::returns;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::GenericParam;
use syn::ext::IdentExt;
use syn::spanned::Spanned;

// Input:
//     fn simulate(x: f64, steps: u32, table: &Table) -> f64 { .. }
//
// Output:
//     fn simulate_parallel(
//         x: impl IntoIterator<Item = f64, IntoIter: Send>, steps: u32, table: &Table,
//     ) -> Vec<f64> {
//         enum x_of_simulate {}
//         enum steps_of_simulate {}
//         enum table_of_simulate {}
//         use {__write_call_equals_Self_simulate_0c1d as _, simulate as __original};
//         static __MEMORY_OF_simulate: Memory = Memory::new(concat!(module_path!(), "::simulate"));
//         Call::new(&__MEMORY_OF_simulate).run::<f64, x_of_simulate, f64, _, _>(x, move |x| {
//             __original(x, cloned::<u32, steps_of_simulate>(&steps), shared::<Table, table_of_simulate>(table))
//         })
//     }
//     const __write_call_equals_Self_simulate_0c1d: () = ();
//
//     fn simulate_parallel_iter(
//         x: impl IntoIterator<Item = f64, IntoIter: Send>, steps: u32, table: &Table,
//     ) -> ParallelIter<impl Iterator<Item = f64> + Send, impl Apply<f64, Output = f64> + Sync> {
//         .. as above, up to
//         let steps = Fixed(steps).keep_for_calls();
//         let table = Fixed(table).keep_for_calls();
//         Call::new(&__MEMORY_OF_simulate).lazy::<f64, f64, _, _>(x, move |x| {
//             __original(x, steps.for_one_call(), table.for_one_call())
//         })
//     }
pub(crate) fn expand(model: &Model) -> TokenStream {
    let name = Name::of(model);
    let (eager, lazy) = (function(model, &name, Kind::Eager), function(model, &name, Kind::Lazy));
    let beside = name.beside;
    quote!(#eager #lazy #beside)
}

fn function(model: &Model, name: &Name, kind: Kind) -> TokenStream {
    let (docs, output) = match kind {
        Kind::Eager => (docs::of_eager(model), returns::eager(model)),
        Kind::Lazy => (docs::of_lazy(model), Some(returns::lazy(model))),
    };
    let lints = lints();
    let attrs = forward::attributes(&model.attrs);
    // A wrong number of threads, or of items, is the caller's mistake.
    let may_be_wrong = model.threads.is_some() || model.mapped().len() > 1;
    let track_caller = (may_be_wrong && !forward::tracks_caller(&model.attrs)).then(|| quote!(#[track_caller]));
    let signature = signature(model, kind, output.as_ref());
    let body = body(model, name, kind);
    quote! {
        #docs
        #lints
        #(#attrs)*
        #track_caller
        #signature {
            #body
        }
    }
}

/// What lints would say about a twin and not about its function, at the function's own tokens. Each has its case in `tests/strict`; none
/// is a lint of rustc, for an `allow` beneath a `forbid` is an error (E0453).
fn lints() -> TokenStream {
    quote! {
        #[allow(
            // The function's own bounds stay where they are, what threads need goes to the where-clause.
            clippy::multiple_bound_locations,
            // The input is `impl IntoIterator`.
            clippy::impl_trait_in_params,
            // What makes an argument uses those that the function itself does not.
            clippy::used_underscore_binding
        )]
    }
}

/// Everything up to the body.
pub(crate) fn signature(model: &Model, kind: Kind, output: Option<&TokenStream>) -> TokenStream {
    let Model { vis, eager, lazy, generics, introduced, predicates, .. } = model;
    let name = if kind == Kind::Eager { eager } else { lazy };
    let unsafety = model.is_unsafe.then(|| quote!(unsafe));
    // Lifetimes go first.
    let (lifetimes, others): (Vec<_>, Vec<_>) =
        generics.params.iter().partition(|parameter| matches!(parameter, GenericParam::Lifetime(_)));
    let new_lifetimes = &introduced.lifetimes;
    let new_types = introduced.types.iter().map(|(_, parameter)| parameter);
    let parameters: Vec<TokenStream> = (lifetimes.iter().map(ToTokens::to_token_stream))
        .chain(new_lifetimes.iter().map(ToTokens::to_token_stream))
        .chain(others.iter().map(ToTokens::to_token_stream))
        .chain(new_types.map(ToTokens::to_token_stream))
        .collect();
    let parameters = (!parameters.is_empty()).then(|| quote!(<#(#parameters),*>));
    let receiver = model.receiver.iter().map(|receiver| receiver.tokens.clone());
    let krate = &model.krate;
    let arguments = model.taken().map(|Argument { name, ty, passing, .. }| match passing {
        Passing::Mapped => quote! {
            #name: impl #krate::Items<#ty, IntoIter: ::core::marker::Send>
        },
        _ => quote!(#name: #ty),
    });
    let arguments = receiver.chain(arguments);
    let own_predicates = generics.where_clause.iter().flat_map(|clause| &clause.predicates);
    let predicates: Vec<TokenStream> =
        own_predicates.map(ToTokens::to_token_stream).chain(predicates.iter().cloned()).collect();
    let where_clause = (!predicates.is_empty()).then(|| quote!(where #(#predicates),*));
    quote! {
        #vis #unsafety fn #name #parameters (#(#arguments),*) #output #where_clause
    }
}

/// The one expression of a twin, and what it names.
pub(crate) fn body(model: &Model, name: &Name, kind: Kind) -> TokenStream {
    let krate = &model.krate;
    let private = quote!(#krate::__private);
    let import = &name.import;
    let is_eager = kind == Kind::Eager;
    let markers = markers(model).filter(|_| is_eager);
    let kept: Vec<&Ident> = (model.taken())
        .filter(|argument| !is_eager && !matches!(argument.passing, Passing::Mapped))
        .map(|argument| &argument.name)
        .collect();
    let traits = (!kept.is_empty()).then(|| quote!(use #private::{KeepForCalls as _, OrNever as _};));
    let (item, item_marker) = (returns::item(model), item_marker(model));
    let result = match &model.output {
        Output::Unit => quote!(()),
        Output::Type(ty) => ty.to_token_stream(),
        Output::Opaque(ty) => quote_spanned!(ty.span()=> _),
    };
    let Yields { try_collect, skip_none, catch_panics } = model.yields;
    let run = match (&model.output, kind) {
        (_, Kind::Lazy) if skip_none => quote!(lazy_some::<#item, #result, _, _>),
        (_, Kind::Lazy) => quote!(lazy::<#item, #result, _, _>),
        (output, Kind::Eager) => {
            let is_of_unit = output.ty().is_some_and(is_of_unit);
            let run = match (try_collect, skip_none, catch_panics) {
                (true, ..) if is_of_unit => "try_run_unit",
                (true, ..) => "try_run",
                (_, true, true) => "run_some_caught",
                (_, true, false) => "run_some",
                (_, false, true) => "run_caught",
                (_, false, false) => "run",
            };
            let run = Ident::new(run, place(output.ty().filter(|_| try_collect || skip_none)));
            quote!(#run::<#item, #item_marker, #result, _, _>)
        }
    };
    let caught = (!is_eager && catch_panics).then(|| quote!(.catch_panics()));
    let threads = model.threads.as_ref().map(|threads| quote!(.threads(#threads)));
    let memory = format_ident!("__MEMORY_OF_{}", model.function.unraw(), span = Span::mixed_site());
    let function = format!("::{}", model.function.unraw());
    let path = quote!(::core::concat!(::core::module_path!(), #function));
    let end = (is_eager && returns::eager(model).is_none()).then(|| quote!(;));
    let values = Values { model, private: &private, kind };
    let (mut input, mut function) = (values.input(), values.function(&name.path));
    let watch = model.progress.as_ref().map(|progress| {
        let [watched, counted] = ["__input", "__function"].map(|name| Ident::new(name, Span::mixed_site()));
        let watch = quote!(#private::watch::<#item, #result, _, _>(#progress, #input, #function));
        (input, function) = (watched.to_token_stream(), counted.to_token_stream());
        quote!(let (#watched, #counted) = #watch;)
    });
    quote! {
        #(enum #markers {})*
        #traits
        #import
        static #memory: #private::Memory = #private::Memory::new(#path);
        #(let #kept = #private::Fixed(#kept).keep_for_calls();)*
        #watch
        #private::Call::new(&#memory) #threads.#run(#input, #function) #caught #end
    }
}
