//! Finding the parameters that the generated functions create themselves: per thread, per item, or
//! the token of the item.

use crate::check::mapping::{no_such_parameter, position};
use crate::errors::{Errors, nearest};
use crate::read::args::{Args, Over, State};
use crate::read::function::{Function, name_of, same_name};
use crate::read::names::mentions;
use crate::read::types::{behind_reference, is_mutable_reference, lifetime_of_reference};
use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::{Expr, Type};

/// How the generated functions create a parameter that they do not take.
pub(crate) enum Creation {
    /// By an expression that runs once per thread.
    PerThread(TokenStream),
    /// By a closure that runs once per item and takes the index of the item.
    PerItem(TokenStream),
    /// By the runtime: the token of the item.
    Token,
}

impl Creation {
    /// Returns the expression or the closure, if there is one.
    pub(crate) fn tokens(&self) -> TokenStream {
        match self {
            Creation::PerThread(tokens) | Creation::PerItem(tokens) => tokens.clone(),
            Creation::Token => TokenStream::new(),
        }
    }
}

/// Returns the indices of the parameters that the generated functions create, not counting `self`.
///
/// After a mistake in `per_thread`, `per_item` or `cancel`, it guesses: a parameter by the nearest
/// name, and all mutable references and tokens if a name remains unknown.
pub(crate) fn created_parameters(args: &Args, function: &Function) -> Vec<usize> {
    let names = function.parameter_names();
    let find = |parameter: &Ident| position(parameter, function).or_else(|| nearest(&parameter.to_string(), &names));
    let found: Vec<Option<usize>> = args.created().map(find).collect();
    let is_one_unknown = args.has_broken_states || found.contains(&None);
    let mut created: Vec<usize> = found.into_iter().flatten().collect();
    if is_one_unknown {
        let types = function.parameters().map(|parameter| &parameter.ty).enumerate();
        let is_token = |ty: &Type| mentions(ty.to_token_stream(), &["ItemToken".to_owned()]);
        created.extend(types.filter(|(_, ty)| is_mutable_reference(ty) || is_token(ty)).map(|(index, _)| index));
    }
    // Mapped parameters come from the input.
    created.retain(|index| !is_mapped(args.over.as_ref(), *index, function));
    created
}

/// Checks `per_thread`, `per_item` and `cancel`, and returns the parameters that they name.
pub(crate) fn check_states(
    over: Option<&Over>,
    per_thread: Option<Vec<State>>,
    per_item: Option<Vec<State>>,
    cancel: Option<Ident>,
    function: &Function,
    errors: &mut Errors,
) -> Vec<(usize, Creation)> {
    let mut states: Vec<(usize, Creation)> = Vec::new();
    let all = (per_thread.into_iter().flatten().map(|state| (state, true)))
        .chain(per_item.into_iter().flatten().map(|state| (state, false)));
    for (State { parameter, value }, is_per_thread) in all {
        let place = "in `per_thread` or `per_item`";
        let Some((index, ty)) = find_created(&parameter, place, over, &states, function, errors) else { continue };
        // That it is given twice is reported below.
        if cancel.as_ref().is_none_or(|token| !same_name(token, &parameter)) {
            check_state_type(&parameter, ty, is_per_thread, errors);
        }
        let creation = match value {
            None => Creation::PerThread(TokenStream::new()),
            Some(value) if is_per_thread => {
                if let Expr::Closure(closure) = &value {
                    let advice = if closure.inputs.is_empty() {
                        "write what the closure returns".to_owned()
                    } else {
                        format!("to use the index of the item, write `per_item({parameter} = |i| ..)`")
                    };
                    errors.on(&value, format!("`per_thread` takes an expression, not a closure: {advice}"));
                }
                Creation::PerThread(value.into_token_stream())
            }
            Some(value) => {
                if !matches!(&value, Expr::Closure(closure) if closure.inputs.len() == 1) {
                    let message = format!("`per_item` needs a closure of the item's index: `{parameter} = |i| ..`");
                    errors.on(&value, message);
                }
                Creation::PerItem(value.into_token_stream())
            }
        };
        states.push((index, creation));
    }
    let token = cancel.and_then(|parameter| {
        let (index, ty) = find_created(&parameter, "the token of an item", over, &states, function, errors)?;
        check_token_type(&parameter, ty, errors);
        Some((index, Creation::Token))
    });
    states.extend(token);
    states
}

/// Finds a parameter that the generated functions create, and its type. Refuses one that does not
/// exist, that is mapped, or that is also in `states`.
fn find_created<'function>(
    parameter: &Ident,
    place: &str,
    over: Option<&Over>,
    states: &[(usize, Creation)],
    function: &'function Function,
    errors: &mut Errors,
) -> Option<(usize, &'function Type)> {
    let message = match position(parameter, function) {
        None if parameter == "self" => {
            format!("`self` cannot be {place}: it is what the generated functions are called on")
        }
        None => no_such_parameter(parameter, function),
        Some(index) if is_mapped(over, index, function) => {
            format!("`{parameter}` is mapped, so it cannot also be {place}")
        }
        Some(index) if states.iter().any(|(other, _)| *other == index) => format!("`{parameter}` is given twice"),
        Some(index) => return Some((index, &function.parameters().nth(index)?.ty)),
    };
    errors.on(parameter, message);
    None
}

/// Whether `over = ..` or `#[over]` names the parameter.
fn is_mapped(over: Option<&Over>, index: usize, function: &Function) -> bool {
    let name = function.parameters().nth(index).and_then(|parameter| name_of(&parameter.pat));
    let is_named = match (over, name) {
        (Some(Over::Parameter(wanted)), Some(name)) => same_name(wanted, name),
        (Some(Over::Zip(_, wanted) | Over::Product(_, wanted)), Some(name)) => {
            wanted.iter().any(|wanted| same_name(wanted, name))
        }
        _ => false,
    };
    is_named || function.over.iter().any(|(mapped, _)| *mapped == index)
}

/// Refuses types that the generated functions cannot create per thread or per item.
fn check_state_type(parameter: &Ident, ty: &Type, is_per_thread: bool, errors: &mut Errors) {
    if mentions(ty.to_token_stream(), &["impl".to_owned()]) {
        errors.on(
            ty,
            format!(
                "the generated functions create `{parameter}`, so they need its type: write the type, not `impl ..`"
            ),
        );
    } else if is_per_thread && !is_mutable_reference(ty) {
        let message = format!(
            "`per_thread` lends `{parameter}` to each item: take it by `&mut`; \
             a value that all items share is a fixed parameter, without `per_thread`"
        );
        errors.on(ty, message);
    } else if !is_per_thread && behind_reference(ty).is_some() {
        errors.on(ty, format!("`per_item` creates `{parameter}` for each item: take it by value or by `&mut`"));
    }
}

/// Refuses types that are certainly no `&ItemToken`. The compiler, which knows aliases, checks the
/// type behind the reference.
fn check_token_type(parameter: &Ident, ty: &Type, errors: &mut Errors) {
    let advice = match behind_reference(ty) {
        Some(behind) if !mentions(behind.to_token_stream(), &["impl".to_owned()]) => {
            if lifetime_of_reference(ty).is_none() {
                return;
            }
            ", without a lifetime"
        }
        _ => "",
    };
    errors.on(ty, format!("`cancel` lends `{parameter}` to each item: take it as `&ItemToken`{advice}"));
}
