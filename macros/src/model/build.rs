//! Building the model from a checked request. Nothing can fail from here on.

use crate::check::mapping::Mapping;
use crate::check::request::Request;
use crate::check::states::Creation;
use crate::model::bounds::Bounds;
use crate::model::generated::{Callee, Model, Output, Parameter, Passing, Receiver};
use crate::model::paths::as_try;
use crate::model::unnamed::{Introduced, fill_elided, has_elided, unique, written_lifetimes};
use crate::read::function::{Function, lazy_name, name_of};
use crate::read::names::{may_have_attributes, mentions};
use crate::read::types::{
    behind_reference, borrows, capture_also, has_impl_trait, has_use, is_mutable_reference, returned_type,
    type_argument_of, without_mut_reference_mut,
};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use std::collections::HashMap;
use syn::ext::IdentExt;
use syn::{FnArg, Lifetime, Pat, ReceiverKind, ReturnType, Safety, Signature, Token, Type, Visibility};

/// Returns the name with its place in the source, but with the hygiene of the macro.
fn hygienic(name: &Ident) -> Ident {
    let span = name.span().resolved_at(Span::mixed_site());
    if name == "gen" {
        // The macro's edition 2024 reserves `gen`, which is an ordinary name in earlier editions.
        return Ident::new_raw("gen", span);
    }
    let mut name = name.clone();
    name.set_span(span);
    name
}

/// Returns the visibility at its place in the source, but as a token of the macro.
///
/// The span of a function begins with its visibility. If a `macro_rules!` macro writes `pub`, lints
/// would otherwise take the generated function for a function of that macro, and report it.
fn hygienic_visibility(mut vis: Visibility) -> Visibility {
    let hygienic = |token: &mut Token![pub]| token.span = token.span.resolved_at(Span::mixed_site());
    match &mut vis {
        Visibility::Public(token) => hygienic(token),
        Visibility::Restricted(restricted) => hygienic(&mut restricted.pub_token),
        Visibility::Inherited => {}
    }
    vis
}

/// Returns the name of a parameter that is a pattern in the annotated function.
fn name_for_pattern(index: usize, names: &[String]) -> Ident {
    let name = unique(&format!("__argument{}", index + 1), |name| names.iter().any(|taken| taken == name));
    Ident::new(&name, Span::mixed_site())
}

