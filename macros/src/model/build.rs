//! Building the model from a checked request; nothing can fail from here on.

use crate::check::mapping::Mapping;
use crate::check::request::Request;
use crate::check::states::Made;
use crate::model::bounds::Bounds;
use crate::model::generated::{Argument, Callee, Model, Output, Passing, Receiver};
use crate::model::paths::attempt;
use crate::model::unnamed::{Introduced, fill_elided, has_elided, unique, written_lifetimes};
use crate::read::function::{Function, name_of};
use crate::read::names::mentions;
use crate::read::types::{
    behind_mut, behind_reference, borrows, capture_everything, has_impl_trait, is_mutable_reference, returned,
};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use std::collections::HashMap;
use syn::ext::IdentExt;
use syn::{FnArg, Lifetime, Pat, ReceiverKind, ReturnType, Safety, Signature, Type};

/// The name where it stands, as the macro's own.
fn hygienic(name: &Ident) -> Ident {
    let span = name.span().resolved_at(Span::mixed_site());
    if name == "gen" {
        // A keyword of edition 2024, which is the macro's; in earlier ones a name like any other.
        return Ident::new_raw("gen", span);
    }
    let mut name = name.clone();
    name.set_span(span);
    name
}

/// `f_parallel_iter` for `f_parallel`.
pub(crate) fn lazy_name(twin: &Ident) -> Ident {
    format_ident!("{}_iter", twin)
}

/// What the twin calls an argument that is a pattern in the function.
fn name_for_pattern(index: usize, names: &[String]) -> Ident {
    let name = unique(&format!("__argument{}", index + 1), |name| names.iter().any(|taken| taken == name));
    Ident::new(&name, Span::mixed_site())
}

/// Puts together what `validate` has found right.
pub(crate) fn build(request: Request, function: Function) -> Model {
    let Request { mapping, states, name, yields, threads, progress, call, krate } = request;
    let mut states: HashMap<usize, Made> = states.into_iter().collect();
    let eager = hygienic(&name);
    let argument_names = function.argument_names();
    let is_associated = function.is_associated();
    let Function { attrs, vis, sig, over: _, over_self: _, names, has_body: _, hash } = function;
    // Every field of syn's signature, so that one it adds is a compile error here and not a loss.
    // `async`, a variadic and their like have been refused; a twin is neither `const` nor `extern`.
    let Signature {
        constness: _,
        asyncness: _,
        safety,
        abi: _,
        fn_token: _,
        ident,
        generics,
        paren_token: _,
        inputs,
        variadic: _,
        mut output,
    } = sig;

    let used = [&output.to_token_stream(), &krate, &threads.to_token_stream(), &call.to_token_stream()];
    let used = used.into_iter().chain(progress.as_ref()).cloned();
    let used = used.chain(states.values().map(Made::tokens)).chain(inputs.iter().map(type_of)).collect();
    let hides = mentions(used, &argument_names) || argument_names.iter().any(|name| ident == name);
    let marker_suffix = hides.then(|| format!("_of_{}", ident.unraw()));
    let mut builder = Builder {
        introduced: Introduced::default(),
        bounds: Bounds::new(&generics, &names, is_associated || call.is_some()),
        borrowed_from: has_elided(&mut output).then(Vec::new),
    };
    let mut receiver = None;
    let mut arguments = Vec::new();
    for input in inputs {
        match input {
            FnArg::Receiver(input) => receiver = Some(builder.receiver(input)),
            FnArg::Typed(input) => {
                // Hygienic, so that an argument named like the function does not hide it.
                let name =
                    name_of(&input.pat).map_or_else(|| name_for_pattern(arguments.len(), &argument_names), hygienic);
                let index = arguments.len();
                let role = match states.remove(&index) {
                    Some(made) => Role::Made(made),
                    None if mapping.arguments().contains(&index) => {
                        Role::Mapped { is_repeated: matches!(mapping, Mapping::Product(_)) }
                    }
                    None => Role::Fixed,
                };
                arguments.push(builder.argument(name, *input.pat, *input.ty, role));
            }
        }
    }
    let output = builder.output(output, yields.try_collect.then_some(&krate));
    let callee = match call {
        Some(path) => Callee::Path(path),
        None if is_associated => Callee::Associated,
        None => Callee::Free { hash },
    };
    Model {
        attrs,
        vis,
        is_unsafe: matches!(safety, Safety::Unsafe(_)),
        function: ident,
        lazy: lazy_name(&eager),
        eager,
        generics,
        introduced: builder.introduced,
        predicates: builder.bounds.into_predicates(),
        receiver,
        arguments,
        mapping,
        output,
        yields,
        threads,
        progress,
        callee,
        krate,
        marker_suffix,
    }
}

