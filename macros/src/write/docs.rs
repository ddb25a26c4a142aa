//! Writing the documentation of the generated functions.

use crate::check::mapping::Mapping;
use crate::check::states::Creation;
use crate::errors::list;
use crate::model::generated::{Callee, Model, Output, Passing};
use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::{Attribute, Expr, ExprLit, Lit, Meta};

/// Writes the `#[doc]` attribute of the parallel function.
pub(crate) fn of_eager(model: &Model) -> TokenStream {
    let results = match model.output {
        Output::Unit if !model.yields.catch_panics => String::new(),
        _ if model.yields.try_collect => {
            " and returns the collected values, or the first error in input order".to_owned()
        }
        _ => format!(" and returns the results in input order{}", exceptions(model)),
    };
    let (function, items) = (function(model), items(model));
    let sentence = match model.asynchronous {
        None => format!("Calls {function} {items} in parallel{results}."),
        Some(_) => format!("Returns a future that calls {function} {items}{results}. {}", concurrency(model)),
    };
    attribute(model, &sentence)
}

/// Writes the `#[doc]` attribute of the lazy version.
pub(crate) fn of_lazy(model: &Model) -> TokenStream {
    let (function, items, exceptions) = (function(model), items(model), exceptions(model));
    let yields = if exceptions.is_empty() { String::new() } else { format!(", and yields the results{exceptions}") };
    let sentence = match model.asynchronous {
        None => format!(
            "Returns the calls of {function} {items}, \
             which run in parallel once they are collected or looped over{yields}."
        ),
        Some(_) => format!(
            "Returns the calls of {function} {items}, which run once they are collected and awaited{yields}. {}",
            concurrency(model)
        ),
    };
    let kept = if model.checkpoint.is_some() { " A checkpoint can keep the results." } else { "" };
    attribute(model, &format!("{sentence}{kept}"))
}

/// Returns the sentence about how the calls of an async function run.
fn concurrency(model: &Model) -> String {
    let calls = match &model.in_flight {
        Some(Expr::Lit(ExprLit { lit: Lit::Int(number), .. })) => number.base10_digits().to_owned(),
        Some(_) => "`in_flight`".to_owned(),
        // The default of the runtime.
        None => "64".to_owned(),
    };
    format!("Up to {calls} calls are under way at a time, in one task.")
}

/// Returns the text about what options leave out of the results or change in them.
fn exceptions(model: &Model) -> String {
    let mut exceptions = String::new();
    if model.yields.skip_none {
        exceptions += ", without `None`s";
    }
    if model.yields.catch_panics {
        exceptions += ", each as a `Result` whose error is the panic of its item";
    }
    exceptions
}

