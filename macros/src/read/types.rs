//! Decides what can be found in a type: its lifetimes, its `impl Trait`s, what it borrows.

use crate::read::names::mentions;
use proc_macro2::Span;
use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::{
    AngleBracketedGenericArguments, GenericArgument, Lifetime, Path, PathArguments, PathSegment, ReturnType, Type,
    TypeParamBound,
};

/// The type without the parentheses and the invisible groups that a `macro_rules!` macro puts around it.
pub(crate) fn peel(mut ty: &Type) -> &Type {
    loop {
        ty = match ty {
            Type::Paren(inner) => &inner.elem,
            Type::Group(inner) => &inner.elem,
            _ => return ty,
        }
    }
}

/// The type behind a shared reference, if the type is one; without parentheses, which only a reference needs.
pub(crate) fn behind_reference(ty: &Type) -> Option<&Type> {
    match peel(ty) {
        Type::Reference(reference) if reference.mutability.is_none() => Some(peel(&reference.elem)),
        _ => None,
    }
}

/// The type behind a mutable reference, or the type itself, if it is none.
pub(crate) fn behind_any_mut(ty: &Type) -> &Type {
    match peel(ty) {
        Type::Reference(reference) if reference.mutability.is_some() => peel(&reference.elem),
        _ => ty,
    }
}

/// The same, to be changed.
pub(crate) fn behind_mut(ty: &mut Type) -> &mut Type {
    match ty {
        Type::Paren(inner) => behind_mut(&mut inner.elem),
        Type::Group(inner) => behind_mut(&mut inner.elem),
        Type::Reference(syn::TypeReference { mutability: Some(_), elem, .. }) => elem,
        other => other,
    }
}

/// Whether the first type argument of the type is `()`, as in `Result<(), E>`.
pub(crate) fn is_of_unit(ty: &Type) -> bool {
    let first = last_segment(ty).and_then(first_argument);
    first.is_some_and(|first| matches!(peel(first), Type::Tuple(tuple) if tuple.elems.is_empty()))
}

/// The first type argument of a type by that name.
pub(crate) fn argument_of<'t>(ty: &'t Type, name: &str) -> Option<&'t Type> {
    last_segment(ty).filter(|segment| segment.ident == name).and_then(first_argument)
}

/// The first type argument of a type, to be changed.
pub(crate) fn first_argument_mut(ty: &mut Type) -> Option<&mut Type> {
    match ty {
        Type::Paren(inner) => first_argument_mut(&mut inner.elem),
        Type::Group(inner) => first_argument_mut(&mut inner.elem),
        Type::Path(path) => match &mut path.path.segments.last_mut()?.arguments {
            PathArguments::AngleBracketed(arguments) => arguments.args.iter_mut().find_map(|argument| match argument {
                GenericArgument::Type(ty) => Some(ty),
                _ => None,
            }),
            _ => None,
        },
        _ => None,
    }
}

fn last_segment(ty: &Type) -> Option<&PathSegment> {
    match peel(ty) {
        Type::Path(path) => path.path.segments.last(),
        _ => None,
    }
}

fn first_argument(segment: &PathSegment) -> Option<&Type> {
    match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => types_of(arguments).next(),
        _ => None,
    }
}

/// Whether `impl` stands in the type.
pub(crate) fn holds_impl(ty: &Type) -> bool {
    mentions(ty.to_token_stream(), &["impl".to_owned()])
}

/// The type a function returns, or nothing where that is `()`, written or not, or `!`.
pub(crate) fn returned(output: &ReturnType) -> Option<&Type> {
    match output {
        ReturnType::Default => None,
        ReturnType::Type(_, ty) => match peel(ty) {
            Type::Tuple(tuple) if tuple.elems.is_empty() => None,
            Type::Never(_) => None,
            _ => Some(ty),
        },
    }
}

/// Whether the type is a mutable reference.
pub(crate) fn is_mutable_reference(ty: &Type) -> bool {
    matches!(peel(ty), Type::Reference(reference) if reference.mutability.is_some())
}

/// Whether the type is a reference, or has one inside. (`&mut` only because the visitor is the one that also writes.)
pub(crate) fn borrows(ty: &mut Type) -> bool {
    let mut found = false;
    visit(ty, &mut |place| found |= matches!(place, Place::Reference(_)));
    found
}

/// Whether `impl Trait` stands anywhere in the type.
pub(crate) fn has_impl_trait(ty: &mut Type) -> bool {
    let mut found = false;
    visit(ty, &mut |place| found |= matches!(place, Place::ImplTrait(_)));
    found
}

