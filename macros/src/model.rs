//! Decides everything about the twin that its tokens need; nothing can fail from here on.

use crate::bounds::Bounds;
use crate::normalize::{Introduced, behind_reference, fill_elided, has_elided, has_impl_trait, lifetimes, unique};
use crate::signature::{Function, name_of, returned};
use crate::validate::Request;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{
    Attribute, ExprPath, FnArg, Generics, Lifetime, Path, ReceiverKind, ReturnType, Safety, Signature, Type, Visibility,
};

/// The twin of a function.
pub(crate) struct Model {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) is_unsafe: bool,
    /// The function's own name.
    pub(crate) function: Ident,
    pub(crate) twin: Ident,
    pub(crate) generics: Generics,
    pub(crate) introduced: Introduced,
    /// What the where-clause gets besides the function's own: what may depend on a generic parameter or on `Self`.
    pub(crate) predicates: Vec<TokenStream>,
    pub(crate) receiver: Option<Receiver>,
    /// The arguments besides `self`, in order.
    pub(crate) arguments: Vec<Argument>,
    pub(crate) output: Output,
    pub(crate) callee: Callee,
    pub(crate) krate: Option<Path>,
}

/// `self` as the twin takes it.
pub(crate) struct Receiver {
    pub(crate) tokens: TokenStream,
    pub(crate) passing: Passing,
}

pub(crate) struct Argument {
    pub(crate) name: Ident,
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
}

/// What the function returns.
pub(crate) enum Output {
    Unit,
    /// A type that can be named anywhere.
    Type(Type),
    /// A type with `impl Trait` in it, which can be named in the twin's own signature only.
    Opaque(Type),
}

/// How the twin calls the function.
pub(crate) enum Callee {
    /// By its name: it seems to be no associated function, and the expansion makes sure of it.
    Free,
    /// As `Self::f`.
    Associated,
    /// As the attribute says.
    Path(ExprPath),
}

/// The name where it stands, as the macro's own.
fn hygienic(name: &Ident) -> Ident {
    let mut name = name.clone();
    name.set_span(name.span().resolved_at(Span::mixed_site()));
    name
}

/// What the twin calls an argument that is a pattern in the function.
fn name_for_pattern(index: usize, names: &[String]) -> Ident {
    let name = unique(&format!("argument{}", index + 1), |name| names.iter().any(|taken| taken == name));
    Ident::new(&name, Span::mixed_site())
}

/// Puts together what `validate` has found right.
pub(crate) fn build(request: Request, function: Function) -> Model {
    let Request { mapped, twin, call, krate } = request;
    let names = function.argument_names();
    let is_associated = call.is_some() || function.is_associated();
    let Function { attrs, vis, sig, has_body: _ } = function;
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
        bounds: Bounds::new(&generics, is_associated),
        elision: has_elided(&mut output).then(Elision::default),
    };
    let mut receiver = None;
    let mut arguments = Vec::new();
    for input in inputs {
        match input {
            FnArg::Receiver(input) => receiver = Some(builder.receiver(input)),
            FnArg::Typed(input) => {
                // Hygienic, so that an argument named like the function does not hide it.
                let name = name_of(&input.pat).map_or_else(|| name_for_pattern(arguments.len(), &names), hygienic);
                arguments.push(builder.argument(name, *input.ty, arguments.len() == mapped));
            }
        }
    }
    let output = builder.output(output);
    let callee = match call {
        Some(path) => Callee::Path(path),
        None if is_associated => Callee::Associated,
        None => Callee::Free,
    };
    Model {
        attrs,
        vis,
        is_unsafe: matches!(safety, Safety::Unsafe(_)),
        function: ident,
        twin: hygienic(&twin),
        generics,
        introduced: builder.introduced,
        predicates: builder.bounds.into_predicates(),
        receiver,
        arguments,
        output,
        callee,
        krate,
    }
}

