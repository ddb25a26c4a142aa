//! Decides what goes into the twin's where-clause: the bounds that only the caller of the twin can know to hold.
//!
//! A type that mentions a type parameter or `Self` may or may not be `Send`; the bound that says so belongs to the twin. About any other type
//! the compiler can tell where the function is defined, and there it says so better (see `expand`).
//!
//! The bounds hold for any lifetimes, `for<'__1> Option<&'__1 T>: Sync`: of two that differ only in a lifetime, the compiler could not choose
//! (E0283), and one for a certain lifetime it would take for the only one there is.

use crate::model::paths::respan;
use crate::read::names::{Names, mentions};
use crate::read::types::{behind_reference, each_lifetime, outlived};
use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{GenericParam, Generics, Lifetime, Type};

pub(crate) struct Bounds {
    predicates: Vec<Predicate>,
    /// The names that make a type depend on the caller.
    parameters: Vec<String>,
    /// Capitalized names that may be parameters of an `impl` or a trait around, or types.
    perhaps: Vec<String>,
}

/// What the where-clause may say about a type.
struct Predicate {
    /// With the lifetimes that are written.
    exact: TokenStream,
    /// For any lifetimes.
    general: TokenStream,
    /// Whether `exact` is meant, should nothing else be said that differs from it only in a lifetime.
    is_exact: bool,
}

impl Bounds {
    pub(crate) fn new(generics: &Generics, names: &Names, is_associated: bool) -> Self {
        let declared = generics.params.iter().filter_map(|parameter| match parameter {
            GenericParam::Type(parameter) => Some(parameter.ident.to_string()),
            GenericParam::Lifetime(_) | GenericParam::Const(_) => None,
        });
        let this = names.contains("Self").then(|| "Self".to_owned());
        let parameters = declared.chain(this).chain(names.outer_parameters(false).cloned()).collect();
        let perhaps = names.outer_parameters(is_associated).cloned().collect();
        Bounds { predicates: Vec::new(), parameters, perhaps }
    }

    pub(crate) fn into_predicates(self) -> Vec<TokenStream> {
        let mut said: Vec<String> = Vec::new();
        let mut predicates = Vec::new();
        for Predicate { exact, general, is_exact } in &self.predicates {
            let text = general.to_string();
            if !said.contains(&text) {
                let exact_text = exact.to_string();
                let mut alike = self.predicates.iter().filter(|other| other.general.to_string() == text);
                let is_exact = *is_exact && alike.all(|other| other.exact.to_string() == exact_text);
                predicates.push(if is_exact { exact.clone() } else { general.clone() });
                said.push(text);
            }
        }
        predicates
    }

    /// Makes the name one that depends on the caller.
    pub(crate) fn add_parameter(&mut self, name: String) {
        self.parameters.push(name);
    }

    /// Whether what a bound on the type says may depend on the caller.
    fn depends_on_caller(&self, ty: &Type) -> bool {
        !self.parameters.is_empty() && mentions(ty.to_token_stream(), &self.parameters)
    }

