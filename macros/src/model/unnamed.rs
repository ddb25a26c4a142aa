//! Naming what a signature leaves unnamed: elided lifetimes, and `impl Trait` in parameters.
//!
//! The type of a mapped parameter becomes `impl Items<..>`, in which no lifetime may be elided
//! (E0658). The macro cannot see a lifetime that a path hides, as in `Row` for `Row<'_>`.

use crate::read::types::{each_impl_trait, each_lifetime, peel};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::ext::IdentExt;
use syn::{Lifetime, ReturnType, Type};

/// The generic parameters that declare the new names.
#[derive(Default)]
pub(crate) struct Introduced {
    pub(crate) lifetimes: Vec<Lifetime>,
    /// One type parameter per `impl Trait`: its name, and its declaration with the bounds.
    pub(crate) types: Vec<(Ident, TokenStream)>,
    /// The types of the inputs, if `use<..>` in the result must name them.
    pub(crate) inputs: Vec<Ident>,
}

impl Introduced {
    /// Names the elided lifetimes in the type of `parameter`: `'__x`, then `'__x2` ..
    ///
    /// The underscores avoid the lifetime names of a surrounding `impl`, which the macro cannot
    /// see.
    pub(crate) fn name_lifetimes(&mut self, ty: &mut Type, parameter: &Ident) {
        each_lifetime(ty, &mut |lifetime| {
            if lifetime.is_some() {
                return None;
            }
            let is_taken = |name: &str| self.lifetimes.iter().any(|taken| taken.to_string() == name);
            let name = unique(&format!("'__{}", parameter.unraw()), is_taken);
            let lifetime = Lifetime::new(&name, Span::mixed_site());
            self.lifetimes.push(lifetime.clone());
            Some(lifetime)
        });
    }

    /// Replaces each `impl Trait` in the type of `parameter` by a new type parameter.
    ///
    /// Returns the names of the new type parameters: `__X`, then `__X2` ..
    pub(crate) fn name_impl_traits(&mut self, ty: &mut Type, parameter: &Ident) -> Vec<String> {
        let before = self.types.len();
        each_impl_trait(ty, &mut |ty| {
            let name = self.unique_type(parameter);
            let Type::ImplTrait(impl_trait) = peel(ty) else { return };
            let bounds = &impl_trait.bounds;
            self.types.push((name.clone(), quote_spanned!(Span::mixed_site()=> #name: #bounds)));
            *ty = Type::Verbatim(name.to_token_stream());
        });
        self.types[before..].iter().map(|(name, _)| name.to_string()).collect()
    }

    /// Returns a new type parameter for the input of a mapped parameter.
    pub(crate) fn name_input(&mut self, parameter: &Ident) -> Ident {
        let name = self.unique_type(parameter);
        self.inputs.push(name.clone());
        name
    }

    /// Returns a name for a type parameter: `__X`, then `__X2` ..
    fn unique_type(&self, parameter: &Ident) -> Ident {
        let is_taken =
            |name: &str| self.types.iter().map(|(taken, _)| taken).chain(&self.inputs).any(|taken| taken == name);
        let name = unique(&format!("__{}", upper_camel(&parameter.unraw().to_string())), is_taken);
        Ident::new(&name, Span::mixed_site())
    }
}

/// Whether the return type has an elided lifetime.
pub(crate) fn has_elided(output: &mut ReturnType) -> bool {
    let mut found = false;
    if let ReturnType::Type(_, ty) = output {
        each_lifetime(ty, &mut |lifetime| {
            found |= lifetime.is_none();
            None
        });
    }
    found
}

/// Replaces each elided lifetime of the return type by `name`.
pub(crate) fn fill_elided(output: &mut ReturnType, name: &Lifetime) {
    if let ReturnType::Type(_, ty) = output {
        each_lifetime(ty, &mut |lifetime| lifetime.is_none().then(|| name.clone()));
    }
}

/// Adds the written lifetimes of a type to `found`, each only once.
pub(crate) fn written_lifetimes(ty: &mut Type, found: &mut Vec<Lifetime>) {
    each_lifetime(ty, &mut |lifetime| {
        found.extend(lifetime.filter(|lifetime| !found.contains(lifetime)).cloned());
        None
    });
}

/// Returns the first of `name`, `name2`, `name3` .. that is not taken.
pub(crate) fn unique(name: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let numbered = (2..).map(|number| format!("{name}{number}"));
    std::iter::once(name.to_owned()).chain(numbered).find(|name| !is_taken(name)).unwrap_or_default()
}

/// Converts a name to upper camel case: `RowLength` for `row_length`.
fn upper_camel(name: &str) -> String {
    name.split('_')
        .flat_map(|word| {
            let mut letters = word.chars();
            letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect::<Vec<_>>()
        })
        .collect()
}
