//! Finding the mapped parameters: one, several in step, or every combination of several.

use crate::errors::{Errors, did_you_mean, list, nearest};
use crate::read::args::Over;
use crate::read::function::{Function, name_of, same_name};
use crate::read::names::mentions;
use crate::read::types::is_mutable_reference;
use proc_macro2::{Ident, Span};
use quote::ToTokens;
use syn::{Meta, PatType, ReceiverKind};

/// The mapped parameters, by their indices among the parameters except `self`.
pub(crate) enum Mapping {
    /// `over = x`
    One(usize),
    /// `over = zip(x, y)`: pulled in step, in the order of the signature.
    Zip(Vec<usize>),
    /// `over = product(x, y)`: every combination, in the order of the attribute. The last parameter
    /// varies fastest.
    Product(Vec<usize>),
}

impl Mapping {
    pub(crate) fn parameters(&self) -> &[usize] {
        match self {
            Mapping::One(parameter) => std::slice::from_ref(parameter),
            Mapping::Zip(parameters) | Mapping::Product(parameters) => parameters,
        }
    }
}

/// Finds the mapped parameters, or reports why they are unknown and returns `None`.
///
/// `created` are the indices of the parameters that the generated functions create themselves.
pub(crate) fn check_over(
    over: Option<Over>,
    created: &[usize],
    function: &Function,
    errors: &mut Errors,
) -> Option<Mapping> {
    let name = &function.sig.ident;
    let names = function.parameter_names();
    let is_state = |index: &usize| created.contains(index);
    let mappable: Vec<usize> = (0..names.len()).filter(|index| !is_state(index)).collect();
    if mappable.is_empty() {
        // No `over` can be right, so other mistakes in it are not reported.
        let besides = if !names.is_empty() {
            " besides those of `per_thread`, `per_item` and `cancel`"
        } else if function.sig.receiver().is_some() {
            errors.on(name, format!("`{name}` takes only `self`: {}", advice_for_self(function)));
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
        Some(Over::Parameter(wanted)) => Mapping::One(find_parameter(&wanted, function, errors)?),
        Some(Over::Zip(word, wanted)) => {
            let mut parameters = find_parameters(&word, &wanted, function, errors)?;
            parameters.sort_unstable();
            Mapping::Zip(parameters)
        }
        Some(Over::Product(word, wanted)) => {
            let parameters = find_parameters(&word, &wanted, function, errors)?;
            check_repeated(&parameters, function, errors);
            Mapping::Product(parameters)
        }
        None => match &function.over[..] {
            [(first, _), others @ ..] if others.iter().all(|(other, _)| other == first) => Mapping::One(*first),
            [_, ..] => {
                let mut parameters: Vec<usize> = function.over.iter().map(|(index, _)| *index).collect();
                parameters.dedup();
                Mapping::Zip(parameters)
            }
            [] if mappable.len() == 1 => Mapping::One(mappable[0]),
            // `check_over_attributes` has reported the `#[over]` of `self`.
            [] if !function.over_self.is_empty() => return None,
            [] => {
                let parameters: Vec<&PatType> = function.parameters().collect();
                let example = mappable.iter().find_map(|index| name_of(&parameters[*index].pat));
                let example = example.map_or_else(|| "x".to_owned(), ToString::to_string);
                let mappable: Vec<String> = mappable.iter().map(|index| names[*index].clone()).collect();
                let pattern = parameters
                    .iter()
                    .enumerate()
                    .find(|(index, parameter)| !is_state(index) && name_of(&parameter.pat).is_none());
                let pattern = pattern.map_or_else(String::new, |(index, _)| {
                    format!("; for a pattern, write `#[over]` in front of it: `#[over] {}: ..`", names[index])
                });
                let message = format!(
                    "which parameter of `{name}` is mapped? it takes {}: \
                     write `#[parallelize(over = {example})]`, and the others stay fixed{pattern}",
                    list(&mappable)
                );
                errors.at(Span::call_site(), message);
                return None;
            }
        },
    };
    Some(mapping)
}

/// Refuses `#[over]` on `self`, with arguments, or given twice.
pub(crate) fn check_over_attributes(function: &Function, errors: &mut Errors) {
    for attr in &function.over_self {
        errors.on(attr, format!("`self` cannot be mapped: {}", advice_for_self(function)));
    }
    for (position, (index, attr)) in function.over.iter().enumerate() {
        if !matches!(attr.meta, Meta::Path(_)) {
            errors.on(attr, "`#[over]` takes no arguments: write `#[over]` in front of the parameter to map");
        } else if function.over[..position].iter().any(|(other, _)| other == index) {
            errors.on(attr, "`#[over]` is given twice");
        }
    }
}

/// Refuses mutable references in a product, which uses each item several times.
fn check_repeated(parameters: &[usize], function: &Function, errors: &mut Errors) {
    let names = function.parameter_names();
    for (index, PatType { ty, .. }) in function.parameters().enumerate() {
        if parameters.contains(&index) && is_mutable_reference(ty) {
            let parameter = &names[index];
            let message = format!(
                "`{parameter}` is used with every item of the other inputs at the same time, \
                 and a `&mut` cannot be shared: \
                 take it by `&` or by value"
            );
            errors.on(ty, message);
        }
    }
}

/// Finds the parameter of that name. If there is none, reports that and returns the nearest one.
fn find_parameter(wanted: &Ident, function: &Function, errors: &mut Errors) -> Option<usize> {
    let names = function.parameter_names();
    let found = position(wanted, function);
    if found.is_none() {
        let message = if wanted == "zip" || wanted == "product" {
            format!("`{wanted}` needs the names of parameters: `over = {wanted}(x, y)`")
        } else if wanted == "self" {
            format!("`self` cannot be mapped: {}", advice_for_self(function))
        } else {
            no_such_parameter(wanted, function)
        };
        errors.on(wanted, message);
    }
    found.or_else(|| nearest(&wanted.to_string(), &names))
}

/// Returns the message for a name that no parameter has.
pub(crate) fn no_such_parameter(wanted: &Ident, function: &Function) -> String {
    let names = function.parameter_names();
    let is_in_pattern = |parameter: &PatType| {
        name_of(&parameter.pat).is_none() && mentions(parameter.pat.to_token_stream(), &[wanted.to_string()])
    };
    let hint = match function.parameters().position(is_in_pattern) {
        Some(index) => format!("; to map a pattern, write `#[over]` in front of it: `#[over] {}: ..`", names[index]),
        None => did_you_mean(&wanted.to_string(), &names),
    };
    format!("`{}` has no parameter `{wanted}`, only {}{hint}", function.sig.ident, list(&names))
}

/// Says why `self` is not mapped, and what to write instead.
fn advice_for_self(function: &Function) -> String {
    let name = &function.sig.ident;
    let and = match function.sig.receiver().map(|receiver| &receiver.kind) {
        Some(ReceiverKind::Reference(..)) => "&",
        _ => "",
    };
    let others = if function.parameters().next().is_some() { ", .." } else { "" };
    let call = if others.is_empty() { "" } else { ".." };
    format!(
        "it is the same for all items; to map several values of type `Self`, annotate \
         `fn {name}_of(item: {and}Self{others})` that returns `item.{name}({call})`, with `over = item`"
    )
}

/// Returns the index of the parameter of that name.
pub(crate) fn position(wanted: &Ident, function: &Function) -> Option<usize> {
    function.parameters().position(|parameter| name_of(&parameter.pat).is_some_and(|ident| same_name(wanted, ident)))
}

/// Finds the parameters that are named in `zip(..)` or `product(..)`.
fn find_parameters(word: &Ident, wanted: &[Ident], function: &Function, errors: &mut Errors) -> Option<Vec<usize>> {
    if let [one] = wanted {
        errors.on(word, format!("`{word}` is for several parameters: for one, write `over = {one}`"));
    }
    let mut parameters = Some(Vec::new());
    for name in wanted {
        let parameter = find_parameter(name, function, errors);
        if let (Some(parameter), Some(parameters)) = (&parameter, &parameters) {
            if parameters.contains(parameter) {
                errors.on(name, format!("`{name}` is named twice"));
                // The user may have meant any other parameter.
                return None;
            }
        }
        // After a wrong name, the loop goes on, so that all wrong names are reported.
        parameters = parameters.zip(parameter).map(|(parameters, parameter)| [parameters, vec![parameter]].concat());
    }
    parameters
}
