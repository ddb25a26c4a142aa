//! Decides whether the attribute fits the function; one `check_*` a rule, and every broken rule is reported.

use crate::args::{Args, Over, State};
use crate::errors::{Errors, did_you_mean, list, nearest};
use crate::names::mentions;
use crate::signature::{Function, name_of, same_name};
use crate::types::{behind_reference, holds_impl, is_mutable_reference, peel, returned};
use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use syn::{Attribute, Expr, ExprPath, FnArg, Meta, PatType, ReceiverKind, ReturnType, Signature, Type};

/// What the attribute asks for. Where no error was reported, every part of it fits the function; else it is good enough for a stub.
pub(crate) struct Request {
    pub(crate) mapping: Mapping,
    /// Which of the arguments besides `self` the twins do not have, and how they are made.
    pub(crate) states: Vec<(usize, Made)>,
    pub(crate) twin: Ident,
    pub(crate) yields: Yields,
    pub(crate) threads: Option<Expr>,
    pub(crate) call: Option<ExprPath>,
    pub(crate) krate: Option<TokenStream>,
}

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

/// What makes an argument that the twins do not have.
pub(crate) enum Made {
    /// An expression, once a thread.
    PerThread(TokenStream),
    /// A closure of the item's index, once an item.
    PerItem(TokenStream),
}

/// What becomes of the results.
#[derive(Clone, Copy, Default)]
pub(crate) struct Yields {
    pub(crate) try_collect: bool,
    pub(crate) skip_none: bool,
    pub(crate) catch_panics: bool,
}

