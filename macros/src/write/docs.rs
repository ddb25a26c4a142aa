//! Decides what the twin's documentation says: one sentence with a link to the function, when it panics, and the first paragraph of its documentation.

use crate::check::mapping::Mapping;
use crate::check::states::Made;
use crate::errors::list;
use crate::model::generated::{Callee, Model, Output, Passing};
use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::{Attribute, Expr, ExprLit, Lit, Meta};

/// The `#[doc]` attribute of the eager twin.
pub(crate) fn of_eager(model: &Model) -> TokenStream {
    let results = match model.output {
        Output::Unit if !model.yields.catch_panics => "",
        _ if model.yields.try_collect => {
            ", and returns the collected results, or the first failure in the order of the input"
        }
        _ => ", and returns the results in the order of the input",
    };
    let (function, mapped, fixed) = (function(model), mapped(model), fixed(model));
    attribute(model, format!("Runs {function} for {mapped}, on all cores{results}{fixed}."))
}

/// The `#[doc]` attribute of the lazy twin.
pub(crate) fn of_lazy(model: &Model) -> TokenStream {
    let (function, mapped, fixed) = (function(model), mapped(model), fixed(model));
    attribute(model, format!("Runs {function} for {mapped}, on all cores, when it is collected or looped over{fixed}."))
}

/// The sentence, when it panics, and the first paragraph of the function's own documentation.
fn attribute(model: &Model, sentence: String) -> TokenStream {
    let paragraphs = [sentence, panics(model), first_paragraph(&model.attrs)];
    let text = paragraphs.into_iter().filter(|paragraph| !paragraph.is_empty()).collect::<Vec<_>>().join("\n\n");
    quote!(#[doc = #text])
}

/// When it panics.
fn panics(model: &Model) -> String {
    let function = model.function.unraw();
    let mut when = vec![if model.yields.catch_panics {
        format!("Panics if the input does; a panic of `{function}` is what its item yields")
    } else {
        format!("Panics if `{function}` or the input does, with the first panic in the order of the input")
    }];
    if model.threads.as_ref().is_some_and(|threads| !matches!(threads, Expr::Lit(_))) {
        when.push(String::from("if the number of threads is 0"));
    }
    let names: Vec<String> = model.mapped().iter().map(|argument| argument.name.unraw().to_string()).collect();
    match model.mapping {
        Mapping::One(_) => {}
        Mapping::Zip(_) => when.push(format!("if the lengths of {} do not agree", list(&names))),
        Mapping::Product(_) => when.push(format!("if the combinations of {} cannot be counted", list(&names))),
    }
    when.join("; ") + "."
}

/// The function as a link, if that can be.
fn function(model: &Model) -> String {
    let function = model.function.unraw();
    // As a function, for a module or a macro may have the same name.
    let target = match &model.callee {
        Callee::Free { .. } => Some(format!("fn@{function}")),
        Callee::Associated => Some(format!("fn@Self::{function}")),
        // Not `<Self as Trait>::f`, which a link cannot say.
        Callee::Path(path) if path.qself.is_some() => None,
        Callee::Path(path) => {
            let segments: Vec<String> =
                path.path.segments.iter().map(|segment| segment.ident.unraw().to_string()).collect();
            Some(format!("fn@{}", segments.join("::")))
        }
    };
    target.map_or_else(|| format!("`{function}`"), |target| format!("[`{function}`]({target})"))
}

/// What is mapped.
fn mapped(model: &Model) -> String {
    let names: Vec<String> = model.mapped().iter().map(|argument| argument.name.unraw().to_string()).collect();
    let names = list(&names);
    match model.mapping {
        Mapping::One(_) => format!("every {names} of an input"),
        Mapping::Zip(_) => format!("every {names} of inputs that are walked together"),
        Mapping::Product(_) => format!("every combination of the {names} of its inputs, the last varying fastest"),
    }
}

/// What is to be said of the other arguments.
fn fixed(model: &Model) -> String {
    let said = |is_it: fn(&Passing) -> bool, one: &str, several: &str| {
        let arguments = model.arguments.iter().filter(|argument| is_it(&argument.passing));
        let names: Vec<String> = arguments.map(|argument| argument.name.unraw().to_string()).collect();
        match &names[..] {
            [] => String::new(),
            [_] => format!("; {} {one}", list(&names)),
            _ => format!("; {} {several}", list(&names)),
        }
    };
    let fixed = |passing: &Passing| matches!(passing, Passing::Shared | Passing::Cloned);
    let per_thread = |passing: &Passing| matches!(passing, Passing::Made(Made::PerThread(_)));
    let per_item = |passing: &Passing| matches!(passing, Passing::Made(Made::PerItem(_)));
    [
        said(fixed, "is the same for all of them", "are the same for all of them"),
        said(per_thread, "is made once for each thread", "are made once for each thread"),
        said(per_item, "is made for each item", "are made for each item"),
    ]
    .concat()
}

/// The first paragraph, if it is text: code would be tested twice.
fn first_paragraph(attrs: &[Attribute]) -> String {
    let lines = attrs.iter().filter_map(doc).flat_map(|text| lines_of(&text));
    let is_text =
        |line: &String| !line.is_empty() && !["```", "~~~", "#", "|"].iter().any(|start| line.starts_with(start));
    let lines: Vec<String> = lines.skip_while(String::is_empty).collect();
    let paragraph = lines.iter().take_while(|line| is_text(line));
    // What the paragraph's links lead to may be said at the end.
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

/// The lines of one attribute; of a block comment, without the stars that begin them.
fn lines_of(text: &str) -> Vec<String> {
    let lines = || text.split('\n').map(str::trim);
    let has_stars = text.contains('\n') && lines().skip(1).all(|line| line.is_empty() || line.starts_with('*'));
    let stars: &[char] = if has_stars { &['*'] } else { &[] };
    lines().map(|line| line.trim_start_matches(stars).trim().to_owned()).collect()
}

/// The text of `///` or `#[doc = ".."]`.
fn doc(attr: &Attribute) -> Option<String> {
    match &attr.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    }
}
