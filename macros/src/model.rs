//! Decides everything about the twin that its tokens need; nothing can fail from here on.

use crate::normalize::{
    Introduced, behind_reference, fill_elided, has_elided, has_impl_trait, lifetimes, outlived, unique,
};
use crate::signature::{Function, mentions, name_of, peel, returned};
use crate::validate::Request;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{
    Attribute, ExprPath, FnArg, GenericParam, Generics, Lifetime, Path, ReceiverKind, ReturnType, Safety, Signature,
    Type, Visibility,
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

/// The lifetime of `&self`, named because the where-clause and perhaps the result mention it.
fn self_lifetime() -> Lifetime {
    Lifetime::new("'__self", Span::mixed_site())
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
    let Function { attrs, vis, sig } = function;
    let whole_signature = sig.to_token_stream();
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

    let is_associated = call.is_some() || mentions(whole_signature, |name| name == "Self" || name == "self");
    let mut twin_parts = Parts::new(&generics, is_associated);
    let output_elided = has_elided(&mut output);
    let mut receiver = None;
    let mut arguments = Vec::new();
    let mut output_lifetime = OutputLifetime::default();

    for input in inputs {
        match input {
            FnArg::Receiver(input) => receiver = Some(twin_parts.receiver(input, &mut output_lifetime)),
            FnArg::Typed(input) => {
                // Hygienic, so that an argument named like the function does not hide it.
                let name = name_of(&input.pat).map_or_else(|| name_for_pattern(arguments.len(), &names), hygienic);
                let is_mapped = arguments.len() == mapped;
                let argument = twin_parts.argument(name, *input.ty, is_mapped, output_elided, &mut output_lifetime);
                arguments.push(argument);
            }
        }
    }
    if output_elided {
        if let Some(lifetime) = output_lifetime.found() {
            fill_elided(&mut output, &lifetime);
        }
    }
    let output = twin_parts.output(output);
    let callee = match call {
        Some(path) => Callee::Path(path),
        None if is_associated => Callee::Associated,
        None => Callee::Free,
    };
    let Parts { introduced, predicates, .. } = twin_parts;
    Model {
        attrs,
        vis,
        is_unsafe: matches!(safety, Safety::Unsafe(_)),
        function: ident,
        twin: hygienic(&twin),
        generics,
        introduced,
        predicates,
        receiver,
        arguments,
        output,
        callee,
        krate,
    }
}

/// What the arguments add to the twin as they are gone through.
struct Parts {
    introduced: Introduced,
    predicates: Vec<TokenStream>,
    /// The names that make a type depend on the caller: `Self` and the type parameters.
    generic: Vec<String>,
    /// Whether the function may stand in an `impl` whose parameters are out of sight.
    is_associated: bool,
}

impl Parts {
    fn new(generics: &Generics, is_associated: bool) -> Self {
        let parameters = generics.params.iter().filter_map(|parameter| match parameter {
            GenericParam::Type(parameter) => Some(parameter.ident.to_string()),
            GenericParam::Lifetime(_) | GenericParam::Const(_) => None,
        });
        Parts {
            introduced: Introduced::default(),
            predicates: Vec::new(),
            generic: std::iter::once("Self".to_owned()).chain(parameters).collect(),
            is_associated,
        }
    }

    /// Whether what a bound on the type says may depend on the caller. A parameter of the `impl` around the function is guessed by its name,
    /// one capital letter; a wrong guess changes nothing but the words of an error.
    fn is_generic(&self, ty: &Type) -> bool {
        let is_letter = |name: &str| {
            let mut letters = name.chars();
            letters.next().is_some_and(char::is_uppercase) && letters.all(|letter| letter.is_ascii_digit())
        };
        mentions(ty.to_token_stream(), |name| {
            self.generic.iter().any(|generic| generic == name) || self.is_associated && is_letter(name)
        })
    }

    /// The bounds that an item's type needs to be well formed.
    fn outlives(&mut self, ty: &Type) {
        let mut predicates = Vec::new();
        outlived(ty, &mut |ty, lifetime| {
            let has_lifetime = ty.to_token_stream().to_string().contains('\'');
            let is_plain =
                ty.to_token_stream().to_string().chars().all(|letter| letter.is_lowercase() || letter.is_ascii_digit());
            if has_lifetime || self.is_generic(ty) || self.is_associated && !is_plain {
                predicates.push(quote!(#ty: #lifetime));
            }
        });
        self.predicates.extend(predicates);
    }

    fn receiver(&mut self, receiver: syn::Receiver, output_lifetime: &mut OutputLifetime) -> Receiver {
        // `self` is hygienic like a local: all of them have to be the macro's own.
        let this = quote_spanned!(Span::mixed_site()=> self);
        match receiver.kind {
            ReceiverKind::Reference(and, lifetime, _) => {
                let lifetime = lifetime.filter(|lifetime| lifetime.ident != "_").unwrap_or_else(|| {
                    self.introduced.lifetimes.push(self_lifetime());
                    self_lifetime()
                });
                output_lifetime.of_self = Some(lifetime.clone());
                // `Self: Sized` keeps a trait dyn compatible; on `&Self` because `Self: Sync` would be reported at each call again.
                self.predicates.push(quote!(Self: ::core::marker::Sized));
                self.predicates.push(quote!(&#lifetime Self: ::core::marker::Sync));
                Receiver { tokens: quote!(#and #lifetime #this), passing: Passing::Shared }
            }
            ReceiverKind::Typed(colon, mut ty) => {
                let name = Ident::new("self", Span::mixed_site());
                self.introduced.name_lifetimes(&mut ty, &name);
                let mut found = Vec::new();
                lifetimes(&mut ty, &mut found);
                if let [only] = &found[..] {
                    output_lifetime.of_self = Some(only.clone());
                }
                let tokens = quote!(#this #colon #ty);
                self.predicates.push(quote!(Self: ::core::marker::Sized));
                if behind_reference(&ty).is_some() {
                    self.predicates.push(quote!(#ty: ::core::marker::Sync));
                    Receiver { tokens, passing: Passing::Shared }
                } else {
                    self.predicates.push(quote!(#ty: ::core::clone::Clone + ::core::marker::Sync));
                    Receiver { tokens, passing: Passing::Cloned }
                }
            }
            // `self`, and whatever shorthand comes to mean it.
            _ => {
                self.predicates.push(quote!(Self: ::core::clone::Clone + ::core::marker::Sync));
                Receiver { tokens: this, passing: Passing::Cloned }
            }
        }
    }

    fn argument(
        &mut self,
        name: Ident,
        mut ty: Type,
        is_mapped: bool,
        output_elided: bool,
        output_lifetime: &mut OutputLifetime,
    ) -> Argument {
        let is_generic = has_impl_trait(&mut ty) || self.is_generic(&ty);
        if is_mapped || is_generic || output_elided {
            self.introduced.name_lifetimes(&mut ty, &name);
        }
        if output_elided {
            lifetimes(&mut ty, &mut output_lifetime.of_arguments);
        }
        self.introduced.name_impl_traits(&mut ty, &name);
        let passing = match behind_reference(&ty) {
            _ if is_mapped => Passing::Mapped,
            Some(_) => Passing::Shared,
            None => Passing::Cloned,
        };
        if is_mapped {
            self.outlives(&ty);
        }
        if is_generic {
            self.predicates.extend(match (&passing, behind_reference(&ty)) {
                (Passing::Mapped, _) => Some(quote!(#ty: ::core::marker::Send)),
                // Whether `dyn Trait` is `Sync` stands in the type, whatever the parameters are; and outside
                // of the reference its default lifetime would be another.
                (Passing::Shared, Some(behind)) if !matches!(peel(behind), Type::TraitObject(_)) => {
                    Some(quote!(#behind: ::core::marker::Sync))
                }
                (Passing::Shared, _) => None,
                (Passing::Cloned, _) => Some(quote!(#ty: ::core::clone::Clone + ::core::marker::Sync)),
            });
        }
        Argument { name, ty, passing }
    }

    fn output(&mut self, output: ReturnType) -> Output {
        if returned(&output).is_none() {
            return Output::Unit;
        }
        let ReturnType::Type(_, mut ty) = output else {
            return Output::Unit;
        };
        if has_impl_trait(&mut ty) {
            return Output::Opaque(*ty);
        }
        if self.is_generic(&ty) {
            self.predicates.push(quote!(#ty: ::core::marker::Send));
        }
        Output::Type(*ty)
    }
}

/// What an elided lifetime of the result stands for.
#[derive(Default)]
struct OutputLifetime {
    of_self: Option<Lifetime>,
    of_arguments: Vec<Lifetime>,
}

impl OutputLifetime {
    /// The rules of elision: the lifetime of `self`, else the only one of the arguments.
    fn found(self) -> Option<Lifetime> {
        match (self.of_self, &self.of_arguments[..]) {
            (Some(lifetime), _) => Some(lifetime),
            (None, [only]) => Some(only.clone()),
            (None, _) => None,
        }
    }
}