    /// Items are sent, and their type has to be well formed outside of the arguments too.
    pub(crate) fn item(&mut self, ty: &Type) {
        let mut outlives = Vec::new();
        outlived(ty, &mut |ty, lifetime| {
            // What outlives is harmless to say of a type that is no parameter, and could not be said by the user: the lifetime may be ours.
            if self.depends_on_caller(ty)
                || mentions(ty.to_token_stream(), &self.perhaps)
                || ty.to_token_stream().to_string().contains('\'')
            {
                outlives.push(quote!(#ty: #lifetime));
            }
        });
        for predicate in outlives {
            self.say(predicate);
        }
        self.sent(ty);
    }

    /// Items of a product are cloned for all but one of their combinations.
    pub(crate) fn repeated(&mut self, ty: &Type) {
        if self.depends_on_caller(ty) && behind_reference(ty).is_none() {
            self.for_any_lifetimes(ty, &quote!(::core::clone::Clone));
        }
    }

    /// Of a result of `impl Trait`, which cannot be named, the parameters are sent.
    pub(crate) fn opaque_result(&mut self, ty: &Type) {
        for name in self.parameters.clone() {
            if name != "Self" && mentions(ty.to_token_stream(), std::slice::from_ref(&name)) {
                let name = syn::Ident::new(&name, Span::mixed_site());
                self.say(quote!(#name: ::core::marker::Send));
            }
        }
    }

    /// Fixed arguments are shared, those by value cloned too.
    pub(crate) fn fixed(&mut self, ty: &Type) {
        if self.depends_on_caller(ty) {
            match behind_reference(ty) {
                Some(behind) => self.shared(behind),
                None => self.for_any_lifetimes(ty, &quote!(::core::clone::Clone + ::core::marker::Sync)),
            }
        }
    }

    /// `&self` is shared. It says `&Self`, not `Self`, because a `Self: Sync` that is wrong would be reported where the twin is defined and
    /// at each call; and `Sized`, which keeps a trait dyn compatible.
    pub(crate) fn borrowed_self(&mut self, span: Span) {
        self.say(quote_spanned!(span=> Self: ::core::marker::Sized));
        self.say(quote_spanned!(span=> for<'__any> &'__any Self: ::core::marker::Sync));
    }

    /// `self: Type` is shared as it is, or cloned.
    pub(crate) fn typed_self(&mut self, ty: &Type, span: Span) {
        self.say(quote_spanned!(span=> Self: ::core::marker::Sized));
        let bound = match behind_reference(ty) {
            Some(_) => quote_spanned!(span=> ::core::marker::Sync),
            None => quote_spanned!(span=> ::core::clone::Clone + ::core::marker::Sync),
        };
        self.for_any_lifetimes(ty, &bound);
    }

    /// `self` is cloned.
    pub(crate) fn owned_self(&mut self, span: Span) {
        self.say(quote_spanned!(span=> Self: ::core::clone::Clone + ::core::marker::Sync));
    }

    /// Items and results are sent.
    pub(crate) fn sent(&mut self, ty: &Type) {
        if self.depends_on_caller(ty) {
            match behind_reference(ty) {
                Some(behind) => self.shared(behind),
                None => self.for_any_lifetimes(ty, &quote!(::core::marker::Send)),
            }
        }
    }

    fn shared(&mut self, behind: &Type) {
        // Whether `dyn Trait` is `Sync` stands in the type, whatever the parameters are; and outside of the reference its
        // default lifetime would be another.
        if !matches!(behind, Type::TraitObject(_)) {
            self.for_any_lifetimes(behind, &quote!(::core::marker::Sync));
        }
    }

    /// Says it for any lifetimes, but of an associated type for those that are written: it exists for the lifetimes that its trait is
    /// implemented for, `<&'a T as Mul<&'a T>>::Output`, and for any it would mostly have to be `'static`.
    fn for_any_lifetimes(&mut self, ty: &Type, bound: &TokenStream) {
        // At the type, which is what an error is about.
        let span = ty.span().resolved_at(Span::mixed_site());
        let bound = respan(bound, span);
        let (any, binder) = generalized(ty, false);
        let (certain, certain_binder) = generalized(ty, true);
        self.predicates.push(Predicate {
            exact: quote_spanned!(span=> #certain_binder #certain: #bound),
            general: quote_spanned!(span=> #binder #any: #bound),
            is_exact: has_projection(ty.to_token_stream(), &self.parameters),
        });
    }

    fn say(&mut self, predicate: TokenStream) {
        self.predicates.push(Predicate { exact: predicate.clone(), general: predicate, is_exact: true });
    }
}

/// The type for any lifetimes, or for any that are not written, and the binder of them.
fn generalized(ty: &Type, keeps_written: bool) -> (TokenStream, Option<TokenStream>) {
    // A copy: with the features that are on, syn's types cannot be cloned.
    let Ok(mut any) = syn::parse2::<Type>(ty.to_token_stream()) else { return (ty.to_token_stream(), None) };
    let mut lifetimes: Vec<Lifetime> = Vec::new();
    each_lifetime(&mut any, &mut |lifetime| {
        if lifetime.is_some_and(|lifetime| keeps_written || lifetime.ident == "static") {
            return None;
        }
        lifetimes.push(Lifetime::new(&format!("'__{}", lifetimes.len() + 1), Span::mixed_site()));
        lifetimes.last().cloned()
    });
    let binder = (!lifetimes.is_empty()).then(|| quote!(for<#(#lifetimes),*>));
    (any.to_token_stream(), binder)
}

/// Whether an associated type stands in the tokens: `<T as Trait<'a>>::Item`, `T::Item<'a>`.
fn has_projection(tokens: TokenStream, parameters: &[String]) -> bool {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let is_colon = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ':');
    let is_path = |window: &[TokenTree]| match window {
        [TokenTree::Ident(first), rest @ ..] => {
            rest.iter().all(is_colon) && parameters.iter().any(|name| first == name)
        }
        _ => false,
    };
    tokens.windows(3).any(is_path)
        || tokens.into_iter().any(|token| match token {
            TokenTree::Group(group) => has_projection(group.stream(), parameters),
            TokenTree::Ident(ident) => ident == "as",
            TokenTree::Punct(_) | TokenTree::Literal(_) => false,
        })
}
