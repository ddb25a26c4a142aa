//! The attribute macro of the crate [`parallelize`](https://docs.rs/parallelize), which documents it and is the one to depend on.
//!
//! Decides the order of the stages: `args` reads the attribute, `signature` the function, `validate` holds one against the other, `model` knows
//! what the twin is, `expand` writes it; `fallback` stands in where there were mistakes.
#![forbid(unsafe_code)]

mod args;
mod bounds;
mod callee;
mod calls;
mod docs;
mod errors;
mod expand;
mod fallback;
mod forward;
mod model;
mod names;
mod normalize;
mod returns;
mod signature;
mod types;
mod validate;

#[cfg(test)]
mod snapshots;

use errors::Errors;
use proc_macro2::TokenStream;
use validate::Yields;

#[allow(missing_docs)] // Documented where it is re-exported, in `parallelize`.
#[proc_macro_attribute]
pub fn parallelize(args: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    twin(args.into(), item.into()).into()
}

/// The function as it was, and beside it its twin or what is wrong with the attribute.
fn twin(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let args = args::parse(args, &mut errors);
    let (original, beside) = match signature::parse(item.clone()) {
        Ok(function) => {
            let (name, krate) = (args.name.clone(), args.krate.clone());
            let (yields, states) = (Yields::of(&args), args.states());
            let original = if function.over.is_empty() { item } else { signature::without_over(item) };
            let beside = match validate::validate(args, &function, &mut errors) {
                Some(request) if errors.is_empty() => expand::expand(&model::build(request, function)),
                Some(request) => expand::stub(model::build(request, function)),
                None => fallback::stub(function, name.as_ref(), krate.as_ref(), yields, &states),
            };
            (original, beside)
        }
        Err(error) => {
            errors.push(error);
            (item, TokenStream::new())
        }
    };
    let errors = errors.into_compile_errors();
    [original, beside, errors.unwrap_or_default()].into_iter().collect()
}
