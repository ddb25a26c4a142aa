//! Checking whether the results of a function can be kept in a checkpoint.

use crate::check::mapping::Mapping;
use crate::errors::Errors;
use crate::read::args::Args;
use crate::read::code;
use crate::read::function::Function;
use crate::read::types::{copy, is_mutable_reference, may_borrow, returned_type, type_argument_of};
use proc_macro2::TokenStream;
use syn::PatType;

/// What the generated code must know of a function whose results can be kept in a checkpoint.
#[derive(Clone, Copy)]
pub(crate) struct Checkpoint {
    /// The version that the user has given, or 0.
    pub(crate) version: u64,
    /// A hash of the code of the function.
    pub(crate) code: u64,
}

impl Checkpoint {
    /// Describes the function, or returns `None` without the option.
    pub(crate) fn of(args: &Args, item: &TokenStream) -> Option<Self> {
        let version = args.checkpoint?;
        Some(Checkpoint { version, code: code::hash(item.clone(), args.code()) })
    }
}

/// Refuses results that borrow, and mapped parameters that are written to.
pub(crate) fn check_checkpoint(function: &Function, mapping: &Mapping, errors: &mut Errors) {
    let name = &function.sig.ident;
    // Errors are not kept.
    let result = returned_type(&function.sig.output);
    if let Some(ty) = result.map(|ty| type_argument_of(ty, "Result").unwrap_or(ty)) {
        if copy(ty).is_some_and(|mut ty| may_borrow(&mut ty)) {
            errors.on(
                ty,
                format!(
                    "`checkpoint` keeps the results of `{name}` for later runs of the program, so they cannot borrow: \
                     return a type that owns its data"
                ),
            );
        }
    }
    let names = function.parameter_names();
    for (index, PatType { ty, .. }) in function.parameters().enumerate() {
        if mapping.parameters().contains(&index) && is_mutable_reference(ty) {
            let parameter = &names[index];
            errors.on(
                ty,
                format!(
                    "`checkpoint` keeps only what `{name}` returns, and not what it writes to `{parameter}`: \
                     return the new value"
                ),
            );
        }
    }
}

#[cfg(all(test, feature = "checkpoint"))]
mod tests {
    use super::Checkpoint;
    use crate::errors::Errors;
    use crate::read::args;

    #[test]
    fn the_order_of_mapped_parameters_counts() {
        let item = "fn f(x: u32, y: u32) -> u32 { x - y }".parse().expect("tokens");
        let code = |over: &str| {
            let words = format!("over = {over}, checkpoint").parse().expect("tokens");
            let args = args::parse(words, &["x".to_owned(), "y".to_owned()], &mut Errors::default());
            Checkpoint::of(&args, &item).expect("the option").code
        };
        assert_ne!(code("product(x, y)"), code("product(y, x)"));
        assert_eq!(code("product(x, y)"), code("zip(x, y)"));
    }
}