/// The tokens of a parameter's type.
fn type_of(input: &FnArg) -> TokenStream {
    match input {
        FnArg::Receiver(receiver) => receiver.to_token_stream(),
        FnArg::Typed(argument) => argument.ty.to_token_stream(),
    }
}

/// Where an argument comes from.
enum Role {
    Mapped {
        /// It is used several times, with each of the others.
        is_repeated: bool,
    },
    Fixed,
    Made(Made),
}

/// What the arguments add to the twin as they are gone through.
struct Builder {
    introduced: Introduced,
    bounds: Bounds,
    /// Where the result has an elided lifetime that is not that of `self`: the lifetimes of the arguments.
    borrowed_from: Option<Vec<Lifetime>>,
}

impl Builder {
    fn receiver(&mut self, receiver: syn::Receiver) -> Receiver {
        // `self` is hygienic like a local: all of them have to be the macro's own.
        let this = quote_spanned!(Span::mixed_site()=> self);
        // What `self` must be is said where it stands.
        let span = receiver.self_token.span.resolved_at(Span::mixed_site());
        match receiver.kind {
            // `mut` only in a stub, for it has been refused.
            ReceiverKind::Reference(and, lifetime, mutability) => {
                self.borrowed_from = None;
                self.bounds.borrowed_self(span);
                Receiver { tokens: quote!(#and #lifetime #mutability #this), is_cloned: false }
            }
            ReceiverKind::Typed(colon, mut ty) => {
                if borrows(&mut ty) {
                    self.borrowed_from = None;
                }
                self.bounds.typed_self(&ty, span);
                Receiver { tokens: quote!(#this #colon #ty), is_cloned: behind_reference(&ty).is_none() }
            }
            // `self`, and whatever shorthand comes to mean it.
            _ => {
                self.bounds.owned_self(span);
                Receiver { tokens: this, is_cloned: true }
            }
        }
    }

    fn argument(&mut self, name: Ident, pat: Pat, mut ty: Type, role: Role) -> Argument {
        // What becomes a parameter's bound, a fixed argument's type cannot elide there either; and what the twins make stands in what they return.
        if !matches!(role, Role::Fixed) || has_impl_trait(&mut ty) || self.borrowed_from.is_some() {
            // The reference to what the twins make lives as long as a call.
            let named = if let Role::Made(_) = role { behind_mut(&mut ty) } else { &mut ty };
            self.introduced.name_lifetimes(named, &name);
        }
        if let (Some(lifetimes), Role::Mapped { .. } | Role::Fixed) = (&mut self.borrowed_from, &role) {
            written_lifetimes(&mut ty, lifetimes);
        }
        // One that is made has none, but in a stub, which does not have the argument.
        if !matches!(role, Role::Made(_)) {
            for parameter in self.introduced.name_impl_traits(&mut ty, &name) {
                self.bounds.add_parameter(parameter);
            }
        }
        let passing = match role {
            Role::Mapped { is_repeated } => {
                self.bounds.item(&ty);
                if is_repeated {
                    self.bounds.repeated(&ty);
                }
                Passing::Mapped
            }
            Role::Made(made) => Passing::Made(made),
            Role::Fixed => {
                // A `&mut` was refused, and what is asked of others is not to be reported of it as well.
                if !is_mutable_reference(&ty) {
                    self.bounds.fixed(&ty);
                }
                if behind_reference(&ty).is_some() { Passing::Shared } else { Passing::Cloned }
            }
        };
        Argument { name, pat, ty, passing }
    }

    fn output(&mut self, mut output: ReturnType, attempted: Option<&TokenStream>) -> Output {
        // The rule of elision without a reference to `self`: there is one lifetime in the arguments.
        if let Some([only]) = self.borrowed_from.as_deref() {
            fill_elided(&mut output, only);
        }
        if returned(&output).is_none() {
            return Output::Unit;
        }
        let ReturnType::Type(_, mut ty) = output else {
            return Output::Unit;
        };
        if has_impl_trait(&mut ty) {
            capture_everything(&mut ty);
            self.bounds.opaque_result(&ty);
            return Output::Opaque(*ty);
        }
        self.bounds.sent(&ty);
        if let Some(krate) = attempted {
            // Of a `Result` that is sent the compiler does not know that its parts are.
            let attempt = attempt(&ty, krate);
            for part in [quote!(#attempt::Item), quote!(#attempt::Break)] {
                if let Ok(part) = syn::parse2(part) {
                    self.bounds.sent(&part);
                }
            }
        }
        Output::Type(*ty)
    }
}
