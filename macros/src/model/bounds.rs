//! The bounds that the where clause of the generated functions needs.
//!
//! If a type mentions a type parameter or `Self`, only the caller knows whether it is `Send`, so
//! the where clause must require it. The compiler checks all other types at the definition, where
//! it reports a mistake better (see `write/calls.rs`).
//!
//! The bounds are for all lifetimes: `for<'__1> Option<&'__1 T>: Sync`. Between two bounds that
//! differ only in a lifetime, the compiler could not choose (E0283). A bound for one lifetime would
//! make it require that lifetime everywhere.

use crate::check::asynchronous::Async;
use crate::model::paths::respan;
use crate::read::names::{Names, mentions};
use crate::read::types::{behind_reference, copy, each_lifetime, each_outlives_bound};
use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{GenericParam, Generics, Lifetime, Type};

/// What the generated functions need of types that depend on the caller.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Needs {
    /// Several threads share the arguments and send the rest to each other.
    Threads,
    /// The future of an async function is sent to another thread, with all that it holds.
    SentFuture,
    /// Everything stays on one thread.
    Nothing,
}

impl Needs {
    fn of(asynchronous: Option<Async>) -> Self {
        match asynchronous {
            None => Needs::Threads,
            Some(Async { is_local: false, .. }) => Needs::SentFuture,
            Some(Async { is_local: true, .. }) => Needs::Nothing,
        }
    }

    /// Returns the bound for a value that the calls use together.
    fn used_together(self) -> Option<TokenStream> {
        match self {
            Needs::Threads => Some(quote!(::core::marker::Sync)),
            Needs::SentFuture => Some(quote!(::core::marker::Send)),
            Needs::Nothing => None,
        }
    }

    /// Returns the bound for a value that is cloned for each call.
    fn cloned(self) -> TokenStream {
        let bounds = std::iter::once(quote!(::core::clone::Clone)).chain(self.used_together());
        quote!(#(#bounds)+*)
    }
}

/// The predicates collected so far.
pub(crate) struct Bounds {
    needs: Needs,
    predicates: Vec<Predicate>,
    /// The predicates of the lazy version only, whose results can be kept in a checkpoint.
    of_lazy: Vec<Predicate>,
    /// The path of the private API, if results can be kept.
    private_if_kept: Option<TokenStream>,
    /// The names that make a type depend on the caller.
    type_parameters: Vec<String>,
    /// Capitalized names that may be types, or type parameters of a surrounding `impl` or trait.
    possible_parameters: Vec<String>,
}

/// A predicate of the where clause, in two forms.
struct Predicate {
    /// The predicate with the lifetimes that the user wrote.
    exact: TokenStream,
    /// The predicate for all lifetimes.
    general: TokenStream,
    /// Whether to write `exact`, unless another predicate differs from it only in its lifetimes.
    is_exact: bool,
}

impl Predicate {
    /// Creates a predicate that has only the form that the user wrote.
    fn exactly(predicate: TokenStream) -> Self {
        Predicate { exact: predicate.clone(), general: predicate, is_exact: true }
    }
}

impl Bounds {
    pub(crate) fn new(
        generics: &Generics,
        names: &Names,
        is_associated: bool,
        asynchronous: Option<Async>,
        private_if_kept: Option<TokenStream>,
    ) -> Self {
        let declared = generics.params.iter().filter_map(|type_parameter| match type_parameter {
            GenericParam::Type(type_parameter) => Some(type_parameter.ident.to_string()),
            GenericParam::Lifetime(_) | GenericParam::Const(_) => None,
        });
        let this = names.contains("Self").then(|| "Self".to_owned());
        // A const parameter cannot have a bound.
        let is_const = |name: &&String| generics.const_params().any(|constant| constant.ident == name.as_str());
        let outer = names.outer_parameters(false).filter(|name| !is_const(name));
        let type_parameters = declared.chain(this).chain(outer.cloned()).collect();
        let possible_parameters = names.outer_parameters(is_associated).cloned().collect();
        let needs = Needs::of(asynchronous);
        let (predicates, of_lazy) = (Vec::new(), Vec::new());
        Bounds { needs, predicates, of_lazy, private_if_kept, type_parameters, possible_parameters }
    }

    /// Returns the predicates of both functions, and those of the lazy version only.
    pub(crate) fn into_predicates(self) -> (Vec<TokenStream>, Vec<TokenStream>) {
        (each_once(&self.predicates), each_once(&self.of_lazy))
    }

    /// Adds a type parameter that the macro introduced. Types that mention it depend on the caller.
    pub(crate) fn add_type_parameter(&mut self, name: String) {
        self.type_parameters.push(name);
    }

