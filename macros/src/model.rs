//! Decides everything about the twin that its tokens need; nothing can fail from here on.

use crate::bounds::Bounds;
use crate::expand;
use crate::made::Made;
use crate::mapped::Mapping;
use crate::normalize::{Introduced, fill_elided, has_elided, unique, written_lifetimes};
use crate::returns;
use crate::signature::{Function, name_of};
use crate::types::{
    behind_mut, behind_reference, borrows, capture_everything, has_impl_trait, is_mutable_reference, returned,
};
use crate::validate::{Request, Yields};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use std::collections::HashMap;
use syn::{
    Attribute, Expr, ExprPath, FnArg, Generics, Lifetime, Pat, ReceiverKind, ReturnType, Safety, Signature, Type,
    Visibility,
};

/// The twin of a function.
pub(crate) struct Model {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) is_unsafe: bool,
    /// The function's own name.
    pub(crate) function: Ident,
    pub(crate) twin: Ident,
    /// The name of the lazy twin.
    pub(crate) lazy: Ident,
    pub(crate) generics: Generics,
    pub(crate) introduced: Introduced,
    /// What the where-clause gets besides the function's own: what may depend on a generic parameter or on `Self`.
    pub(crate) predicates: Vec<TokenStream>,
    pub(crate) receiver: Option<Receiver>,
    /// The arguments besides `self`, in order.
    pub(crate) arguments: Vec<Argument>,
    pub(crate) mapping: Mapping,
    pub(crate) output: Output,
    pub(crate) yields: Yields,
    pub(crate) threads: Option<Expr>,
    pub(crate) progress: Option<TokenStream>,
    pub(crate) callee: Callee,
    pub(crate) krate: Option<TokenStream>,
}

/// `self` as the twin takes it.
pub(crate) struct Receiver {
    pub(crate) tokens: TokenStream,
    /// Whether each call gets a clone of it, or the same reference.
    pub(crate) is_cloned: bool,
}

pub(crate) struct Argument {
    pub(crate) name: Ident,
    /// What the function binds it to.
    pub(crate) pat: Pat,
    pub(crate) ty: Type,
    pub(crate) passing: Passing,
}

/// How an argument reaches each call of the function.
pub(crate) enum Passing {
    /// It is the item.
    Mapped,
    /// By shared reference.
    Shared,
    /// By value: a clone for each call.
    Cloned,
    /// Not from the twins' caller, but made by them.
    Made(Made),
}

impl Model {
    /// The arguments that are mapped, in the order in which they are.
    pub(crate) fn mapped(&self) -> Vec<&Argument> {
        self.mapping.arguments().iter().map(|index| &self.arguments[*index]).collect()
    }

    /// The arguments that the twins have.
    pub(crate) fn taken(&self) -> impl Iterator<Item = &Argument> {
        self.arguments.iter().filter(|argument| !matches!(argument.passing, Passing::Made(_)))
    }

    /// The arguments that are made for each thread.
    pub(crate) fn per_thread(&self) -> Vec<&Argument> {
        let is_state = |argument: &&Argument| matches!(argument.passing, Passing::Made(Made::PerThread(_)));
        self.arguments.iter().filter(is_state).collect()
    }

    /// Whether the index of an item matters.
    pub(crate) fn is_indexed(&self) -> bool {
        self.arguments.iter().any(|argument| matches!(argument.passing, Passing::Made(Made::PerItem(_))))
    }
}

/// What the function returns.
pub(crate) enum Output {
    Unit,
    /// A type that can be named anywhere.
    Type(Type),
    /// A type with `impl Trait` in it, which can be named in the twin's own signature only.
    Opaque(Type),
}

impl Output {
    /// The type, if there is one.
    pub(crate) fn ty(&self) -> Option<&Type> {
        match self {
            Output::Unit => None,
            Output::Type(ty) | Output::Opaque(ty) => Some(ty),
        }
    }
}

/// How the twin calls the function.
pub(crate) enum Callee {
    /// By its name: it seems to be no associated function, and the expansion makes sure of it with the function's hash.
    Free { hash: u64 },
    /// As `Self::f`.
    Associated,
    /// As the attribute says.
    Path(ExprPath),
}

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
    let Request { mapping, states, twin, yields, threads, progress, call, krate } = request;
    let mut states: HashMap<usize, Made> = states.into_iter().collect();
    let twin = hygienic(&twin);
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
    let attempt = yields.try_collect.then(|| expand::krate_at(krate.as_ref()));
    let output = builder.output(output, attempt);
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
        lazy: lazy_name(&twin),
        twin,
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

    fn output(&mut self, mut output: ReturnType, attempt: Option<TokenStream>) -> Output {
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
        if let Some(krate) = attempt {
            // Of a `Result` that is sent the compiler does not know that its parts are.
            let attempt = returns::attempt(&ty, krate);
            for part in [quote!(#attempt::Item), quote!(#attempt::Break)] {
                if let Ok(part) = syn::parse2(part) {
                    self.bounds.sent(&part);
                }
            }
        }
        Output::Type(*ty)
    }
}