/// What the arguments add to the twin as they are gone through.
struct Builder {
    introduced: Introduced,
    bounds: Bounds,
    /// Where the result has an elided lifetime: what it may stand for.
    elision: Option<Elision>,
}

/// The lifetimes that an elided one of the result may stand for.
#[derive(Default)]
struct Elision {
    of_self: Option<Lifetime>,
    of_arguments: Vec<Lifetime>,
}

impl Builder {
    fn receiver(&mut self, receiver: syn::Receiver) -> Receiver {
        // `self` is hygienic like a local: all of them have to be the macro's own.
        let this = quote_spanned!(Span::mixed_site()=> self);
        // What `self` must be is said where it stands.
        let span = receiver.self_token.span.resolved_at(Span::mixed_site());
        let (receiver, lifetime) = match receiver.kind {
            ReceiverKind::Reference(and, lifetime, _) => {
                let lifetime = lifetime.filter(|lifetime| lifetime.ident != "_");
                let lifetime = lifetime.unwrap_or_else(|| self.introduced.self_lifetime());
                self.bounds.borrowed_self(&lifetime, span);
                (Receiver { tokens: quote!(#and #lifetime #this), passing: Passing::Shared }, Some(lifetime))
            }
            ReceiverKind::Typed(colon, mut ty) => {
                self.introduced.name_lifetimes(&mut ty, &Ident::new("self", Span::mixed_site()));
                let mut found = Vec::new();
                lifetimes(&mut ty, &mut found);
                self.bounds.typed_self(&ty, span);
                let passing = if behind_reference(&ty).is_some() { Passing::Shared } else { Passing::Cloned };
                (Receiver { tokens: quote!(#this #colon #ty), passing }, found.pop().filter(|_| found.is_empty()))
            }
            // `self`, and whatever shorthand comes to mean it.
            _ => {
                self.bounds.owned_self(span);
                (Receiver { tokens: this, passing: Passing::Cloned }, None)
            }
        };
        if let Some(elision) = &mut self.elision {
            elision.of_self = lifetime;
        }
        receiver
    }

    fn argument(&mut self, name: Ident, mut ty: Type, is_mapped: bool) -> Argument {
        let depends_on_caller = has_impl_trait(&mut ty) || self.bounds.depends_on_caller(&ty);
        let may_be_borrowed_from = self.elision.as_ref().is_some_and(|elision| elision.of_self.is_none());
        if is_mapped || depends_on_caller || may_be_borrowed_from {
            self.introduced.name_lifetimes(&mut ty, &name);
        }
        if let Some(elision) = &mut self.elision {
            lifetimes(&mut ty, &mut elision.of_arguments);
        }
        for parameter in self.introduced.name_impl_traits(&mut ty, &name) {
            self.bounds.add_parameter(parameter);
        }
        let passing = if is_mapped {
            self.bounds.item(&ty);
            Passing::Mapped
        } else {
            self.bounds.fixed(&ty);
            if behind_reference(&ty).is_some() { Passing::Shared } else { Passing::Cloned }
        };
        Argument { name, ty, passing }
    }

    fn output(&mut self, mut output: ReturnType) -> Output {
        // The rules of elision: the lifetime of `self`, else the only one of the arguments.
        let lifetime = match &self.elision {
            Some(Elision { of_self: Some(lifetime), .. }) => Some(lifetime),
            Some(Elision { of_self: None, of_arguments }) => of_arguments.first().filter(|_| of_arguments.len() == 1),
            None => None,
        };
        if let Some(lifetime) = lifetime {
            fill_elided(&mut output, lifetime);
        }
        if returned(&output).is_none() {
            return Output::Unit;
        }
        let ReturnType::Type(_, mut ty) = output else {
            return Output::Unit;
        };
        if has_impl_trait(&mut ty) {
            return Output::Opaque(*ty);
        }
        self.bounds.result(&ty);
        Output::Type(*ty)
    }
}
