//! Checking whether the attribute fits the function, with one `check_*` function per rule.

use crate::check::asynchronous::{Async, check_async_options, check_future};
use crate::check::checkpoint::{Checkpoint, check_checkpoint};
use crate::check::distributed::{Distributed, check_distributed};
use crate::check::mapping::{Mapping, check_over, check_over_attributes};
use crate::check::states::{Creation, check_states};
use crate::errors::Errors;
use crate::read::args::Args;
use crate::read::function::{Function, lazy_name, name_of, same_name};
use crate::read::names::mentions;
use crate::read::types::{is_mutable_reference, mentions_impl, peel, returned_type};
use crate::read::values::Progress;
use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::{Attribute, Expr, ExprPath, FnArg, Meta, PatType, ReceiverKind, ReturnType, Signature, Type};

/// What the attribute asks for.
///
/// If no error was reported, every part of it fits the function. Otherwise a stub can be written
/// from it.
pub(crate) struct Request {
    pub(crate) mapping: Mapping,
    /// The indices of the parameters that the generated functions create instead of taking them,
    /// not counting `self`, and how they create them.
    pub(crate) states: Vec<(usize, Creation)>,
    /// The name of the parallel function.
    pub(crate) name: Ident,
    pub(crate) yields: Yields,
    pub(crate) threads: Option<Expr>,
    /// What is different for an async function.
    pub(crate) asynchronous: Option<Async>,
    /// The maximum number of calls of an async function that are under way at a time.
    pub(crate) in_flight: Option<Expr>,
    /// The label of the progress bar, or an expression that creates the bar.
    pub(crate) progress: Option<TokenStream>,
    /// What a checkpoint must know of the function, if its results can be kept in one.
    pub(crate) checkpoint: Option<Checkpoint>,
    /// What other processes must know of the function, if its items may run there.
    pub(crate) distributed: Option<Distributed>,
    pub(crate) call: Option<ExprPath>,
    /// The path of the runtime crate.
    pub(crate) krate: TokenStream,
}

/// The options that decide what a call yields.
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

/// Checks every rule.
///
/// Returns `None` after a mistake that leaves unknown which parameter is mapped, and for a function
/// that may be foreign. `created` are the indices of the parameters that the generated functions
/// create, as far as they are known after a mistake. `checkpoint` describes the function if its
/// results can be kept, and `distributed` if its items may run in other processes.
pub(crate) fn check(
    args: Args,
    function: &Function,
    created: &[usize],
    checkpoint: Option<Checkpoint>,
    distributed: Option<Distributed>,
    errors: &mut Errors,
) -> Option<Request> {
    let (yields, krate, asynchronous) = (Yields::of(&args), args.krate(), Async::of(&args, function));
    check_signature(&function.sig, asynchronous.is_some(), errors);
    let name = check_name(args.name.as_ref(), function, errors);
    check_async_options(&args, function, &name, errors);
    check_future(&args, function, errors);
    let Args {
        words: _,
        over,
        per_thread,
        per_item,
        cancel,
        has_broken_states: _,
        try_collect,
        skip_none,
        catch_panics,
        threads,
        in_flight,
        local: _,
        progress,
        checkpoint: _,
        distributed: option_distributed,
        name: _,
        call,
        krate: _,
    } = args;
    check_body(function, call.is_some(), errors);
    check_attributes_of_parameters(function, errors);
    let names_differ = check_names_of_parameters(function, errors);
    check_result(try_collect.as_ref(), "a `Result` or an `Option`", function, errors);
    check_result(skip_none.as_ref(), "an `Option`", function, errors);
    check_options_together(try_collect.as_ref(), skip_none.as_ref(), catch_panics.as_ref(), errors);
    // The other one has been refused.
    let threads = threads.filter(|_| asynchronous.is_none());
    let in_flight = in_flight.filter(|_| asynchronous.is_some());
    let lazy = lazy_name(&name);
    check_number("threads", threads.as_ref(), &lazy, function, errors);
    check_number("in_flight", in_flight.as_ref(), &lazy, function, errors);
    let mut states = check_states(over.as_ref(), per_thread, per_item, cancel, function, errors);
    check_over_attributes(function, errors);
    // After a mistake, the first parameter of a generic function counts as mapped. The stub then
    // has the types of the other parameters, from which its calls infer the type parameters.
    let first = (0..function.parameters().count()).find(|index| !created.contains(index));
    let guess = || first.filter(|_| has_type_parameters(function)).map(Mapping::One);
    let mapping = check_over(over, created, function, errors).or_else(guess)?;
    for index in created {
        // After a mistake, a created parameter may have no state yet. A stub does not use the
        // expression.
        if !mapping.parameters().contains(index) && states.iter().all(|(state, _)| state != index) {
            states.push((*index, Creation::PerThread(TokenStream::new())));
        }
    }
    check_fixed(function, &mapping, &states, errors);
    if checkpoint.is_some() {
        check_checkpoint(function, &mapping, errors);
    }
    if let Some(option) = &option_distributed {
        check_distributed(option, call.as_ref(), function, &mapping, created, errors);
    }
    let progress = progress.map(|progress| match progress {
        Progress::Unnamed => function.sig.ident.unraw().to_string().into_token_stream(),
        Progress::Expr(value) => value.into_token_stream(),
    });
    // Foreign functions are in an `extern` block, in which no function may have a body.
    let may_be_foreign = !function.has_body && !function.is_associated() && call.is_none();
    (names_differ && !may_be_foreign).then_some(Request {
        mapping,
        states,
        name,
        yields,
        threads,
        asynchronous,
        in_flight,
        progress,
        checkpoint,
        // A stub never runs.
        distributed: distributed.filter(|_| errors.is_empty()),
        call,
        krate,
    })
}

