//! Questions about types: their references, type arguments, lifetimes and `impl Trait`s.

use crate::read::names::mentions;
use proc_macro2::Ident;
use quote::ToTokens;
use syn::{
    AngleBracketedGenericArguments, CapturedParam, GenericArgument, Lifetime, Path, PathArguments, PathSegment,
    PreciseCapture, ReturnType, Type, TypeParamBound,
};

/// Copies a type by parsing its tokens, because types of syn are not `Clone` with the features in
/// use.
pub(crate) fn copy(ty: &Type) -> Option<Type> {
    syn::parse2(ty.to_token_stream()).ok()
}

/// Removes the parentheses and the invisible groups that a `macro_rules!` macro puts around a type.
pub(crate) fn peel(mut ty: &Type) -> &Type {
    loop {
        ty = match ty {
            Type::Paren(inner) => &inner.elem,
            Type::Group(inner) => &inner.elem,
            _ => return ty,
        }
    }
}

/// Returns the type behind a shared reference, without parentheses, which only a reference may
/// need.
pub(crate) fn behind_reference(ty: &Type) -> Option<&Type> {
    match peel(ty) {
        Type::Reference(reference) if reference.mutability.is_none() => Some(peel(&reference.elem)),
        _ => None,
    }
}

/// Returns the lifetime that is written in a reference.
pub(crate) fn lifetime_of_reference(ty: &Type) -> Option<&Lifetime> {
    match peel(ty) {
        Type::Reference(reference) => reference.lifetime.as_ref(),
        _ => None,
    }
}

/// Returns the type behind a mutable reference, or any other type itself.
pub(crate) fn without_mut_reference(ty: &Type) -> &Type {
    match peel(ty) {
        Type::Reference(reference) if reference.mutability.is_some() => peel(&reference.elem),
        _ => ty,
    }
}

/// Like `without_mut_reference`, for changing the type.
pub(crate) fn without_mut_reference_mut(ty: &mut Type) -> &mut Type {
    match ty {
        Type::Paren(inner) => without_mut_reference_mut(&mut inner.elem),
        Type::Group(inner) => without_mut_reference_mut(&mut inner.elem),
        Type::Reference(syn::TypeReference { mutability: Some(_), elem, .. }) => elem,
        other => other,
    }
}

/// Whether the first type argument of the type is `()`, as in `Result<(), E>`.
pub(crate) fn first_argument_is_unit(ty: &Type) -> bool {
    let first = last_segment(ty).and_then(first_argument);
    first.is_some_and(|first| matches!(peel(first), Type::Tuple(tuple) if tuple.elems.is_empty()))
}

/// Returns the first type argument of the type, if the type has that name.
pub(crate) fn type_argument_of<'t>(ty: &'t Type, name: &str) -> Option<&'t Type> {
    last_segment(ty).filter(|segment| segment.ident == name).and_then(first_argument)
}

/// Returns the first type argument of any type, for changing it.
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

/// Returns the last segment of a path.
pub(crate) fn last_segment(ty: &Type) -> Option<&PathSegment> {
    match peel(ty) {
        Type::Path(path) => path.path.segments.last(),
        _ => None,
    }
}

/// Returns the first type argument of a segment.
pub(crate) fn first_argument(segment: &PathSegment) -> Option<&Type> {
    match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => types_of(arguments).next(),
        _ => None,
    }
}

/// Whether the word `impl` is in the type, even where `has_impl_trait` does not look.
pub(crate) fn mentions_impl(ty: &Type) -> bool {
    mentions(ty.to_token_stream(), &["impl".to_owned()])
}

