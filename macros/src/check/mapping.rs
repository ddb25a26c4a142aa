//! Decides which arguments are mapped, and how: one, several together, or every combination.

use crate::errors::{Errors, did_you_mean, list, nearest};
use crate::read::args::Over;
use crate::read::function::{Function, name_of, same_name};
use crate::read::names::mentions;
use crate::read::types::is_mutable_reference;
use proc_macro2::{Ident, Span};
use quote::ToTokens;
use syn::{Meta, PatType, ReceiverKind};

/// Which of the arguments besides `self` are mapped, and how.
pub(crate) enum Mapping {
    One(usize),
    /// Together, in the order of the function.
    Zip(Vec<usize>),
    /// Every combination, the last varying fastest.
    Product(Vec<usize>),
}

impl Mapping {
    pub(crate) fn arguments(&self) -> &[usize] {
        match self {
            Mapping::One(argument) => std::slice::from_ref(argument),
            Mapping::Zip(arguments) | Mapping::Product(arguments) => arguments,
        }
    }
}

/// Which arguments are mapped.
pub(crate) fn check_over(
    over: Option<Over>,
    made: &[usize],
    function: &Function,
    errors: &mut Errors,
) -> Option<Mapping> {
    let name = &function.sig.ident;
    let names = function.argument_names();
    let is_state = |index: &usize| made.contains(index);
    let free: Vec<usize> = (0..names.len()).filter(|index| !is_state(index)).collect();
    if free.is_empty() {
        // What else is wrong with `over` does not matter: there is nothing that it could say.
        let besides = if !names.is_empty() {
            " besides those of `per_thread` and `per_item`"
        } else if function.sig.receiver().is_some() {
            errors.on(name, format!("`{name}` takes only `self`: {}", map_many_selves(function)));
            return None;
        } else {
            ""
        };
        errors.on(name, format!("`{name}` takes no parameter{besides}: there is nothing to map"));
        return None;
    }
    if let ([(_, attr), ..], Some(over)) = (&function.over[..], &over) {
        if !matches!(over, Over::Broken) {
            errors.on(attr, "both `over = ..` and `#[over]` are given: keep one of them");
        }
        return None;
    }
    let mapping = match over {
        Some(Over::Broken) => return None,
        Some(Over::Argument(wanted)) => Mapping::One(mapped(&wanted, function, errors)?),
        Some(Over::Zip(word, wanted)) => {
            let mut arguments = several(&word, &wanted, function, errors)?;
            arguments.sort_unstable();
            Mapping::Zip(arguments)
        }
        Some(Over::Product(word, wanted)) => {
            let arguments = several(&word, &wanted, function, errors)?;
            check_repeated(&arguments, function, errors);
            Mapping::Product(arguments)
        }
        None => match &function.over[..] {
            [(first, _), others @ ..] if others.iter().all(|(other, _)| other == first) => Mapping::One(*first),
            [_, ..] => {
                let mut arguments: Vec<usize> = function.over.iter().map(|(index, _)| *index).collect();
                arguments.dedup();
                Mapping::Zip(arguments)
            }
            [] if free.len() == 1 => Mapping::One(free[0]),
            // That has been reported.
            [] if !function.over_self.is_empty() => return None,
            [] => {
                let arguments: Vec<&PatType> = function.arguments().collect();
                let example = free.iter().find_map(|index| name_of(&arguments[*index].pat));
                let example = example.map_or_else(|| "x".to_owned(), ToString::to_string);
                let free: Vec<String> = free.iter().map(|index| names[*index].clone()).collect();
                let pattern = arguments
                    .iter()
                    .enumerate()
                    .find(|(index, argument)| !is_state(index) && name_of(&argument.pat).is_none());
                let pattern = pattern.map_or_else(String::new, |(index, _)| {
                    format!("; for a pattern, write `#[over]` in front of it: `#[over] {}: ..`", names[index])
                });
                let message = format!(
                    "which parameter of `{name}` is mapped? it takes {}: write `#[parallelize(over = {example})]`, and the others stay fixed{pattern}",
                    list(&free)
                );
                errors.at(Span::call_site(), message);
                return None;
            }
        },
    };
    Some(mapping)
}