/// Refuses functions of which several calls cannot be under way at a time.
fn check_signature(sig: &Signature, is_async: bool, errors: &mut Errors) {
    let name = &sig.ident;
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
            let sharers = if is_async { "calls that wait" } else { "threads" };
            errors.on(tokens, format!("`{name}` takes `self` by `&mut`, which {sharers} cannot share: take `&self`"));
        }
    }
}

/// Refuses a function without a body, unless it certainly belongs to a trait or `call` is given.
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

/// Refuses `#[cfg]` on a parameter, because the macro cannot know whether the parameter exists.
fn check_attributes_of_parameters(function: &Function, errors: &mut Errors) {
    for input in &function.sig.inputs {
        let attrs: &[Attribute] = match input {
            FnArg::Receiver(receiver) => &receiver.attrs,
            FnArg::Typed(parameter) => &parameter.attrs,
        };
        let is_cfg = |attr: &&Attribute| match &attr.meta {
            Meta::List(list) if list.path.is_ident("cfg_attr") => mentions(list.tokens.clone(), &["cfg".to_owned()]),
            meta => meta.path().is_ident("cfg"),
        };
        for attr in attrs.iter().filter(is_cfg) {
            errors.on(
                attr,
                "a parameter of an annotated function cannot be conditional: \
                 write two functions, each with its own `#[cfg]`",
            );
        }
    }
}

/// Refuses two parameters of the same name, and returns whether all names differ.
///
/// Only a `macro_rules!` macro can tell such parameters apart: one name is its own, and the other
/// is an argument of the macro.
fn check_names_of_parameters(function: &Function, errors: &mut Errors) -> bool {
    let names: Vec<&Ident> = function.parameters().filter_map(|parameter| name_of(&parameter.pat)).collect();
    let repeated = (1..names.len()).find(|index| names[..*index].iter().any(|other| same_name(other, names[*index])));
    if let Some(index) = repeated {
        let (function, name) = (&function.sig.ident, names[index]);
        errors.on(name, format!("`{function}` has two parameters that are named `{name}`: rename one of them"));
    }
    repeated.is_none()
}

/// Refuses a fixed parameter that is a mutable reference, because all calls share it.
fn check_fixed(function: &Function, mapping: &Mapping, states: &[(usize, Creation)], errors: &mut Errors) {
    let names = function.parameter_names();
    for (index, PatType { ty, .. }) in function.parameters().enumerate() {
        let is_fixed = !mapping.parameters().contains(&index) && states.iter().all(|(state, _)| *state != index);
        if is_fixed && is_mutable_reference(ty) {
            let parameter = &names[index];
            let per_item = format!("write `per_item({parameter} = |i| ..)`, which creates it");
            let (sharers, advice) = if function.future.is_some() {
                let advice = format!(
                    "for a value per call, {per_item} for each call\n\
                     for one value, take `&Mutex<..>`, an async one if it is held at an `.await`"
                );
                ("calls that wait at the same time", advice)
            } else {
                let advice = format!(
                    "for random numbers, {per_item} from the index of the item\n\
                     for a scratch buffer, write `per_thread({parameter} = ..)`, which creates it once per thread"
                );
                ("threads", advice)
            };
            let message = format!(
                "{sharers} cannot share the fixed parameter `{parameter}: {}`\n{advice}\n\
                 otherwise take it by `&`, or return the value instead of writing it",
                type_text(ty)
            );
            errors.on(ty, message);
        }
    }
}

