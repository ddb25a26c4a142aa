//! Decides which arguments the twins make themselves, for a thread or for an item.

use crate::check::mapping::{no_such_argument, position};
use crate::errors::{Errors, nearest};
use crate::read::args::{Args, Over, State};
use crate::read::function::{Function, name_of, same_name};
use crate::read::names::mentions;
use crate::read::types::{behind_reference, is_mutable_reference};
use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::{Expr, Type};

/// What makes an argument that the twins do not have.
pub(crate) enum Made {
    /// An expression, once a thread.
    PerThread(TokenStream),
    /// A closure of the item's index, once an item.
    PerItem(TokenStream),
}

impl Made {
    /// The expression or the closure.
    pub(crate) fn tokens(&self) -> TokenStream {
        match self {
            Made::PerThread(tokens) | Made::PerItem(tokens) => tokens.clone(),
        }
    }
}

/// Which arguments besides `self` the twins make; after a mistake in what says so, as far as can be guessed.
pub(crate) fn made(args: &Args, function: &Function) -> Vec<usize> {
    let names = function.argument_names();
    let find = |State { argument, .. }: &State| {
        position(argument, function).or_else(|| nearest(&argument.to_string(), &names))
    };
    let found: Vec<Option<usize>> = args.states().map(find).collect();
    let is_open = args.has_broken_states || found.contains(&None);
    let mut made: Vec<usize> = found.into_iter().flatten().collect();
    if is_open {
        let types = function.arguments().map(|argument| &argument.ty).enumerate();
        made.extend(types.filter(|(_, ty)| is_mutable_reference(ty)).map(|(index, _)| index));
    }
    // The input gives them.
    made.retain(|index| !is_mapped(args.over.as_ref(), *index, function));
    made
}

/// Arguments that the twins make themselves.
pub(crate) fn check_states(
    over: Option<&Over>,
    per_thread: Option<Vec<State>>,
    per_item: Option<Vec<State>>,
    function: &Function,
    errors: &mut Errors,
) -> Vec<(usize, Made)> {
    let mut states: Vec<(usize, Made)> = Vec::new();
    let each = (per_thread.into_iter().flatten().map(|state| (state, true)))
        .chain(per_item.into_iter().flatten().map(|state| (state, false)));
    for (State { argument, value }, is_per_thread) in each {
        let Some(index) = position(&argument, function) else {
            let message = if argument == "self" {
                "`self` cannot be in `per_thread` or `per_item`: it is what the generated functions are called on"
                    .to_owned()
            } else {
                no_such_argument(&argument, function)
            };
            errors.on(&argument, message);
            continue;
        };
        if is_mapped(over, index, function) {
            errors.on(&argument, format!("`{argument}` is mapped, so it cannot also be in `per_thread` or `per_item`"));
            continue;
        }
        if states.iter().any(|(other, _)| *other == index) {
            errors.on(&argument, format!("`{argument}` is given twice"));
            continue;
        }
        let ty = function.arguments().nth(index).map(|argument| &*argument.ty);
        if let Some(ty) = ty {
            check_state_type(&argument, ty, is_per_thread, errors);
        }
        let made = match value {
            None => Made::PerThread(TokenStream::new()),
            Some(value) if is_per_thread => {
                if let Expr::Closure(closure) = &value {
                    let advice = if closure.inputs.is_empty() {
                        "write what the closure returns".to_owned()
                    } else {
                        format!("to use the index of the item, write `per_item({argument} = |i| ..)`")
                    };
                    errors.on(&value, format!("`per_thread` takes an expression, not a closure: {advice}"));
                }
                Made::PerThread(value.into_token_stream())
            }
            Some(value) => {
                if !matches!(&value, Expr::Closure(closure) if closure.inputs.len() == 1) {
                    let message = format!("`per_item` needs a closure of the item's index: `{argument} = |i| ..`");
                    errors.on(&value, message);
                }
                Made::PerItem(value.into_token_stream())
            }
        };
        states.push((index, made));
    }
    states
}

/// Whether `over = ..` or `#[over]` says that the input gives the argument.
fn is_mapped(over: Option<&Over>, index: usize, function: &Function) -> bool {
    let name = function.arguments().nth(index).and_then(|argument| name_of(&argument.pat));
    let is_named = match (over, name) {
        (Some(Over::Argument(wanted)), Some(name)) => same_name(wanted, name),
        (Some(Over::Zip(_, wanted) | Over::Product(_, wanted)), Some(name)) => {
            wanted.iter().any(|wanted| same_name(wanted, name))
        }
        _ => false,
    };
    is_named || function.over.iter().any(|(mapped, _)| *mapped == index)
}

/// Whether an argument of that type can be made for a thread or an item.
fn check_state_type(argument: &Ident, ty: &Type, is_per_thread: bool, errors: &mut Errors) {
    if mentions(ty.to_token_stream(), &["impl".to_owned()]) {
        errors.on(
            ty,
            format!(
                "the generated functions create `{argument}`, so they need its type: write the type, not `impl ..`"
            ),
        );
    } else if is_per_thread && !is_mutable_reference(ty) {
        let message = format!(
            "`per_thread` lends `{argument}` to each item: take it by `&mut`; a value that all items share is a fixed parameter, without `per_thread`"
        );
        errors.on(ty, message);
    } else if !is_per_thread && behind_reference(ty).is_some() {
        errors.on(ty, format!("`per_item` creates `{argument}` for each item: take it by value or by `&mut`"));
    }
}
