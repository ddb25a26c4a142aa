//! Decides whether the attribute fits the function; one `check_*` a rule, and every broken rule is reported.

use crate::check::mapping::{Mapping, check_over, check_over_attributes};
use crate::check::states::{Made, check_states};
use crate::errors::Errors;
use crate::read::args::Args;
use crate::read::function::{Function, name_of, same_name};
use crate::read::names::mentions;
use crate::read::types::{holds_impl, is_mutable_reference, peel, returned};
use crate::read::values::Progress;
use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::{Attribute, Expr, ExprPath, FnArg, Meta, PatType, ReceiverKind, ReturnType, Signature, Type};

/// What the attribute asks for. Where no error was reported, every part of it fits the function; else it is good enough for a stub.
pub(crate) struct Request {
    pub(crate) mapping: Mapping,
    /// Which of the arguments besides `self` the twins do not have, and how they are made.
    pub(crate) states: Vec<(usize, Made)>,
    /// The name of the eager function.
    pub(crate) name: Ident,
    pub(crate) yields: Yields,
    pub(crate) threads: Option<Expr>,
    /// What makes the progress bar.
    pub(crate) progress: Option<TokenStream>,
    pub(crate) call: Option<ExprPath>,
    /// The path of the runtime crate.
    pub(crate) krate: TokenStream,
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

/// Checks every rule; nothing is returned where it stays open which argument is mapped.
pub(crate) fn check(args: Args, function: &Function, made: &[usize], errors: &mut Errors) -> Option<Request> {
    let (yields, krate) = (Yields::of(&args), args.krate());
    let Args {
        over,
        per_thread,
        per_item,
        has_broken_states: _,
        try_collect,
        skip_none,
        catch_panics,
        threads,
        progress,
        name,
        call,
        krate: _,
    } = args;
    check_signature(&function.sig, errors);
    check_body(function, call.is_some(), errors);
    check_attributes_of_arguments(function, errors);
    check_result(try_collect.as_ref(), "a `Result` or an `Option`", function, errors);
    check_result(skip_none.as_ref(), "an `Option`", function, errors);
    check_threads(threads.as_ref(), function, errors);
    check_options_together(try_collect.as_ref(), skip_none.as_ref(), catch_panics.as_ref(), errors);
    let name = check_name(name, function, errors);
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
    let progress = progress.map(|progress| match progress {
        Progress::Unnamed => function.sig.ident.unraw().to_string().into_token_stream(),
        Progress::Expr(value) => value.into_token_stream(),
    });
    let has_parallel = function.has_body || function.is_associated() || call.is_some();
    has_parallel.then_some(Request { mapping, states, name, yields, threads, progress, call, krate })
}

/// A function whose calls cannot be run side by side has no twin.
fn check_signature(sig: &Signature, errors: &mut Errors) {
    let name = &sig.ident;
    if let Some(asyncness) = &sig.asyncness {
        errors.on(
            asyncness,
            format!("`{name}` is async: a parallel function calls plain functions; move the part that computes into one, and annotate that"),
        );
    }
    if let Some(variadic) = &sig.variadic {
        errors.on(
            variadic.dots.to_token_stream(),
            format!("`{name}` is variadic: wrap it in a function that names its parameters, and annotate that"),
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
                "`{name}` has no body: if it belongs to a trait, add `call = Self::{name}`; \
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
                "a parameter of an annotated function cannot be conditional: put the `#[cfg]` on two functions",
            );
        }
    }
}

/// Fixed arguments are shared by all threads.
fn check_fixed(function: &Function, mapping: &Mapping, states: &[(usize, Made)], errors: &mut Errors) {
    let names = function.argument_names();
    for (index, PatType { ty, .. }) in function.arguments().enumerate() {
        let is_fixed = !mapping.arguments().contains(&index) && states.iter().all(|(state, _)| *state != index);
        if is_fixed && is_mutable_reference(ty) {
            let argument = &names[index];
            let message = format!(
                "threads cannot share the fixed parameter `{argument}: {}`\n\
                 for random numbers, write `per_item({argument} = |i| ..)`, which creates it from the index of the item\n\
                 for a scratch buffer, write `per_thread({argument} = ..)`, which creates it once per thread\n\
                 otherwise take it by `&`, or return the value instead of writing it",
                spaced(ty)
            );
            errors.on(ty, message);
        }
    }
}

/// Whether an option about results finds some, of a type whose parts can be named. That it is the right one the compiler finds out, which knows
/// aliases.
fn check_result(option: Option<&Ident>, needed: &str, function: &Function, errors: &mut Errors) {
    let Some(option) = option else { return };
    let name = &function.sig.ident;
    match returned(&function.sig.output) {
        None => {
            errors.on(option, format!("`{name}` returns nothing: `{option}` needs a function that returns {needed}"));
        }
        Some(ty) if holds_impl(ty) => errors
            .on(ty, format!("`{option}` needs a concrete return type, not `impl Trait`: write the type or box it")),
        Some(_) => {}
    }
}

/// The type as a message shows it.
fn spaced(ty: &Type) -> String {
    ty.to_token_stream()
        .to_string()
        .replace("& mut", "&mut")
        .replace(" < ", "<")
        .replace(" >", ">")
        .replace(" :: ", "::")
}

/// The number of threads is an expression outside of the function, so it cannot use parameters.
fn check_threads(threads: Option<&Expr>, function: &Function, errors: &mut Errors) {
    let Some(threads) = threads else { return };
    let names: Vec<String> =
        function.arguments().filter_map(|argument| name_of(&argument.pat)).map(ToString::to_string).collect();
    if let Some(name) = names.iter().find(|name| uses_value(threads.to_token_stream(), name)) {
        let lazy = format!("{}_iter", function.parallel_name());
        let message = format!("`threads` cannot use the parameter `{name}`: call `{lazy}(..).threads({name})` instead");
        errors.on(threads, message);
    }
}

/// Whether the tokens use a variable of that name: not a function, a field, or a part of a path.
fn uses_value(tokens: TokenStream, name: &str) -> bool {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let is_punct = |token: Option<&TokenTree>, letters: &[char]| matches!(token, Some(TokenTree::Punct(punct)) if letters.contains(&punct.as_char()));
    tokens.iter().enumerate().any(|(index, token)| match token {
        TokenTree::Ident(ident) if ident == name => {
            let before = index.checked_sub(1).and_then(|index| tokens.get(index));
            let next = tokens.get(index + 1);
            let is_called =
                matches!(next, Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis);
            !is_called && !is_punct(before, &['.', ':']) && !is_punct(next, &[':', '!'])
        }
        TokenTree::Group(group) => uses_value(group.stream(), name),
        _ => false,
    })
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
            "with `try_collect` the first error ends the call, with `catch_panics` each item has a result of its own: choose one of them",
        );
    }
}

/// What the twin is called.
fn check_name(name: Option<Ident>, function: &Function, errors: &mut Errors) -> Ident {
    match name {
        Some(parallel) if same_name(&parallel, &function.sig.ident) => {
            errors.on(
                &parallel,
                format!("`{parallel}` is the name of the function itself: the generated function needs another name"),
            );
            function.parallel_name()
        }
        Some(parallel) => parallel,
        None => function.parallel_name(),
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