/// Refuses an option about results if the function returns nothing, or a type that has no name.
///
/// Whether the type is one of those that are `needed` is left to the compiler, which knows type
/// aliases.
fn check_result(option: Option<&Ident>, needed: &str, function: &Function, errors: &mut Errors) {
    let Some(option) = option else { return };
    let name = &function.sig.ident;
    match returned_type(&function.sig.output) {
        None => {
            errors.on(option, format!("`{name}` returns nothing: `{option}` needs a function that returns {needed}"));
        }
        Some(ty) if mentions_impl(ty) => errors
            .on(ty, format!("`{option}` needs a concrete return type, not `impl Trait`: write the type or box it")),
        Some(_) => {}
    }
}

/// Returns the type as a message shows it.
fn type_text(ty: &Type) -> String {
    ty.to_token_stream()
        .to_string()
        .replace("& mut", "&mut")
        .replace(" < ", "<")
        .replace(" >", ">")
        .replace(" :: ", "::")
}

/// Refuses a number of threads or of calls that uses a parameter.
///
/// The expression runs outside the annotated function, so its parameters are not in scope.
fn check_number(option: &str, number: Option<&Expr>, lazy: &Ident, function: &Function, errors: &mut Errors) {
    let Some(number) = number else { return };
    let names: Vec<String> =
        function.parameters().filter_map(|parameter| name_of(&parameter.pat)).map(ToString::to_string).collect();
    if let Some(name) = names.iter().find(|name| uses_value(number.to_token_stream(), name)) {
        let message =
            format!("`{option}` cannot use the parameter `{name}`: call `{lazy}(..).{option}({name})` instead");
        errors.on(number, message);
    }
}

/// Whether the tokens use a variable of that name, not only a function, a field or a part of a
/// path.
fn uses_value(tokens: TokenStream, name: &str) -> bool {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let is_punct = |token: Option<&TokenTree>, letters: &[char]| match token {
        Some(TokenTree::Punct(punct)) => letters.contains(&punct.as_char()),
        _ => false,
    };
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

/// Refuses options that treat the same failure in two ways.
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
            "with `try_collect` the first `None` ends the call, and with `skip_none` each `None` is left out: \
             choose one of them",
        );
    }
    if let Some(catch_panics) = catch_panics {
        errors.on(
            catch_panics,
            "with `try_collect` the first error ends the call, and with `catch_panics` each item has its own `Result`: \
             choose one of them",
        );
    }
}

/// Returns the name of the parallel function, and refuses the name of the function itself.
fn check_name(name: Option<&Ident>, function: &Function, errors: &mut Errors) -> Ident {
    match name {
        Some(parallel) if same_name(parallel, &function.sig.ident) => {
            errors.on(
                parallel,
                format!("`{parallel}` is the name of the function itself: the generated function needs another name"),
            );
            function.parallel_name()
        }
        Some(parallel) => parallel.clone(),
        None => function.parallel_name(),
    }
}

/// Whether the function has parameters and is generic: it has a type parameter or an `impl Trait`.
fn has_type_parameters(function: &Function) -> bool {
    function.parameters().next().is_some()
        && (function.sig.generics.type_params().next().is_some()
            || function.parameters().any(|parameter| mentions_impl(&parameter.ty))
            || matches!(&function.sig.output, ReturnType::Type(_, ty) if mentions_impl(ty)))
}

/// Whether the type of a receiver is or contains a mutable reference, as in `Pin<&mut Self>`.
fn holds_mutable_reference(ty: &Type) -> bool {
    is_mutable_reference(ty) || mentions(ty.to_token_stream(), &["mut".to_owned()])
}
