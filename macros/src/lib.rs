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
mod editor;
mod errors;
mod expand;
mod fallback;
mod forward;
mod made;
mod mapped;
mod model;
mod names;
mod normalize;
mod returns;
mod signature;
mod types;
mod validate;
mod values;

#[cfg(test)]
mod snapshots;

use errors::Errors;
use proc_macro2::TokenStream;
use signature::Function;
use validate::Yields;

#[allow(missing_docs)] // Documented where it is re-exported, in `parallelize`.
#[proc_macro_attribute]
pub fn parallelize(args: proc_macro::TokenStream, item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    twin(args.into(), item.into()).into()
}

/// The function as it was, and beside it its twin or what is wrong with the attribute.
fn twin(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let function = signature::parse(item.clone());
    let names = function.as_ref().map(Function::argument_names).unwrap_or_default();
    let tokens = editor::asks().then(|| args.clone());
    let args = args::parse(args, &names, &mut errors);
    let hints =
        tokens.map(|tokens| editor::hints(&tokens, &expand::krate_at(args.krate.as_ref()), function.as_ref().ok()));
    let (original, beside) = match function {
        Ok(function) => {
            let (name, krate) = (args.name.clone(), args.krate.clone());
            let (yields, made) = (Yields::of(&args), made::made(&args, &function));
            let has_over = !function.over.is_empty() || !function.over_self.is_empty();
            let original = if has_over { signature::without_over(item) } else { item };
            let beside = match validate::validate(args, &function, &made, &mut errors) {
                Some(request) if errors.is_empty() => expand::expand(&model::build(request, function)),
                Some(request) => expand::stub(model::build(request, function)),
                None => fallback::stub(function, name.as_ref(), krate.as_ref(), yields, &made),
            };
            (original, beside)
        }
        Err(error) => {
            errors.push(error);
            (item, TokenStream::new())
        }
    };
    let errors = errors.into_compile_errors();
    [hints.unwrap_or_default(), original, beside, errors.unwrap_or_default()].into_iter().collect()
}
