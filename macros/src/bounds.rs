//! Decides what goes into the twin's where-clause: the bounds that only the caller of the twin can know to hold.
//!
//! A type that mentions a type parameter or `Self` may or may not be `Send`; the bound that says so belongs to the twin. About any other type
//! the compiler can tell where the function is defined, and there it says so better (see `expand`).

use crate::normalize::{behind_reference, outlived};
use crate::signature::mentions;
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{GenericParam, Generics, Lifetime, Type};

pub(crate) struct Bounds {
    predicates: Vec<TokenStream>,
    /// The names that make a type depend on the caller: `Self` and the type parameters.
    generic: Vec<String>,
    /// Whether the function may stand in an `impl` whose parameters are out of sight.
    is_associated: bool,
}

impl Bounds {
    pub(crate) fn new(generics: &Generics, is_associated: bool) -> Self {
        let parameters = generics.params.iter().filter_map(|parameter| match parameter {
            GenericParam::Type(parameter) => Some(parameter.ident.to_string()),
            GenericParam::Lifetime(_) | GenericParam::Const(_) => None,
        });
        let generic = std::iter::once("Self".to_owned()).chain(parameters).collect();
        Bounds { predicates: Vec::new(), generic, is_associated }
    }

    pub(crate) fn into_predicates(self) -> Vec<TokenStream> {
        self.predicates
    }

    /// Makes the type of an `impl Trait` argument one that depends on the caller.
    pub(crate) fn add_parameter(&mut self, name: String) {
        self.generic.push(name);
    }

    /// Whether what a bound on the type says may depend on the caller. A parameter of the `impl` around the function is guessed by its name,
    /// one capital letter; a wrong guess changes nothing but the words of an error.
    pub(crate) fn depends_on_caller(&self, ty: &Type) -> bool {
        let is_letter = |name: &str| {
            let mut letters = name.chars();
            letters.next().is_some_and(char::is_uppercase) && letters.all(|letter| letter.is_ascii_digit())
        };
        mentions(ty.to_token_stream(), |name| {
            self.generic.iter().any(|generic| generic == name) || self.is_associated && is_letter(name)
        })
    }

    /// Items are sent, and their type has to be well formed outside of the arguments too.
    pub(crate) fn item(&mut self, ty: &Type) {
        let mut predicates = Vec::new();
        outlived(ty, &mut |ty, lifetime| {
            let has_lifetime = ty.to_token_stream().to_string().contains('\'');
            let may_hide_parameter = || mentions(ty.to_token_stream(), |name| name.starts_with(char::is_uppercase));
            if has_lifetime || self.depends_on_caller(ty) || self.is_associated && may_hide_parameter() {
                predicates.push(quote!(#ty: #lifetime));
            }
        });
        self.predicates.extend(predicates);
        self.sent(ty);
    }

    /// Results are sent.
    pub(crate) fn result(&mut self, ty: &Type) {
        self.sent(ty);
    }

    fn sent(&mut self, ty: &Type) {
        if self.depends_on_caller(ty) {
            match behind_reference(ty) {
                Some(behind) => self.shared(behind),
                None => self.predicates.push(quote!(#ty: ::core::marker::Send)),
            }
        }
    }

    fn shared(&mut self, behind: &Type) {
        // Whether `dyn Trait` is `Sync` stands in the type, whatever the parameters are; and outside of the reference its
        // default lifetime would be another.
        if !matches!(behind, Type::TraitObject(_)) {
            self.predicates.push(quote!(#behind: ::core::marker::Sync));
        }
    }

    /// Fixed arguments are shared, those by value cloned too.
    pub(crate) fn fixed(&mut self, ty: &Type) {
        if self.depends_on_caller(ty) {
            match behind_reference(ty) {
                Some(behind) => self.shared(behind),
                None => self.predicates.push(quote!(#ty: ::core::clone::Clone + ::core::marker::Sync)),
            }
        }
    }

    /// `&self` is shared. It says `&Self`, not `Self`, because `Self: Sync` would be reported where the twin is defined and at each call;
    /// and `Sized`, which keeps a trait dyn compatible.
    pub(crate) fn borrowed_self(&mut self, lifetime: &Lifetime, span: Span) {
        self.predicates.push(quote_spanned!(span=> Self: ::core::marker::Sized));
        self.predicates.push(quote_spanned!(span=> &#lifetime Self: ::core::marker::Sync));
    }

    /// `self: Type` is shared as it is, or cloned.
    pub(crate) fn typed_self(&mut self, ty: &Type, span: Span) {
        self.predicates.push(quote_spanned!(span=> Self: ::core::marker::Sized));
        self.predicates.push(match behind_reference(ty) {
            Some(_) => quote_spanned!(span=> #ty: ::core::marker::Sync),
            None => quote_spanned!(span=> #ty: ::core::clone::Clone + ::core::marker::Sync),
        });
    }

    /// `self` is cloned.
    pub(crate) fn owned_self(&mut self, span: Span) {
        self.predicates.push(quote_spanned!(span=> Self: ::core::clone::Clone + ::core::marker::Sync));
    }
}