/// What `#[over]` says, apart from where it stands.
pub(crate) fn check_over_attributes(function: &Function, errors: &mut Errors) {
    for attr in &function.over_self {
        errors.on(attr, format!("`self` cannot be mapped: {}", map_many_selves(function)));
    }
    for (position, (index, attr)) in function.over.iter().enumerate() {
        if !matches!(attr.meta, Meta::Path(_)) {
            errors.on(attr, "`#[over]` takes no arguments: write `#[over]` in front of the parameter to map");
        } else if function.over[..position].iter().any(|(other, _)| other == index) {
            errors.on(attr, "`#[over]` is given twice");
        }
    }
}

/// The items of a product are used several times.
fn check_repeated(arguments: &[usize], function: &Function, errors: &mut Errors) {
    let names = function.argument_names();
    for (index, PatType { ty, .. }) in function.arguments().enumerate() {
        if arguments.contains(&index) && is_mutable_reference(ty) {
            let argument = &names[index];
            let message = format!(
                "`{argument}` is used with every item of the other inputs at the same time, and a `&mut` cannot be shared: \
                 take it by `&` or by value"
            );
            errors.on(ty, message);
        }
    }
}

/// The argument of that name.
fn mapped(wanted: &Ident, function: &Function, errors: &mut Errors) -> Option<usize> {
    let names = function.argument_names();
    let found = position(wanted, function);
    if found.is_none() {
        let message = if wanted == "zip" || wanted == "product" {
            format!("`{wanted}` needs the names of parameters: `over = {wanted}(x, y)`")
        } else if wanted == "self" {
            format!("`self` cannot be mapped: {}", map_many_selves(function))
        } else {
            no_such_argument(wanted, function)
        };
        errors.on(wanted, message);
    }
    found.or_else(|| nearest(&wanted.to_string(), &names))
}

/// What is said of a name that no argument has.
pub(crate) fn no_such_argument(wanted: &Ident, function: &Function) -> String {
    let names = function.argument_names();
    let is_in_pattern = |argument: &PatType| {
        name_of(&argument.pat).is_none() && mentions(argument.pat.to_token_stream(), &[wanted.to_string()])
    };
    let hint = match function.arguments().position(is_in_pattern) {
        Some(index) => format!("; to map a pattern, write `#[over]` in front of it: `#[over] {}: ..`", names[index]),
        None => did_you_mean(&wanted.to_string(), &names),
    };
    format!("`{}` has no parameter `{wanted}`, only {}{hint}", function.sig.ident, list(&names))
}

/// Why `self` is not mapped, and what to write instead.
fn map_many_selves(function: &Function) -> String {
    let name = &function.sig.ident;
    let and = match function.sig.receiver().map(|receiver| &receiver.kind) {
        Some(ReceiverKind::Reference(..)) => "&",
        _ => "",
    };
    let others = if function.arguments().next().is_some() { ", .." } else { "" };
    let call = if others.is_empty() { "" } else { ".." };
    format!(
        "it is the same for all items; to map many of them, annotate \
         `fn {name}_of(item: {and}Self{others})` that returns `item.{name}({call})`, with `over = item`"
    )
}

/// Which argument has that name.
pub(crate) fn position(wanted: &Ident, function: &Function) -> Option<usize> {
    function.arguments().position(|argument| name_of(&argument.pat).is_some_and(|ident| same_name(wanted, ident)))
}

/// The arguments of `zip(..)` or `product(..)`.
fn several(word: &Ident, wanted: &[Ident], function: &Function, errors: &mut Errors) -> Option<Vec<usize>> {
    if let [one] = wanted {
        errors.on(word, format!("`{word}` is for several parameters: for one, write `over = {one}`"));
    }
    let mut arguments = Some(Vec::new());
    for name in wanted {
        let argument = mapped(name, function, errors);
        if let (Some(argument), Some(arguments)) = (&argument, &arguments) {
            if arguments.contains(argument) {
                errors.on(name, format!("`{name}` is named twice"));
                // Another was meant.
                return None;
            }
        }
        // All names are looked at, also after one that is wrong.
        arguments = arguments.zip(argument).map(|(arguments, argument)| [arguments, vec![argument]].concat());
    }
    arguments
}