/// Joins the sentence with those about the other parameters and about panics, and with the first
/// paragraph of the documentation of the annotated function.
fn attribute(model: &Model, sentence: &str) -> TokenStream {
    let processes = if model.distributed.is_some() { " Items run in all processes of the run." } else { "" };
    let sentence = format!("{sentence}{}{processes}", others(model));
    let paragraphs = [sentence, panics(model), first_paragraph(&model.attrs)];
    let text = paragraphs.into_iter().filter(|paragraph| !paragraph.is_empty()).collect::<Vec<_>>().join("\n\n");
    quote!(#[doc = #text])
}

/// Returns the sentence about panics.
fn panics(model: &Model) -> String {
    let function = model.function.unraw();
    let mut when = if model.yields.catch_panics {
        String::from("Panics if the input iterator does")
    } else {
        format!("Panics if `{function}` or the input iterator does, with the first panic in input order")
    };
    let mut or = |condition: &str| {
        when += "; or if ";
        when += condition;
    };
    if model.threads.as_ref().is_some_and(|threads| !matches!(threads, Expr::Lit(_))) {
        or("the number of threads is 0");
    }
    if model.in_flight.as_ref().is_some_and(|calls| !matches!(calls, Expr::Lit(_))) {
        or("`in_flight` is 0");
    }
    match model.mapping {
        Mapping::One(_) => {}
        Mapping::Zip(_) => or(&format!("the inputs {} differ in length", mapped(model))),
        Mapping::Product(_) => or(&format!("the combinations of {} are more than `usize::MAX`", mapped(model))),
    }
    when + "."
}

/// Returns the name of the annotated function, as a link if possible.
fn function(model: &Model) -> String {
    let function = model.function.unraw();
    // `fn@` is needed because a module or a macro may have the same name.
    let target = match &model.callee {
        Callee::Free { .. } => Some(format!("fn@{function}")),
        Callee::Associated => Some(format!("fn@Self::{function}")),
        // A link cannot contain `<Self as Trait>::f`.
        Callee::Path(path) if path.qself.is_some() => None,
        Callee::Path(path) => {
            let segments: Vec<String> =
                path.path.segments.iter().map(|segment| segment.ident.unraw().to_string()).collect();
            Some(format!("fn@{}", segments.join("::")))
        }
    };
    target.map_or_else(|| format!("`{function}`"), |target| format!("[`{function}`]({target})"))
}

/// Returns the names of the mapped parameters.
fn mapped(model: &Model) -> String {
    list(&model.mapped().iter().map(|parameter| parameter.name.unraw().to_string()).collect::<Vec<_>>())
}

/// Returns the text about the items for which the function is called.
fn items(model: &Model) -> String {
    let names = mapped(model);
    match model.mapping {
        Mapping::One(_) => format!("for each {names}"),
        Mapping::Zip(_) => format!("for {names} in step"),
        Mapping::Product(_) => format!("for every combination of {names}, of which the last varies fastest,"),
    }
}

/// Returns the sentences about the other parameters.
fn others(model: &Model) -> String {
    let sentence = |is_meant: fn(&Passing) -> bool, one: &str, several: &str| {
        let parameters = model.parameters.iter().filter(|parameter| is_meant(&parameter.passing));
        let names: Vec<String> = parameters.map(|parameter| parameter.name.unraw().to_string()).collect();
        match &names[..] {
            [] => String::new(),
            [_] => format!(" {} {one}.", list(&names)),
            _ => format!(" {} {several}.", list(&names)),
        }
    };
    let fixed = |passing: &Passing| matches!(passing, Passing::Shared | Passing::Cloned);
    let per_thread = |passing: &Passing| matches!(passing, Passing::Created(Creation::PerThread(_)));
    let per_item = |passing: &Passing| matches!(passing, Passing::Created(Creation::PerItem(_)));
    let token = |passing: &Passing| matches!(passing, Passing::Created(Creation::Token));
    [
        sentence(fixed, "is passed to every call", "are passed to every call"),
        sentence(per_thread, "is created once per thread", "are created once per thread"),
        sentence(per_item, "is created for each item", "are created for each item"),
        sentence(token, "tells each item whether it is still needed", ""),
    ]
    .concat()
}

/// Returns the first paragraph of the documentation, if it is text. Code would be tested twice.
fn first_paragraph(attrs: &[Attribute]) -> String {
    let lines = attrs.iter().filter_map(doc).flat_map(|text| lines_of(&text));
    let is_text =
        |line: &String| !line.is_empty() && !["```", "~~~", "#", "|"].iter().any(|start| line.starts_with(start));
    let lines: Vec<String> = lines.skip_while(String::is_empty).collect();
    let paragraph = lines.iter().take_while(|line| is_text(line));
    // The definitions of the links in the paragraph may be at the end of the documentation.
    let targets = lines.iter().filter(|line| line.starts_with('[') && line.contains("]: "));
    paragraph
        .cloned()
        .chain(std::iter::once(String::new()))
        .chain(targets.cloned())
        .collect::<Vec<_>>()
        .join("\n")
        .trim_end()
        .to_owned()
}

/// Returns the lines of one attribute. The lines of a block comment lose the stars that begin them.
fn lines_of(text: &str) -> Vec<String> {
    let lines = || text.split('\n').map(str::trim);
    let has_stars = text.contains('\n') && lines().skip(1).all(|line| line.is_empty() || line.starts_with('*'));
    let stars: &[char] = if has_stars { &['*'] } else { &[] };
    lines().map(|line| line.trim_start_matches(stars).trim().to_owned()).collect()
}

/// Returns the text of `///` or `#[doc = ".."]`.
fn doc(attr: &Attribute) -> Option<String> {
    match &attr.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}
