//! Decides what goes into the twin's where-clause: the bounds that only the caller of the twin can know to hold.
//!
//! A type that mentions a type parameter or `Self` may or may not be `Send`; the bound that says so belongs to the twin. About any other type
//! the compiler can tell where the function is defined, and there it says so better (see `expand`).
//!
//! The bounds hold for any lifetimes, `for<'__1> Option<&'__1 T>: Sync`: of two that differ only in a lifetime, the compiler could not choose
//! (E0283), and one for a certain lifetime it would take for the only one there is.

use crate::names::Names;
use crate::types::{behind_reference, each_lifetime, outlived};
use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{GenericParam, Generics, Lifetime, Type};

pub(crate) struct Bounds {
    predicates: Vec<TokenStream>,
    /// The same as text, so that none is said twice.
    said: Vec<String>,
    /// The names that make a type depend on the caller.
    parameters: Vec<String>,
}

impl Bounds {
    pub(crate) fn new(generics: &Generics, names: &Names, is_associated: bool) -> Self {
        let declared = generics.params.iter().filter_map(|parameter| match parameter {
            GenericParam::Type(parameter) => Some(parameter.ident.to_string()),
            GenericParam::Lifetime(_) | GenericParam::Const(_) => None,
        });
        let this = names.contains("Self").then(|| "Self".to_owned());
        let parameters = declared.chain(this).chain(names.outer_parameters(is_associated).cloned()).collect();
        Bounds { predicates: Vec::new(), said: Vec::new(), parameters }
    }

    pub(crate) fn into_predicates(self) -> Vec<TokenStream> {
        self.predicates
    }

    /// Makes the name one that depends on the caller.
    pub(crate) fn add_parameter(&mut self, name: String) {
        self.parameters.push(name);
    }

    /// Whether what a bound on the type says may depend on the caller.
    pub(crate) fn depends_on_caller(&self, ty: &Type) -> bool {
        !self.parameters.is_empty() && mentions(ty.to_token_stream(), &self.parameters)
    }

    /// Items are sent, and their type has to be well formed outside of the arguments too.
    pub(crate) fn item(&mut self, ty: &Type) {
        let mut outlives = Vec::new();
        outlived(ty, &mut |ty, lifetime| {
            if self.depends_on_caller(ty) || ty.to_token_stream().to_string().contains('\'') {
                outlives.push(quote!(#ty: #lifetime));
            }
        });
        for predicate in outlives {
            self.say(predicate);
        }
        self.sent(ty);
    }

    /// Results are sent.
    pub(crate) fn result(&mut self, ty: &Type) {
        self.sent(ty);
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

    fn sent(&mut self, ty: &Type) {
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

    fn for_any_lifetimes(&mut self, ty: &Type, bound: &TokenStream) {
        // A copy: with the features that are on, syn's types cannot be cloned.
        let Ok(mut any) = syn::parse2::<Type>(ty.to_token_stream()) else { return };
        let mut lifetimes: Vec<Lifetime> = Vec::new();
        each_lifetime(&mut any, &mut |lifetime| {
            if lifetime.is_some_and(|lifetime| lifetime.ident == "static") {
                return None;
            }
            lifetimes.push(Lifetime::new(&format!("'__{}", lifetimes.len() + 1), Span::mixed_site()));
            lifetimes.last().cloned()
        });
        let binder = (!lifetimes.is_empty()).then(|| quote!(for<#(#lifetimes),*>));
        // At the type, which is what an error is about.
        let span = ty.span().resolved_at(Span::mixed_site());
        self.say(quote_spanned!(span=> #binder #any: #bound));
    }

    fn say(&mut self, predicate: TokenStream) {
        let text = predicate.to_string();
        if !self.said.contains(&text) {
            self.said.push(text);
            self.predicates.push(predicate);
        }
    }
}

/// Whether one of the names stands anywhere in the tokens.
fn mentions(tokens: TokenStream, names: &[String]) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => names.iter().any(|name| ident == name),
        TokenTree::Group(group) => mentions(group.stream(), names),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}
