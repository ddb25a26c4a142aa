//! Decides what the twin's documentation says: one sentence, a link to the function, and the first paragraph of its documentation.

use crate::errors::list;
use crate::model::{Callee, Model, Output, Passing};
use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::{Attribute, Expr, ExprLit, Lit, Meta};

/// The `#[doc]` attributes of the twin.
pub(crate) fn of_twin(model: &Model) -> TokenStream {
    let mut text = sentence(model);
    let paragraph = first_paragraph(&model.attrs);
    if !paragraph.is_empty() {
        text.push_str("\n\n");
        text.push_str(&paragraph);
    }
    quote!(#[doc = #text])
}

fn sentence(model: &Model) -> String {
    let function = &model.function;
    // As a function, for a module or a macro may have the same name.
    let target = match &model.callee {
        Callee::Free { .. } => Some(format!("fn@{}", function.unraw())),
        Callee::Associated => Some(format!("fn@Self::{}", function.unraw())),
        // Not `<Self as Trait>::f`, which a link cannot say.
        Callee::Path(path) if path.qself.is_some() => None,
        Callee::Path(path) => {
            let segments: Vec<String> =
                path.path.segments.iter().map(|segment| segment.ident.unraw().to_string()).collect();
            Some(format!("fn@{}", segments.join("::")))
        }
    };
    let function = function.unraw();
    let function = target.map_or_else(|| format!("`{function}`"), |target| format!("[`{function}`]({target})"));
    let names = |mapped: bool| -> Vec<String> {
        let arguments = model.arguments.iter().filter(|argument| matches!(argument.passing, Passing::Mapped) == mapped);
        arguments.map(|argument| argument.name.unraw().to_string()).collect()
    };
    let results = match model.output {
        Output::Unit => "",
        Output::Type(_) if model.try_collect => {
            ", and returns the collected results, or the first failure in the order of the input"
        }
        Output::Type(_) | Output::Opaque(_) => ", and returns the results in the order of the input",
    };
    let fixed = match &names(false)[..] {
        [] => String::new(),
        [one] => format!("; `{one}` is the same for all of them"),
        several => format!("; {} are the same for all of them", list(several)),
    };
    format!("Runs {function} for every {} of an input, on all cores{results}{fixed}.", list(&names(true)))
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
        .join(
            "
",
        )
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