/// Visits every `impl Trait`, the innermost first.
pub(crate) fn each_impl_trait(ty: &mut Type, on: &mut dyn FnMut(&mut Type)) {
    visit(ty, &mut |place| {
        if let Place::ImplTrait(ty) = place {
            on(ty);
        }
    });
}

/// Visits every lifetime that the rules of elision know of, an elided one as `None`; what `on` returns takes its place.
pub(crate) fn each_lifetime(ty: &mut Type, on: &mut dyn FnMut(Option<&Lifetime>) -> Option<Lifetime>) {
    let written = |lifetime: &Lifetime| lifetime.ident != "_";
    visit(ty, &mut |place| match place {
        Place::Reference(lifetime) => {
            if let Some(new) = on(lifetime.as_ref().filter(|lifetime| written(lifetime))) {
                *lifetime = Some(new);
            }
        }
        Place::Lifetime(lifetime) => {
            if let Some(new) = on(Some(&*lifetime).filter(|lifetime| written(lifetime))) {
                *lifetime = new;
            }
        }
        Place::ImplTrait(_) => {}
    });
}

/// A place in a type.
enum Place<'a> {
    /// The lifetime of a reference, written or not.
    Reference(&'a mut Option<Lifetime>),
    /// A lifetime that is written, perhaps as `'_`.
    Lifetime(&'a mut Lifetime),
    /// `impl Trait`; what it holds has been visited.
    ImplTrait(&'a mut Type),
}

/// Visits every place of a type where lifetime elision looks; what stands in the parentheses of `Fn(..)`, in `fn(..)` and behind `for<..>`
/// has elision rules and names of its own.
fn visit(ty: &mut Type, on: &mut dyn FnMut(Place)) {
    match ty {
        Type::Array(array) => visit(&mut array.elem, on),
        Type::Group(group) => visit(&mut group.elem, on),
        // With the parentheses, for what takes its place needs none.
        Type::Paren(paren) if matches!(&*paren.elem, Type::ImplTrait(_)) => {
            if let Type::ImplTrait(impl_trait) = &mut *paren.elem {
                impl_trait.bounds.iter_mut().for_each(|bound| visit_bound(bound, on));
            }
            on(Place::ImplTrait(ty));
        }
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

fn visit_path(path: &mut Path, on: &mut dyn FnMut(Place)) {
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

/// Visits what has to outlive which lifetime for the type to be well formed: in `(&'a T, Row<'b, U>)`, `T` has to outlive `'a` and `U`
/// `'b`. For the type of an argument the compiler takes that for granted, for the item of an input it does not.
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
            for (index, segment) in path.path.segments.iter().enumerate() {
                let PathArguments::AngleBracketed(arguments) = &segment.arguments else { continue };
                for argument in &arguments.args {
                    let GenericArgument::Lifetime(lifetime) = argument else { continue };
                    types_of(arguments).for_each(|ty| on(ty, lifetime));
                    // `T::Item<'a>` asks for what the trait asks for, mostly `Self: 'a`.
                    if let (Some(first), true) = (path.path.segments.first(), index > 0) {
                        on(&named(first.ident.clone().into()), lifetime);
                    }
                }
                types_of(arguments).for_each(|ty| outlived(ty, on));
            }
        }
        _ => {}
    }
}

fn types_of(arguments: &AngleBracketedGenericArguments) -> impl Iterator<Item = &Type> {
    arguments.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

fn named(path: Path) -> Type {
    Type::Path(syn::TypePath { attrs: Vec::new(), qself: None, path })
}

/// Takes `use<..>` off the bounds of each `impl Trait`: it would have to name the input's type, which has no name. Instead the `impl` becomes
/// the macro's, of edition 2024, where without `use<..>` everything is captured.
pub(crate) fn capture_everything(ty: &mut Type) {
    each_impl_trait(ty, &mut |ty| {
        let ty = if let Type::Paren(paren) = ty { &mut paren.elem } else { ty };
        let Type::ImplTrait(impl_trait) = ty else { return };
        let before = impl_trait.bounds.len();
        let bounds = std::mem::take(&mut impl_trait.bounds).into_iter();
        impl_trait.bounds =
            bounds.filter(|bound| !matches!(bound, TypeParamBound::PreciseCapture(_))).collect::<Punctuated<_, _>>();
        if impl_trait.bounds.len() < before {
            impl_trait.impl_token.span = impl_trait.impl_token.span.resolved_at(Span::mixed_site());
        }
    });
}