/// Builds the model of the generated functions.
pub(crate) fn build(request: Request, function: Function) -> Model {
    let Request {
        mapping,
        states,
        name,
        yields,
        threads,
        asynchronous,
        in_flight,
        progress,
        checkpoint,
        distributed,
        call,
        krate,
    } = request;
    let mut states: HashMap<usize, Creation> = states.into_iter().collect();
    let eager = hygienic(&name);
    let parameter_names = function.parameter_names();
    let is_associated = function.is_associated();
    let Function { attrs, vis, sig, over: _, over_self: _, names, has_body: _, future: _, hash } = function;
    // All fields are listed, so that a field that syn adds is a compile error here instead of being
    // ignored. Variadic functions have been refused, and the generated functions are neither
    // `async`, `const` nor `extern`.
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

    // The user's tokens in the parallel function. A marker type with the name of a parameter must
    // not hide a name in them.
    let used =
        [output.to_token_stream(), threads.to_token_stream(), in_flight.to_token_stream(), call.to_token_stream()];
    let used = used.iter().chain([&krate]).chain(progress.as_ref()).cloned();
    let used = used.chain(states.values().map(Creation::tokens)).chain(inputs.iter().map(type_tokens));
    let used: TokenStream = used.collect();
    let may_set_lint_levels = may_have_attributes(used.clone());
    let would_hide = mentions(used, &parameter_names) || parameter_names.iter().any(|name| ident == name);
    let marker_suffix = would_hide.then(|| format!("_of_{}", ident.unraw()));
    let mut builder = Builder {
        introduced: Introduced::default(),
        bounds: Bounds::new(
            &generics,
            &names,
            is_associated || call.is_some(),
            asynchronous,
            checkpoint.map(|_| quote!(#krate::__private)),
        ),
        elision_candidates: has_elided(&mut output).then(Vec::new),
        names_inputs: has_use(&mut output),
    };
    let mut receiver = None;
    let mut parameters = Vec::new();
    for input in inputs {
        match input {
            FnArg::Receiver(input) => receiver = Some(builder.receiver(input)),
            FnArg::Typed(input) => {
                // Hygienic, so that a parameter with the name of the function does not hide the
                // function.
                let name =
                    name_of(&input.pat).map_or_else(|| name_for_pattern(parameters.len(), &parameter_names), hygienic);
                let index = parameters.len();
                let role = Role::of(index, states.remove(&index), &mapping);
                parameters.push(builder.parameter(name, *input.pat, *input.ty, role));
            }
        }
    }
    let output = builder.output(output, yields.try_collect.then_some(&krate));
    let callee = match call {
        Some(path) => Callee::Path(path),
        None if is_associated => Callee::Associated,
        None => Callee::Free { hash },
    };
    let (predicates, predicates_of_lazy) = builder.bounds.into_predicates();
    Model {
        attrs,
        vis: hygienic_visibility(vis),
        is_unsafe: matches!(safety, Safety::Unsafe(_)),
        function: ident,
        lazy: lazy_name(&eager),
        eager,
        generics,
        introduced: builder.introduced,
        predicates,
        predicates_of_lazy,
        receiver,
        parameters,
        mapping,
        output,
        yields,
        threads,
        asynchronous,
        in_flight,
        progress,
        checkpoint,
        distributed,
        callee,
        krate,
        marker_suffix,
        may_set_lint_levels,
    }
}

/// Returns the tokens of the type of a parameter.
fn type_tokens(input: &FnArg) -> TokenStream {
    match input {
        FnArg::Receiver(receiver) => receiver.to_token_stream(),
        FnArg::Typed(parameter) => parameter.ty.to_token_stream(),
    }
}

/// What the generated functions do with a parameter.
enum Role {
    Mapped {
        /// Whether each item is used several times, as in a product.
        is_repeated: bool,
    },
    Fixed,
    Created(Creation),
}

impl Role {
    /// Returns the role of the parameter with this index, which `creation` creates, if it does.
    fn of(index: usize, creation: Option<Creation>, mapping: &Mapping) -> Self {
        match creation {
            Some(creation) => Role::Created(creation),
            None if mapping.parameters().contains(&index) => {
                Role::Mapped { is_repeated: matches!(mapping, Mapping::Product(_)) }
            }
            None => Role::Fixed,
        }
    }
}

/// The state of a pass over the parameters, which collects what they add to the signature.
struct Builder {
    introduced: Introduced,
    bounds: Bounds,
    /// The lifetimes in the types of the parameters, if the elided lifetime of the result must be
    /// one of them. `None` if the result has no elided lifetime, or has that of `self`.
    elision_candidates: Option<Vec<Lifetime>>,
    /// Whether the result has a `use<..>`, which must name all type parameters.
    names_inputs: bool,
}

impl Builder {
    /// Adds the bounds of `self` and returns it.
    fn receiver(&mut self, receiver: syn::Receiver) -> Receiver {
        // `self` is hygienic like a local variable, so each `self` must have the span of the macro.
        let this = quote_spanned!(Span::mixed_site()=> self);
        // An error about a bound on `self` is reported at `self`.
        let span = receiver.self_token.span.resolved_at(Span::mixed_site());
        match receiver.kind {
            // `mut` occurs only in a stub, because it has been refused.
            ReceiverKind::Reference(and, lifetime, mutability) => {
                self.elision_candidates = None;
                self.bounds.borrowed_self(span);
                Receiver { tokens: quote!(#and #lifetime #mutability #this), is_cloned: false }
            }
            ReceiverKind::Typed(colon, mut ty) => {
                if borrows(&mut ty) {
                    self.elision_candidates = None;
                }
                self.bounds.typed_self(&ty, span);
                Receiver { tokens: quote!(#this #colon #ty), is_cloned: behind_reference(&ty).is_none() }
            }
            // `self`, and any shorthand that syn may add.
            _ => {
                self.bounds.owned_self(span);
                Receiver { tokens: this, is_cloned: true }
            }
        }
    }

    /// Names what the type of a parameter leaves unnamed, adds its bounds, and returns it.
    fn parameter(&mut self, name: Ident, pat: Pat, mut ty: Type, role: Role) -> Parameter {
        // An elided lifetime needs a name in three cases. The type of a mapped parameter and an
        // `impl Trait` become part of a bound, in which no lifetime may be elided. The type of a
        // created parameter is part of the return type of the lazy version. An elided lifetime of
        // the result may stand for a lifetime of any parameter.
        // The token of an item lives only during one call.
        let is_token = matches!(role, Role::Created(Creation::Token));
        let must_name = !matches!(role, Role::Fixed) || has_impl_trait(&mut ty) || self.elision_candidates.is_some();
        if must_name && !is_token {
            // The reference to a created value lives only during one call, so it gets no lifetime.
            let named = if let Role::Created(_) = role { without_mut_reference_mut(&mut ty) } else { &mut ty };
            self.introduced.name_lifetimes(named, &name);
        }
        if let (Some(lifetimes), Role::Mapped { .. } | Role::Fixed) = (&mut self.elision_candidates, &role) {
            written_lifetimes(&mut ty, lifetimes);
        }
        // A created parameter has an `impl Trait` only after a mistake, and a stub does not take
        // it.
        if !matches!(role, Role::Created(_)) {
            for type_parameter in self.introduced.name_impl_traits(&mut ty, &name) {
                self.bounds.add_type_parameter(type_parameter);
            }
        }
        let is_named = self.names_inputs && matches!(role, Role::Mapped { .. });
        let input = is_named.then(|| self.introduced.name_input(&name));
        let passing = match role {
            Role::Mapped { is_repeated } => {
                self.bounds.item(&ty);
                self.bounds.key(&ty);
                if is_repeated {
                    self.bounds.repeated(&ty);
                }
                Passing::Mapped
            }
            Role::Created(creation) => Passing::Created(creation),
            Role::Fixed => {
                // A `&mut` has been refused, so an unmet bound must not be reported as well.
                if !is_mutable_reference(&ty) {
                    self.bounds.fixed(&ty);
                    self.bounds.key(&ty);
                }
                if behind_reference(&ty).is_some() { Passing::Shared } else { Passing::Cloned }
            }
        };
        Parameter { name, pat, ty, passing, input }
    }

    /// Names the elided lifetimes of the result, adds its bounds, and returns it.
    fn output(&mut self, mut output: ReturnType, krate_if_try_collect: Option<&TokenStream>) -> Output {
        // The elision rule for functions without a reference to `self`: the parameters have exactly
        // one lifetime, which the result gets.
        if let Some([only]) = self.elision_candidates.as_deref() {
            fill_elided(&mut output, only);
        }
        if returned_type(&output).is_none() {
            return Output::Unit;
        }
        let ReturnType::Type(_, mut ty) = output else {
            return Output::Unit;
        };
        if has_impl_trait(&mut ty) {
            let types = self.introduced.types.iter().map(|(name, _)| name);
            let names: Vec<Ident> = types.chain(&self.introduced.inputs).cloned().collect();
            capture_also(&mut ty, &names);
            self.bounds.opaque_result(&ty);
            return Output::Opaque(*ty);
        }
        self.bounds.sent(&ty);
        self.bounds.result(type_argument_of(&ty, "Result").unwrap_or(&ty));
        if let Some(krate) = krate_if_try_collect {
            // From `Result<T, E>: Send` the compiler does not conclude that its parts are `Send`.
            let qualified = as_try(&ty, krate);
            for part in [quote!(#qualified::Item), quote!(#qualified::Break)] {
                if let Ok(part) = syn::parse2(part) {
                    self.bounds.sent(&part);
                }
            }
        }
        Output::Type(*ty)
    }
}
