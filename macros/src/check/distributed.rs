//! Checking whether the items of a function can run in other processes.

use crate::check::mapping::Mapping;
use crate::errors::Errors;
use crate::read::args::Args;
use crate::read::code;
use crate::read::function::Function;
use crate::read::types::{
    behind_reference, copy, is_mutable_reference, lifetime_of_reference, may_borrow, mentions_impl, peel,
    returned_type, without_mut_reference,
};
use proc_macro2::{Ident, TokenStream};
use syn::punctuated::Punctuated;
use syn::{ExprPath, GenericParam, Meta, PatType, Token, Type};

/// What other processes must know of a function.
#[derive(Clone, Copy)]
pub(crate) struct Distributed {
    /// A hash of the code of the function, which tells builds of the program apart.
    pub(crate) code: u64,
}

impl Distributed {
    /// Describes the function, or returns `None` without the option.
    pub(crate) fn of(args: &Args, item: &TokenStream) -> Option<Self> {
        args.distributed.as_ref()?;
        Some(Distributed { code: code::hash(item.clone(), args.code()) })
    }
}

/// Refuses functions that other processes could not find, and types without bytes.
///
/// `call` is the path in the option of that name, and `created` are the indices of the parameters
/// that the generated functions create.
pub(crate) fn check_distributed(
    option: &Ident,
    call: Option<&ExprPath>,
    function: &Function,
    mapping: &Mapping,
    created: &[usize],
    errors: &mut Errors,
) {
    if !is_found_elsewhere(option, call, function, errors) {
        // Its types may depend on what has been refused.
        return;
    }
    let name = &function.sig.ident;
    if let Some(ty) = returned_type(&function.sig.output) {
        if mentions_impl(ty) {
            errors.on(
                ty,
                "`distributed` needs a concrete return type, not `impl Trait`: other processes send results as bytes",
            );
        } else if contains_borrow(ty) {
            errors.on(
                ty,
                format!(
                    "`distributed` sends the results of `{name}` between processes, so they cannot borrow: \
                     return a type that owns its data"
                ),
            );
        }
    }
    let names = function.parameter_names();
    for (index, PatType { ty, .. }) in function.parameters().enumerate() {
        let parameter = &names[index];
        if created.contains(&index) {
            check_created(parameter, ty, errors);
        } else if mapping.parameters().contains(&index) && is_mutable_reference(ty) {
            errors.on(
                ty,
                format!(
                    "`distributed` sends back what `{name}` returns, and not what it writes to `{parameter}`: \
                     return the new value"
                ),
            );
        } else {
            check_sent(parameter, ty, errors);
        }
    }
}

/// Refuses a function that other processes cannot find by its place in the program, and returns
/// whether it was not refused.
fn is_found_elsewhere(option: &Ident, call: Option<&ExprPath>, function: &Function, errors: &mut Errors) -> bool {
    let name = &function.sig.ident;
    let advice = format!("annotate a free function that calls `{name}`");
    let with_types = format!("annotate a function that calls `{name}` with concrete types");
    let generic = function.sig.generics.params.iter().find(|param| !matches!(param, GenericParam::Lifetime(_)));
    if let Some(future) = function.future {
        errors.at(
            future.span,
            format!("`{name}` is async: its calls wait in one task of this process; remove `distributed`"),
        );
    } else if let Some(call) = call {
        errors.on(call, format!("`distributed` needs a free function, whose path is the same everywhere: {advice}"));
    } else if function.is_associated() {
        errors.on(option, format!("`distributed` needs a free function, and `{name}` is an associated one: {advice}"));
    } else if let Some(generic) = generic {
        errors.on(
            generic,
            format!(
                "`distributed` needs a function that is not generic, so that other processes know it: {with_types}"
            ),
        );
    } else if let Some(PatType { ty, .. }) = function.parameters().find(|parameter| mentions_impl(&parameter.ty)) {
        errors.on(
            ty,
            format!(
                "`distributed` needs a function without `impl Trait`, so that other processes know it: {with_types}"
            ),
        );
    } else if let Some(attr) = function.attrs.iter().find(|attr| enables_features(&attr.meta)) {
        errors.on(
            attr,
            format!("`distributed` needs a function without `#[target_feature]`: annotate one that calls `{name}`"),
        );
    } else {
        return true;
    }
    false
}

/// Whether the attribute is `target_feature`, maybe under a condition.
fn enables_features(meta: &Meta) -> bool {
    match meta {
        Meta::List(list) if list.path.is_ident("cfg_attr") => {
            let parts = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).unwrap_or_default();
            // The first one is the condition, which may ask for features.
            parts.iter().skip(1).any(enables_features)
        }
        meta => meta.path().is_ident("target_feature"),
    }
}

/// Refuses an item or a fixed argument that borrows more than itself.
fn check_sent(parameter: &str, ty: &Type, errors: &mut Errors) {
    let behind = behind_reference(ty);
    if lifetime_of_reference(ty).is_some_and(|lifetime| lifetime.ident == "static") {
        errors.on(
            ty,
            format!(
                "other processes decode `{parameter}`, so it cannot be borrowed for `'static`: \
                 write a reference without `'static`"
            ),
        );
    } else if contains_borrow(behind.unwrap_or(ty)) {
        errors.on(
            ty,
            format!(
                "`distributed` sends `{parameter}` to other processes, so it cannot contain what it borrows: \
                 take a type that owns its data, or one reference to such a type"
            ),
        );
    } else if matches!(behind.map(peel), Some(Type::TraitObject(_))) {
        errors.on(
            ty,
            format!("`distributed` sends `{parameter}` to other processes, and a trait object has no bytes to send"),
        );
    }
}

/// Refuses a created value that borrows, because it outlives the items for which it is created.
fn check_created(parameter: &str, ty: &Type, errors: &mut Errors) {
    // Of the token, and of a mistake that is reported elsewhere.
    if behind_reference(ty).is_some() {
        return;
    }
    if contains_borrow(without_mut_reference(ty)) {
        errors.on(ty, format!("with `distributed` other processes create `{parameter}`, so its type cannot borrow"));
    }
}

/// Whether values of the type may borrow.
fn contains_borrow(ty: &Type) -> bool {
    copy(ty).is_some_and(|mut ty| may_borrow(&mut ty))
}

#[cfg(test)]
mod tests {
    use super::enables_features;
    use syn::{Attribute, parse_quote};

    #[test]
    fn features_are_found_under_conditions() {
        let cases: [(Attribute, bool); 6] = [
            (parse_quote!(#[target_feature(enable = "fma")]), true),
            (parse_quote!(#[cfg_attr(unix, inline, target_feature(enable = "fma"))]), true),
            (parse_quote!(#[cfg_attr(unix, cfg_attr(windows, target_feature(enable = "fma")))]), true),
            (parse_quote!(#[cfg_attr(target_feature = "fma", inline)]), false),
            (parse_quote!(#[cfg_attr(unix, cfg_attr(target_feature = "fma", inline))]), false),
            (parse_quote!(#[inline]), false),
        ];
        for (attr, expected) in cases {
            assert_eq!(enables_features(&attr.meta), expected);
        }
    }
}
