//! The attribute macro of the crate [`parallelize`](https://docs.rs/parallelize).
//!
//! Depend on that crate instead of this one: it also contains the documentation.
//!
//! The macro has four stages. `read` reads the attribute and the function, `check` compares them,
//! `model` describes the functions to generate, and `write` writes their tokens.
#![forbid(unsafe_code)]

mod check;
mod errors;
mod model;
mod read;
mod write;

#[cfg(test)]
mod snapshots;

use check::asynchronous::Async;
use check::checkpoint::Checkpoint;
use check::distributed::Distributed;
use check::request::{self, Yields};
use check::states;
use errors::Errors;
use model::build;
use proc_macro2::TokenStream;
use read::function::Function;
use read::{args, function, groups};
use write::{editor, fallback, stub};

#[allow(missing_docs)] // The documentation is at the re-export in `parallelize`.
#[proc_macro_attribute]
pub fn parallelize(args: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    expand(args.into(), item.into()).into()
}

/// Returns the annotated function as it was, followed by the generated functions and the errors.
fn expand(args: TokenStream, item: TokenStream) -> TokenStream {
    let (args, item) = (groups::parenthesize(args), groups::parenthesize(item));
    let mut errors = Errors::default();
    let function = function::parse(item.clone());
    let names = function.as_ref().map(Function::parameter_names).unwrap_or_default();
    let hint_tokens = editor::is_running().then(|| args.clone());
    let args = args::parse(args, &names, &mut errors);
    let hints = hint_tokens.map(|tokens| editor::hints(&tokens, &args.krate(), function.as_ref().ok()));
    let (original, generated) = match function {
        Ok(function) => {
            let (name, krate, yields) = (args.name.clone(), args.krate(), Yields::of(&args));
            let asynchronous = Async::of(&args, &function);
            let created = states::created_parameters(&args, &function);
            let (checkpoint, distributed) = (Checkpoint::of(&args, &item), Distributed::of(&args, &item));
            let has_over = !function.over.is_empty() || !function.over_self.is_empty();
            let original = if has_over { function::without_over(item) } else { item };
            let generated = match request::check(args, &function, &created, checkpoint, distributed, &mut errors) {
                Some(request) if errors.is_empty() => write::expand::expand(&build::build(request, function)),
                Some(request) => stub::stub(build::build(request, function)),
                None => fallback::stub(function, name.as_ref(), &krate, yields, asynchronous, &created),
            };
            (original, generated)
        }
        Err(error) => {
            errors.push(error);
            (item, TokenStream::new())
        }
    };
    let errors = errors.into_compile_errors();
    [hints.unwrap_or_default(), original, generated, errors.unwrap_or_default()].into_iter().collect()
}
