//! Decides the names of what a signature leaves unnamed: elided lifetimes and `impl Trait` in arguments.
//!
//! The mapped type stands inside `impl IntoIterator<Item = ..>` and other types stand in the where-clause; in neither place
//! may a lifetime be elided (E0658, E0637). What cannot be seen here is a lifetime that a path hides: `Ref` for `Ref<'_>`.

use crate::signature::peel;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::ext::IdentExt;
use syn::{GenericArgument, Lifetime, PathArguments, ReturnType, Type, TypeParamBound};

/// A place in a type that can be given a name.
enum Place<'a> {
    /// The lifetime of a reference, written or not.
    Reference(&'a mut Option<Lifetime>),
    /// A lifetime that is written, perhaps as `'_`.
    Lifetime(&'a mut Lifetime),
    /// `impl Trait`; what it holds has been visited.
    ImplTrait(&'a mut Type),
}

/// Visits every place of `ty` where lifetime elision looks; what stands in the parentheses of `Fn(..)`, in `fn(..)` and behind `for<..>`
/// has elision rules and names of its own.
fn visit(ty: &mut Type, on: &mut dyn FnMut(Place)) {
    match ty {
        Type::Array(array) => visit(&mut array.elem, on),
        Type::Group(group) => visit(&mut group.elem, on),
        Type::Paren(paren) => visit(&mut paren.elem, on),
        Type::Ptr(pointer) => visit(&mut pointer.elem, on),
        Type::Slice(slice) => visit(&mut slice.elem, on),
        Type::Tuple(tuple) => tuple.elems.iter_mut().for_each(|elem| visit(elem, on)),
        Type::Reference(reference) => {
            on(Place::Reference(&mut reference.lifetime));
            visit(&mut reference.elem, on);
        }
        Type::Path(path) => {
            if let Some(qself) = &mut path.qself {
                visit(&mut qself.ty, on);
            }
            visit_path(&mut path.path, on);
        }
        Type::TraitObject(object) => object.bounds.iter_mut().for_each(|bound| visit_bound(bound, on)),
        Type::ImplTrait(impl_trait) => {
            impl_trait.bounds.iter_mut().for_each(|bound| visit_bound(bound, on));
            on(Place::ImplTrait(ty));
        }
        // Without lifetimes (`!`, `_`), with rules of their own (`fn(..)`), or not to be looked into (macros, new syntax).
        _ => {}
    }
}

fn visit_path(path: &mut syn::Path, on: &mut dyn FnMut(Place)) {
    for segment in &mut path.segments {
        if let PathArguments::AngleBracketed(arguments) = &mut segment.arguments {
            for argument in &mut arguments.args {
                match argument {
                    GenericArgument::Lifetime(lifetime) => on(Place::Lifetime(lifetime)),
                    GenericArgument::Type(ty) => visit(ty, on),
                    GenericArgument::AssocType(assoc) => visit(&mut assoc.ty, on),
                    GenericArgument::Constraint(constraint) => {
                        constraint.bounds.iter_mut().for_each(|bound| visit_bound(bound, on));
                    }
                    _ => {}
                }
            }
        }
    }
}

fn visit_bound(bound: &mut TypeParamBound, on: &mut dyn FnMut(Place)) {
    match bound {
        TypeParamBound::Lifetime(lifetime) => on(Place::Lifetime(lifetime)),
        TypeParamBound::Trait(bound) if bound.lifetimes.is_none() => visit_path(&mut bound.path, on),
        _ => {}
    }
}

/// The generic parameters that the names need.
#[derive(Default)]
pub(crate) struct Introduced {
    pub(crate) lifetimes: Vec<Lifetime>,
    /// A type parameter for each `impl Trait`: its name, and the parameter with its bounds.
    pub(crate) types: Vec<(Ident, TokenStream)>,
}

impl Introduced {
    /// Names the elided lifetimes of the type of `argument`: `'__x`, then `'__x2` ..
    ///
    /// The underscores keep clear of the lifetimes of an enclosing `impl`, which cannot be seen.
    pub(crate) fn name_lifetimes(&mut self, ty: &mut Type, argument: &Ident) {
        let mut fresh = || {
            let name = unique(&format!("'__{}", argument.unraw()), |name| {
                self.lifetimes.iter().any(|taken| taken.to_string() == name)
            });
            self.lifetimes.push(Lifetime::new(&name, Span::mixed_site()));
            self.lifetimes[self.lifetimes.len() - 1].clone()
        };
        visit(ty, &mut |place| match place {
            Place::Reference(lifetime) if lifetime.as_ref().is_none_or(is_elided) => *lifetime = Some(fresh()),
            Place::Lifetime(lifetime) if is_elided(lifetime) => *lifetime = fresh(),
            _ => {}
        });
    }

    /// Names the lifetime of `&self`, which the where-clause mentions, and perhaps the result.
    pub(crate) fn self_lifetime(&mut self) -> Lifetime {
        let lifetime = Lifetime::new("'__self", Span::mixed_site());
        self.lifetimes.push(lifetime.clone());
        lifetime
    }

    /// Makes type parameters of the `impl Trait`s in the type of `argument`, and returns their names: `__X`, then `__X2` ..
    pub(crate) fn name_impl_traits(&mut self, ty: &mut Type, argument: &Ident) -> Vec<String> {
        let before = self.types.len();
        visit(ty, &mut |place| {
            if let Place::ImplTrait(ty) = place {
                let name = unique(&format!("__{}", upper_camel(&argument.unraw().to_string())), |name| {
                    self.types.iter().any(|(taken, _)| taken == name)
                });
                let name = Ident::new(&name, Span::mixed_site());
                let Type::ImplTrait(impl_trait) = &*ty else { return };
                let bounds = &impl_trait.bounds;
                self.types.push((name.clone(), quote_spanned!(Span::mixed_site()=> #name: #bounds)));
                *ty = Type::Verbatim(name.to_token_stream());
            }
        });
        self.types[before..].iter().map(|(name, _)| name.to_string()).collect()
    }
}

/// The first of `name`, `name2`, `name3` .. that is not taken.
pub(crate) fn unique(name: &str, taken: impl Fn(&str) -> bool) -> String {
    let numbered = (2..).map(|number| format!("{name}{number}"));
    std::iter::once(name.to_owned()).chain(numbered).find(|name| !taken(name)).unwrap_or_default()
}

/// Whether the result has an elided lifetime, which the twin has to write.
pub(crate) fn has_elided(output: &mut ReturnType) -> bool {
    let mut elided = false;
    if let ReturnType::Type(_, ty) = output {
        visit(ty, &mut |place| match place {
            Place::Reference(lifetime) => elided |= lifetime.as_ref().is_none_or(is_elided),
            Place::Lifetime(lifetime) => elided |= is_elided(lifetime),
            Place::ImplTrait(_) => {}
        });
    }
    elided
}

/// Writes `lifetime` where the result has none.
pub(crate) fn fill_elided(output: &mut ReturnType, lifetime: &Lifetime) {
    if let ReturnType::Type(_, ty) = output {
        visit(ty, &mut |place| match place {
            Place::Reference(elided) if elided.as_ref().is_none_or(is_elided) => *elided = Some(lifetime.clone()),
            Place::Lifetime(elided) if is_elided(elided) => *elided = lifetime.clone(),
            _ => {}
        });
    }
}

/// The lifetimes of a type whose lifetimes have all been named, each once.
pub(crate) fn lifetimes(ty: &mut Type, found: &mut Vec<Lifetime>) {
    let mut add = |lifetime: &Lifetime| {
        if !found.contains(lifetime) {
            found.push(lifetime.clone());
        }
    };
    visit(ty, &mut |place| match place {
        Place::Reference(Some(lifetime)) | Place::Lifetime(lifetime) => add(lifetime),
        _ => {}
    });
}

/// The lifetimes in a type, and what each must be outlived by for the type to be well formed: `(&'a T, Row<'b, U>)` asks for `T: 'a` and
/// `U: 'b`. For the type of an argument the compiler takes that for granted, for the item of an input it does not.
pub(crate) fn outlived(ty: &Type, on: &mut dyn FnMut(&Type, &Lifetime)) {
    match ty {
        Type::Array(array) => outlived(&array.elem, on),
        Type::Group(group) => outlived(&group.elem, on),
        Type::Paren(paren) => outlived(&paren.elem, on),
        Type::Ptr(pointer) => outlived(&pointer.elem, on),
        Type::Slice(slice) => outlived(&slice.elem, on),
        Type::Tuple(tuple) => tuple.elems.iter().for_each(|elem| outlived(elem, on)),
        Type::Reference(reference) => {
            if let Some(lifetime) = &reference.lifetime {
                on(peel(&reference.elem), lifetime);
            }
            outlived(&reference.elem, on);
        }
        Type::Path(path) => {
            for segment in &path.path.segments {
                let PathArguments::AngleBracketed(arguments) = &segment.arguments else { continue };
                let types = || {
                    arguments.args.iter().filter_map(|argument| match argument {
                        GenericArgument::Type(ty) => Some(ty),
                        _ => None,
                    })
                };
                for argument in &arguments.args {
                    if let GenericArgument::Lifetime(lifetime) = argument {
                        types().for_each(|ty| on(ty, lifetime));
                    }
                }
                types().for_each(|ty| outlived(ty, on));
            }
        }
        _ => {}
    }
}

/// Whether `impl Trait` stands anywhere in the type.
pub(crate) fn has_impl_trait(ty: &mut Type) -> bool {
    let mut found = false;
    visit(ty, &mut |place| found |= matches!(place, Place::ImplTrait(_)));
    found
}

/// The type behind a shared reference, if the type is one; without parentheses, which only a reference needs.
pub(crate) fn behind_reference(ty: &Type) -> Option<&Type> {
    match peel(ty) {
        Type::Reference(reference) if reference.mutability.is_none() => Some(peel(&reference.elem)),
        _ => None,
    }
}

fn is_elided(lifetime: &Lifetime) -> bool {
    lifetime.ident == "_"
}

/// `RowLength` for `row_length`.
fn upper_camel(name: &str) -> String {
    name.split('_')
        .flat_map(|word| {
            let mut letters = word.chars();
            letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect::<Vec<_>>()
        })
        .collect()
}