impl Yields {
    pub(crate) fn of(args: &Args) -> Self {
        Yields {
            try_collect: args.try_collect.is_some(),
            skip_none: args.skip_none.is_some(),
            catch_panics: args.catch_panics.is_some(),
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
    let arguments: Vec<&PatType> = function.arguments().collect();
    if is_open {
        made.extend((0..arguments.len()).filter(|index| is_mutable_reference(&arguments[*index].ty)));
    }
    // The input gives them.
    made.retain(|index| {
        let is_named = args.over.as_ref().zip(name_of(&arguments[*index].pat));
        !is_named.is_some_and(|(over, name)| names_argument(over, name))
            && function.over.iter().all(|(other, _)| other != index)
    });
    made
}

/// Checks every rule; nothing is returned where it stays open which argument is mapped.
pub(crate) fn validate(args: Args, function: &Function, made: &[usize], errors: &mut Errors) -> Option<Request> {
    let yields = Yields::of(&args);
    let Args {
        over,
        per_thread,
        per_item,
        has_broken_states: _,
        try_collect,
        skip_none,
        catch_panics,
        threads,
        name,
        call,
        krate,
    } = args;
    check_signature(&function.sig, errors);
    check_body(function, call.is_some(), errors);
    check_attributes_of_arguments(function, errors);
    check_result(try_collect.as_ref(), "a `Result` or an `Option`", "collected", function, errors);
    check_result(skip_none.as_ref(), "an `Option`", "in the `Option`", function, errors);
    check_options_together(try_collect.as_ref(), skip_none.as_ref(), catch_panics.as_ref(), errors);
    let twin = check_name(name, function, errors);
    let mut states = check_states(over.as_ref(), per_thread, per_item, function, errors);
    check_over_attributes(function, errors);
    // After a mistake: what the types of a generic function are, its callers are told by its arguments, so one is taken to be mapped.
    let first = (0..function.arguments().count()).find(|index| !made.contains(index));
    let guess = || first.filter(|_| has_type_parameters(function)).map(Mapping::One);
    let mapping = check_over(over, made, function, errors).or_else(guess)?;
    for index in made {
        // After a mistake; a stub does not ask what makes it.
        if !mapping.arguments().contains(index) && states.iter().all(|(state, _)| state != index) {
            states.push((*index, Made::PerThread(TokenStream::new())));
        }
    }
    check_fixed(function, &mapping, &states, errors);
    let has_twin = function.has_body || function.is_associated() || call.is_some();
    has_twin.then_some(Request { mapping, states, twin, yields, threads, call, krate })
}

/// A function whose calls cannot be run side by side has no twin.
fn check_signature(sig: &Signature, errors: &mut Errors) {
    let name = &sig.ident;
    if let Some(asyncness) = &sig.asyncness {
        errors.on(
            asyncness,
            format!("`{name}` is async: a twin runs plain functions; move the part that computes into one, and annotate that"),
        );
    }
    if let Some(variadic) = &sig.variadic {
        errors.on(
            variadic.dots.to_token_stream(),
            format!("`{name}` is variadic: wrap it in a function that names its arguments, and annotate that"),
        );
    }
    if let ReturnType::Type(_, ty) = &sig.output {
        if let Type::Never(never) = peel(ty) {
            errors.on(never, format!("`{name}` never returns, so it has no results to collect"));
        }
    }
    if let Some(receiver) = sig.receiver() {
        let mutable: Option<TokenStream> = match &receiver.kind {
            ReceiverKind::Reference(and, _, Some(_)) => {
                let this = &receiver.self_token;
                Some([and.to_token_stream(), this.to_token_stream()].into_iter().collect())
            }
            ReceiverKind::Typed(_, ty) => holds_mutable_reference(ty).then(|| ty.to_token_stream()),
            _ => None,
        };
        if let Some(tokens) = mutable {
            errors.on(tokens, format!("`{name}` takes `self` by `&mut`, which threads cannot share: take `&self`"));
        }
    }
}

/// A function without a body is a trait's, or foreign.
fn check_body(function: &Function, has_call: bool, errors: &mut Errors) {
    let Signature { ident: name, variadic, .. } = &function.sig;
    if !function.has_body && !has_call && variadic.is_none() && !function.is_associated() {
        errors.on(
            name,
            format!(
                "`{name}` has no body: if it is a trait's, say how it is called, `call = Self::{name}`; \
                 if it is foreign, wrap it in a function of your own, and annotate that"
            ),
        );
    }
}

/// With a `#[cfg]` on an argument the macro cannot know whether it is there.
fn check_attributes_of_arguments(function: &Function, errors: &mut Errors) {
    for input in &function.sig.inputs {
        let attrs: &[Attribute] = match input {
            FnArg::Receiver(receiver) => &receiver.attrs,
            FnArg::Typed(argument) => &argument.attrs,
        };
        let is_cfg = |attr: &&Attribute| match &attr.meta {
            Meta::List(list) if list.path.is_ident("cfg_attr") => mentions(list.tokens.clone(), &["cfg".to_owned()]),
            meta => meta.path().is_ident("cfg"),
        };
        for attr in attrs.iter().filter(is_cfg) {
            errors.on(
                attr,
                "an argument of a parallel function cannot be conditional: put the `#[cfg]` on two functions",
            );
        }
    }
}

/// Which arguments are mapped.
fn check_over(over: Option<Over>, made: &[usize], function: &Function, errors: &mut Errors) -> Option<Mapping> {
    let name = &function.sig.ident;
    let names = function.argument_names();
    let is_state = |index: &usize| made.contains(index);
    let free: Vec<usize> = (0..names.len()).filter(|index| !is_state(index)).collect();
    if free.is_empty() {
        // What else is wrong with `over` does not matter: there is nothing that it could say.
        let besides = if !names.is_empty() {
            " besides those that are made for it"
        } else if function.sig.receiver().is_some() {
            " besides `self`"
        } else {
            ""
        };
        errors.on(name, format!("`{name}` takes no argument{besides}: there is nothing to map it over"));
        return None;
    }
    if let ([(_, attr), ..], Some(over)) = (&function.over[..], &over) {
        if !matches!(over, Over::Broken) {
            errors.on(attr, "what is mapped is said twice: with `over = ..` and with `#[over]`; keep one of them");
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
                let message = format!(
                    "which argument of `{name}` is mapped? it takes {}: write `#[parallelize(over = {example})]`, and the others stay fixed",
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
fn check_over_attributes(function: &Function, errors: &mut Errors) {
    for attr in &function.over_self {
        errors.on(attr, "`self` cannot be mapped, it is the same for all items: mark another argument");
    }
    for (position, (index, attr)) in function.over.iter().enumerate() {
        if !matches!(attr.meta, Meta::Path(_)) {
            errors.on(attr, "`#[over]` takes nothing, it marks the argument that it stands before: write `#[over]`");
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
                "`{argument}` is used with every item of the others, several of them at the same time, and a `&mut` cannot be: \
                 take it by `&` or by value"
            );
            errors.on(ty, message);
        }
    }
}

/// The argument of that name.
fn mapped(wanted: &Ident, function: &Function, errors: &mut Errors) -> Option<usize> {
    let name = &function.sig.ident;
    let names = function.argument_names();
    let found = position(wanted, function);
    if found.is_none() {
        let message = if wanted == "zip" || wanted == "product" {
            format!("`{wanted}` needs the names of arguments: `over = {wanted}(x, y)`")
        } else if wanted == "self" {
            format!("`self` cannot be mapped, it is the same for all items: map one of {}", list(&names))
        } else {
            let hint = did_you_mean(&wanted.to_string(), &names);
            format!("`{name}` has no argument `{wanted}`, only {}{hint}", list(&names))
        };
        errors.on(wanted, message);
    }
    found.or_else(|| nearest(&wanted.to_string(), &names))
}

fn position(wanted: &Ident, function: &Function) -> Option<usize> {
    function.arguments().position(|argument| name_of(&argument.pat).is_some_and(|ident| same_name(wanted, ident)))
}

/// The arguments of `zip(..)` or `product(..)`.
fn several(word: &Ident, wanted: &[Ident], function: &Function, errors: &mut Errors) -> Option<Vec<usize>> {
    if let [one] = wanted {
        errors.on(word, format!("`{word}` is for several arguments: for one, write `over = {one}`"));
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

/// Arguments that the twins make themselves.
fn check_states(
    over: Option<&Over>,
    per_thread: Option<Vec<State>>,
    per_item: Option<Vec<State>>,
    function: &Function,
    errors: &mut Errors,
) -> Vec<(usize, Made)> {
    let name = &function.sig.ident;
    let mut states: Vec<(usize, Made)> = Vec::new();
    let each = (per_thread.into_iter().flatten().map(|state| (state, true)))
        .chain(per_item.into_iter().flatten().map(|state| (state, false)));
    for (State { argument, value }, is_per_thread) in each {
        let Some(index) = position(&argument, function) else {
            let names = function.argument_names();
            let hint = did_you_mean(&argument.to_string(), &names);
            let message = if argument == "self" {
                "`self` is no argument that can be made: it is what the twin is called on".to_owned()
            } else {
                format!("`{name}` has no argument `{argument}`, only {}{hint}", list(&names))
            };
            errors.on(&argument, message);
            continue;
        };
        let is_mapped = over.is_some_and(|over| names_argument(over, &argument))
            || function.over.iter().any(|(mapped, _)| *mapped == index);
        if is_mapped {
            errors.on(&argument, format!("`{argument}` is mapped, so the input gives it: it is not made as well"));
            continue;
        }
        if states.iter().any(|(other, _)| *other == index) {
            errors.on(&argument, format!("`{argument}` is made twice"));
            continue;
        }
        let ty = function.arguments().nth(index).map(|argument| &*argument.ty);
        if let Some(ty) = ty {
            check_state_type(&argument, ty, is_per_thread, errors);
        }
        let made = match value {
            None => Made::PerThread(TokenStream::new()),
            Some(value) if is_per_thread => Made::PerThread(value.into_token_stream()),
            Some(value) => {
                if !matches!(&value, Expr::Closure(closure) if closure.inputs.len() == 1) {
                    let message = format!(
                        "`{argument}` is made for each item, from its index: write a closure of it, `{argument} = |i| ..`"
                    );
                    errors.on(&value, message);
                }
                Made::PerItem(value.into_token_stream())
            }
        };
        states.push((index, made));
    }
    states
}

/// Whether `over = ..` names that argument.
fn names_argument(over: &Over, argument: &Ident) -> bool {
    match over {
        Over::Argument(name) => same_name(name, argument),
        Over::Zip(_, names) | Over::Product(_, names) => names.iter().any(|name| same_name(name, argument)),
        Over::Broken => false,
    }
}

/// Whether an argument of that type can be made for a thread or an item.
fn check_state_type(argument: &Ident, ty: &Type, is_per_thread: bool, errors: &mut Errors) {
    if mentions(ty.to_token_stream(), &["impl".to_owned()]) {
        errors.on(ty, format!("`{argument}` is made by the twin, which has to know its type: write it, not `impl ..`"));
    } else if is_per_thread && !is_mutable_reference(ty) {
        let message = format!(
            "`{argument}` is made once a thread and lent to each item: take it by `&mut`; what is the same for all is a fixed argument"
        );
        errors.on(ty, message);
    } else if !is_per_thread && behind_reference(ty).is_some() {
        errors.on(ty, format!("`{argument}` is made for each item: take it by value or by `&mut`"));
    }
}

/// Fixed arguments are shared by all threads.
fn check_fixed(function: &Function, mapping: &Mapping, states: &[(usize, Made)], errors: &mut Errors) {
    let name = &function.sig.ident;
    let names = function.argument_names();
    for (index, PatType { ty, .. }) in function.arguments().enumerate() {
        let is_fixed = !mapping.arguments().contains(&index) && states.iter().all(|(state, _)| *state != index);
        if is_fixed && is_mutable_reference(ty) {
            let argument = &names[index];
            let message = format!(
                "`{argument}` stays fixed while `{name}` runs on several threads at once, and threads cannot share a `&mut`: \
                 take `&`, or return what would be written, or have each thread make its own, `per_thread({argument} = ..)`"
            );
            errors.on(ty, message);
        }
    }
}

/// Whether an option about results finds some, of a type whose parts can be named. That it is the right one the compiler finds out, which knows
/// aliases.
fn check_result(option: Option<&Ident>, needed: &str, part: &str, function: &Function, errors: &mut Errors) {
    let Some(option) = option else { return };
    let name = &function.sig.ident;
    match returned(&function.sig.output) {
        None => {
            errors.on(option, format!("`{name}` returns nothing: `{option}` needs a function that returns {needed}"));
        }
        Some(ty) if holds_impl(ty) => errors.on(
            ty,
            format!("`{option}` has to name what is {part}, which `impl Trait` cannot be: write the type, or box it"),
        ),
        Some(_) => {}
    }
}

/// Options that say two things of the same failure.
fn check_options_together(
    try_collect: Option<&Ident>,
    skip_none: Option<&Ident>,
    catch_panics: Option<&Ident>,
    errors: &mut Errors,
) {
    if try_collect.is_none() {
        return;
    }
    if let Some(skip_none) = skip_none {
        errors.on(
            skip_none,
            "with `try_collect` the first `None` ends the call, with `skip_none` it is left out: choose one of them",
        );
    }
    if let Some(catch_panics) = catch_panics {
        errors.on(
            catch_panics,
            "with `try_collect` the first failure ends the call, with `catch_panics` each item has its own: choose one of them",
        );
    }
}

/// What the twin is called.
fn check_name(name: Option<Ident>, function: &Function, errors: &mut Errors) -> Ident {
    match name {
        Some(twin) if same_name(&twin, &function.sig.ident) => {
            errors.on(&twin, format!("`{twin}` is the function itself: its twin needs a name of its own"));
            function.twin_name()
        }
        Some(twin) => twin,
        None => function.twin_name(),
    }
}

/// Whether a type parameter of the function's own, `impl Trait` or not, stands in its signature.
fn has_type_parameters(function: &Function) -> bool {
    function.arguments().next().is_some()
        && (function.sig.generics.type_params().next().is_some()
            || function.arguments().any(|argument| holds_impl(&argument.ty))
            || matches!(&function.sig.output, ReturnType::Type(_, ty) if holds_impl(ty)))
}

/// Whether a receiver's type is a mutable reference or, as `Pin<&mut Self>`, holds one.
fn holds_mutable_reference(ty: &Type) -> bool {
    is_mutable_reference(ty) || mentions(ty.to_token_stream(), &["mut".to_owned()])
}