/// Returns the return type of a function, or `None` if that is `!`, or `()`, written or not.
pub(crate) fn returned_type(output: &ReturnType) -> Option<&Type> {
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

/// Whether the type is a reference or contains one.
///
/// Takes `&mut` because it shares `visit` with functions that change the type.
pub(crate) fn borrows(ty: &mut Type) -> bool {
    let mut found = false;
    visit(ty, &mut |place| found |= matches!(place, Place::Reference(_)));
    found
}

/// Whether values of the type may borrow: it contains a reference, or a lifetime that is not
/// `'static`.
pub(crate) fn may_borrow(ty: &mut Type) -> bool {
    let mut found = false;
    visit(ty, &mut |place| match place {
        Place::Reference(_) => found = true,
        Place::Lifetime(lifetime) => found |= lifetime.ident != "static",
        Place::ImplTrait(_) => {}
    });
    found
}

/// Whether the type contains an `impl Trait` that `each_impl_trait` visits.
pub(crate) fn has_impl_trait(ty: &mut Type) -> bool {
    let mut found = false;
    visit(ty, &mut |place| found |= matches!(place, Place::ImplTrait(_)));
    found
}

/// Visits every `impl Trait`, inner ones before outer ones.
pub(crate) fn each_impl_trait(ty: &mut Type, on: &mut dyn FnMut(&mut Type)) {
    visit(ty, &mut |place| {
        if let Place::ImplTrait(ty) = place {
            on(ty);
        }
    });
}

/// Visits every lifetime to which the elision rules apply, and an elided one as `None`.
///
/// A lifetime that `on` returns replaces the visited one.
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

/// A part of a type that `visit` visits.
enum Place<'a> {
    /// The lifetime of a reference, written or elided.
    Reference(&'a mut Option<Lifetime>),
    /// A written lifetime, which may be `'_`.
    Lifetime(&'a mut Lifetime),
    /// An `impl Trait`, whose parts have been visited.
    ImplTrait(&'a mut Type),
}

/// Visits every part of a type to which the elision rules of the function apply.
///
/// The types in `Fn(..)` and `fn(..)` and after `for<..>` have their own elision rules and names.
fn visit(ty: &mut Type, on: &mut dyn FnMut(Place)) {
    match ty {
        Type::Array(array) => visit(&mut array.elem, on),
        Type::Group(group) => visit(&mut group.elem, on),
        // Visited with its parentheses, because the type that replaces it needs none.
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
        // Types without lifetimes (`!`, `_`), with their own elision rules (`fn(..)`), or whose
        // parts syn does not know (macros, new syntax).
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
        TypeParamBound::PreciseCapture(capture) => {
            for parameter in &mut capture.params {
                if let CapturedParam::Lifetime(lifetime) = parameter {
                    on(Place::Lifetime(lifetime));
                }
            }
        }
        _ => {}
    }
}

/// Visits each type that must outlive a lifetime for the whole type to be well formed.
///
/// In `(&'a T, Row<'b, U>)`, `T` must outlive `'a`, and `U` must outlive `'b`. The compiler assumes
/// this for the type of a parameter, but not for the item type of an iterator.
pub(crate) fn each_outlives_bound(ty: &Type, on: &mut dyn FnMut(&Type, &Lifetime)) {
    match ty {
        Type::Array(array) => each_outlives_bound(&array.elem, on),
        Type::Group(group) => each_outlives_bound(&group.elem, on),
        Type::Paren(paren) => each_outlives_bound(&paren.elem, on),
        Type::Ptr(pointer) => each_outlives_bound(&pointer.elem, on),
        Type::Slice(slice) => each_outlives_bound(&slice.elem, on),
        Type::Tuple(tuple) => tuple.elems.iter().for_each(|elem| each_outlives_bound(elem, on)),
        Type::Reference(reference) => {
            if let Some(lifetime) = &reference.lifetime {
                on(peel(&reference.elem), lifetime);
            }
            each_outlives_bound(&reference.elem, on);
        }
        Type::Path(path) => {
            for (index, segment) in path.path.segments.iter().enumerate() {
                let PathArguments::AngleBracketed(arguments) = &segment.arguments else { continue };
                for argument in &arguments.args {
                    let GenericArgument::Lifetime(lifetime) = argument else { continue };
                    types_of(arguments).for_each(|ty| on(ty, lifetime));
                    // `T::Item<'a>` requires what its trait requires, which usually is `Self: 'a`.
                    if let (Some(first), true) = (path.path.segments.first(), index > 0) {
                        on(&path_type(first.ident.clone().into()), lifetime);
                    }
                }
                types_of(arguments).for_each(|ty| each_outlives_bound(ty, on));
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

fn path_type(path: Path) -> Type {
    Type::Path(syn::TypePath { attrs: Vec::new(), qself: None, path })
}

/// Whether the return type has an `impl Trait` with `use<..>`.
pub(crate) fn has_use(output: &mut ReturnType) -> bool {
    let mut found = false;
    if let ReturnType::Type(_, ty) = output {
        each_use(ty, &mut |_| found = true);
    }
    found
}

/// Adds names of type parameters to each `use<..>`, which must name all that are in scope.
pub(crate) fn capture_also(ty: &mut Type, names: &[Ident]) {
    each_use(ty, &mut |capture| capture.params.extend(names.iter().cloned().map(CapturedParam::Ident)));
}

fn each_use(ty: &mut Type, on: &mut dyn FnMut(&mut PreciseCapture)) {
    each_impl_trait(ty, &mut |ty| {
        let ty = if let Type::Paren(paren) = ty { &mut paren.elem } else { ty };
        let Type::ImplTrait(impl_trait) = ty else { return };
        for bound in &mut impl_trait.bounds {
            if let TypeParamBound::PreciseCapture(capture) = bound {
                on(capture);
            }
        }
    });
}