    /// Whether it depends on the caller if a bound on the type holds.
    fn depends_on_caller(&self, ty: &Type) -> bool {
        !self.type_parameters.is_empty() && mentions(ty.to_token_stream(), &self.type_parameters)
    }

    /// Adds the bounds for the type of a mapped parameter, whose items move between threads.
    ///
    /// The type must also be well formed as the item type of the input.
    pub(crate) fn item(&mut self, ty: &Type) {
        let mut outlives = Vec::new();
        each_outlives_bound(ty, &mut |ty, lifetime| {
            // `T: 'a` is harmless on types that are not type parameters. The user could not write
            // it, because the lifetime may be one that the macro introduced.
            if self.depends_on_caller(ty)
                || mentions(ty.to_token_stream(), &self.possible_parameters)
                || ty.to_token_stream().to_string().contains('\'')
            {
                let ty = apart(ty.to_token_stream());
                outlives.push(quote!(#ty: #lifetime));
            }
        });
        for predicate in outlives {
            self.add(predicate);
        }
        self.sent(ty);
    }

    /// Adds the bound for an item of a product, which is cloned for its combinations.
    pub(crate) fn repeated(&mut self, ty: &Type) {
        if self.depends_on_caller(ty) && behind_reference(ty).is_none() {
            self.for_all_lifetimes(ty, &quote!(::core::clone::Clone));
        }
    }

    /// Adds the bounds for a result with `impl Trait`.
    ///
    /// No bound can name such a type, so its type parameters must be `Send` instead.
    pub(crate) fn opaque_result(&mut self, ty: &Type) {
        for name in self.type_parameters.clone() {
            let is_sent = self.needs != Needs::Nothing && name != "Self";
            if is_sent && mentions(ty.to_token_stream(), std::slice::from_ref(&name)) {
                let name = apart(syn::Ident::new(&name, Span::mixed_site()).into_token_stream());
                self.add(quote!(#name: ::core::marker::Send));
            }
        }
    }

    /// Adds the bounds for a fixed parameter. All calls share it, and each call clones a value.
    pub(crate) fn fixed(&mut self, ty: &Type) {
        if self.depends_on_caller(ty) {
            match behind_reference(ty) {
                Some(behind) => self.shared(behind),
                None => self.for_all_lifetimes(ty, &self.needs.cloned()),
            }
        }
    }

    /// Adds the bounds for `&self`, which all calls share.
    ///
    /// The bound is on `&Self`, because the compiler would report a `Self: Sync` that does not hold
    /// both at the definition and at each call. `Self: Sized` keeps a trait dyn compatible.
    pub(crate) fn borrowed_self(&mut self, span: Span) {
        self.add(quote_spanned!(span=> Self: ::core::marker::Sized));
        if let Some(bound) = self.needs.used_together() {
            let bound = respan(&bound, span);
            self.add(quote_spanned!(span=> for<'__any> &'__any Self: #bound));
        }
        self.key_of_self(&quote_spanned!(span=> for<'__any> &'__any Self), span);
    }

    /// Adds the bounds for `self: Type`, which all calls share. Each call clones it, unless it is
    /// a reference.
    pub(crate) fn typed_self(&mut self, ty: &Type, span: Span) {
        self.add(quote_spanned!(span=> Self: ::core::marker::Sized));
        let bound = match behind_reference(ty) {
            Some(_) => self.needs.used_together(),
            None => Some(self.needs.cloned()),
        };
        if let Some(bound) = bound {
            self.for_all_lifetimes(ty, &respan(&bound, span));
        }
        if let Some(private) = &self.private_if_kept {
            let bound = quote!(#private::KeyOfSelf);
            self.of_lazy.push(predicate_for_all_lifetimes(ty, &respan(&bound, span), &self.type_parameters));
        }
    }

    /// Adds the bounds for `self`, which each call clones.
    pub(crate) fn owned_self(&mut self, span: Span) {
        let bound = respan(&self.needs.cloned(), span);
        self.add(quote_spanned!(span=> Self: #bound));
        self.key_of_self(&quote_spanned!(span=> Self), span);
    }

    /// Adds the bound for `self`, which is a part of the key of a checkpoint.
    fn key_of_self(&mut self, this: &TokenStream, span: Span) {
        if let Some(private) = &self.private_if_kept {
            let bound = respan(&quote!(#private::KeyOfSelf), span);
            self.of_lazy.push(Predicate::exactly(quote_spanned!(span=> #this: #bound)));
        }
    }

    /// Adds the bound for an argument, which is a part of the key of a checkpoint.
    pub(crate) fn key(&mut self, ty: &Type) {
        self.kept(behind_reference(ty).unwrap_or(ty), |private| quote!(#private::KeyOfArgument));
    }

    /// Adds the bounds for a value that a checkpoint keeps.
    pub(crate) fn result(&mut self, ty: &Type) {
        self.kept(ty, |private| quote!(#private::KeptResult));
    }

    fn kept(&mut self, ty: &Type, bound: impl Fn(&TokenStream) -> TokenStream) {
        if let Some(private) = self.private_if_kept.as_ref().filter(|_| self.depends_on_caller(ty)) {
            self.of_lazy.push(predicate_for_all_lifetimes(ty, &bound(private), &self.type_parameters));
        }
    }

    /// Adds the bound for a type whose values move between threads.
    pub(crate) fn sent(&mut self, ty: &Type) {
        if self.needs != Needs::Nothing && self.depends_on_caller(ty) {
            match behind_reference(ty) {
                Some(behind) => self.shared(behind),
                None => self.for_all_lifetimes(ty, &quote!(::core::marker::Send)),
            }
        }
    }

    fn shared(&mut self, behind: &Type) {
        // Whether a `dyn Trait` is `Sync` depends on its own bounds, and not on the caller. In
        // addition, its default lifetime would be another one outside of the reference.
        if self.needs != Needs::Nothing && !matches!(behind, Type::TraitObject(_)) {
            self.for_all_lifetimes(behind, &quote!(::core::marker::Sync));
        }
    }

    fn for_all_lifetimes(&mut self, ty: &Type, bound: &TokenStream) {
        self.predicates.push(predicate_for_all_lifetimes(ty, bound, &self.type_parameters));
    }

    fn add(&mut self, predicate: TokenStream) {
        self.predicates.push(Predicate::exactly(predicate));
    }
}

/// Returns a bound on a type for all lifetimes.
///
/// A type with an associated type in it keeps the written lifetimes, because
/// `<&'a T as Mul<&'a T>>::Output` exists only for the lifetimes for which the trait is
/// implemented. For all lifetimes, `T` would usually have to be `'static`.
fn predicate_for_all_lifetimes(ty: &Type, bound: &TokenStream, type_parameters: &[String]) -> Predicate {
    // The error about a bound that does not hold is reported at the type.
    let span = ty.span().resolved_at(Span::mixed_site());
    let bound = respan(bound, span);
    let (any, binder) = generalized(ty, false);
    let (written, written_binder) = generalized(ty, true);
    let (any, written) = (apart(any), apart(written));
    Predicate {
        exact: quote_spanned!(span=> #written_binder #written: #bound),
        general: quote_spanned!(span=> #binder #any: #bound),
        is_exact: has_projection(ty.to_token_stream(), type_parameters),
    }
}

/// Returns each predicate once.
fn each_once(all: &[Predicate]) -> Vec<TokenStream> {
    let mut added: Vec<String> = Vec::new();
    let mut predicates = Vec::new();
    for Predicate { exact, general, is_exact } in all {
        let text = general.to_string();
        if !added.contains(&text) {
            let exact_text = exact.to_string();
            let mut alike = all.iter().filter(|other| other.general.to_string() == text);
            let is_exact = *is_exact && alike.all(|other| other.exact.to_string() == exact_text);
            predicates.push(if is_exact { exact.clone() } else { general.clone() });
            added.push(text);
        }
    }
    predicates
}

/// Writes a type that is a single name in parentheses, as in `(T): Send`.
///
/// The bounds of the user stay where they are, which may be at the declaration of the type
/// parameter. Clippy reports a type parameter that has bounds there and in the where clause
/// (`multiple_bound_locations`). It compares the texts of the types.
fn apart(ty: TokenStream) -> TokenStream {
    let is_name = matches!(&ty.clone().into_iter().collect::<Vec<_>>()[..], [TokenTree::Ident(_)]);
    if is_name { quote!((#ty)) } else { ty }
}

/// Replaces the lifetimes of a type by names of a `for<..>` binder, and returns both.
///
/// With `keeps_written`, it replaces only the elided lifetimes. `'static` always stays.
fn generalized(ty: &Type, keeps_written: bool) -> (TokenStream, Option<TokenStream>) {
    let Some(mut any) = copy(ty) else { return (ty.to_token_stream(), None) };
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

/// Whether the tokens contain an associated type: `<T as Trait<'a>>::Item` or `T::Item<'a>`.
fn has_projection(tokens: TokenStream, type_parameters: &[String]) -> bool {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let is_colon = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ':');
    let is_path = |window: &[TokenTree]| match window {
        [TokenTree::Ident(first), rest @ ..] => {
            rest.iter().all(is_colon) && type_parameters.iter().any(|name| first == name)
        }
        _ => false,
    };
    tokens.windows(3).any(is_path)
        || tokens.into_iter().any(|token| match token {
            TokenTree::Group(group) => has_projection(group.stream(), type_parameters),
            TokenTree::Ident(ident) => ident == "as",
            TokenTree::Punct(_) | TokenTree::Literal(_) => false,
        })
}
