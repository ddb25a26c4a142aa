//! Naming the annotated function in the generated functions, so that they cannot call another one.

use crate::model::generated::{Callee, Model};
use crate::model::unnamed::unique;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::{GenericParam, PathArguments};

/// The tokens that name the annotated function.
pub(crate) struct CalleeName {
    /// The path of the function, as the body of a generated function calls it.
    pub(crate) path: TokenStream,
    /// The import that the body needs before the call.
    pub(crate) import: Option<TokenStream>,
    /// The name of the guard constant, which is next to the generated functions.
    pub(crate) guard: Option<Ident>,
}

impl CalleeName {
    pub(crate) fn of(model: &Model) -> Self {
        let function = &model.function;
        let turbofish = turbofish(model);
        match &model.callee {
            Callee::Free { hash } => CalleeName::guarded(model, *hash, turbofish.as_ref()),
            Callee::Associated => CalleeName { path: quote!(Self::#function #turbofish), import: None, guard: None },
            Callee::Path(path) => {
                let last = path.path.segments.last();
                let is_open = last.is_some_and(|segment| matches!(segment.arguments, PathArguments::None));
                let turbofish = turbofish.filter(|_| is_open);
                CalleeName { path: quote!(#path #turbofish), import: None, guard: None }
            }
        }
    }

    /// Writes the guard constant, and `items` inside of it.
    pub(crate) fn guard_with(&self, items: &TokenStream) -> Option<TokenStream> {
        let constant = self.guard.as_ref()?;
        let value = if items.is_empty() { quote!(()) } else { quote!({ #items }) };
        Some(quote!(#[doc(hidden)] const #constant: () = #value;))
    }

    /// Names a function that seems to be a free one, and guards against an associated one.
    ///
    /// An associated function with neither `self` nor `Self` in its signature looks like a free
    /// function, and its name alone may mean another function. The generated functions therefore
    /// import the function together with a constant that is next to them. Items of an `impl` block
    /// cannot be imported, so there the import is one error, which shows the name of the constant.
    fn guarded(model: &Model, hash: u64, turbofish: Option<&TokenStream>) -> Self {
        let function = &model.function;
        // With the hash, the name differs from the constant of another function of that name, which
        // may be outside of the `impl` block.
        let advice = match model.distributed {
            None => "write_call_equals_Self",
            Some(_) => "annotate_a_free_function_that_calls_Self",
        };
        let constant = format!("__in_an_impl_block_{advice}_{}_{:04x}", function.unraw(), hash & 0xffff);
        let constant = Ident::new(&constant, Span::mixed_site());
        // An import must not have the name of a parameter, because it would hide the parameter.
        let is_parameter = |name: &str| model.parameters.iter().any(|parameter| parameter.name == name);
        // Clippy reports an import that removes the word from a name (`unsafe_removed_from_name`).
        let is_called_unsafe = function.to_string().to_lowercase().contains("unsafe");
        let alias = |name: &str| {
            let name = if is_called_unsafe { format!("{name}_unsafe") } else { name.to_owned() };
            Ident::new(&unique(&name, is_parameter), Span::mixed_site())
        };
        let unused = if is_called_unsafe { alias("__guard").into_token_stream() } else { quote!(_) };
        if BUILT_IN.iter().any(|name| function == name) {
            let import = Some(quote!(use #constant as #unused;));
            return CalleeName { path: quote!(#function #turbofish), import, guard: Some(constant) };
        }
        let original = alias("__original");
        let mut imported = function.clone();
        if !is_parameter(&function.to_string()) {
            // With a span of the macro, the path is one of its edition: in edition 2015, paths of
            // imports begin at the root of the crate. But it would mean a parameter of that name.
            imported.set_span(function.span().resolved_at(Span::mixed_site()));
        }
        CalleeName {
            path: quote!(#original #turbofish),
            // The constant is first, because of two errors at one place the compiler shows the
            // first.
            import: Some(quote!(use {#constant as #unused, #imported as #original};)),
            guard: Some(constant),
        }
    }
}

/// The names of built-in attributes, and of built-in macros that are not stable.
///
/// An import of a function with such a name would mean the attribute as well, which is an error.
/// The function is called by its name instead; an associated function is then two errors.
///
/// Source: the list of built-in attributes in the Rust reference, and the built-in macros of core.
const BUILT_IN: [&str; 62] = [
    "allow",
    "automatically_derived",
    "bench",
    "cfg",
    "cfg_accessible",
    "cfg_attr",
    "cfg_eval",
    "cold",
    "concat_bytes",
    "concat_idents",
    "crate_name",
    "crate_type",
    "debugger_visualizer",
    "define_opaque",
    "deny",
    "deprecated",
    "deref",
    "derive",
    "derive_const",
    "diagnostic",
    "doc",
    "expect",
    "export_name",
    "feature",
    "forbid",
    "format_args_nl",
    "global_allocator",
    "ignore",
    "inline",
    "instruction_set",
    "link",
    "link_name",
    "link_ordinal",
    "link_section",
    "log_syntax",
    "macro_export",
    "macro_use",
    "must_use",
    "naked",
    "no_builtins",
    "no_implicit_prelude",
    "no_link",
    "no_main",
    "no_mangle",
    "no_std",
    "non_exhaustive",
    "panic_handler",
    "path",
    "pattern_type",
    "proc_macro",
    "proc_macro_attribute",
    "proc_macro_derive",
    "recursion_limit",
    "repr",
    "should_panic",
    "target_feature",
    "test",
    "test_case",
    "trace_macros",
    "track_caller",
    "type_ascribe",
    "warn",
];

/// Returns `::<T, N>` with the type and const parameters, if the annotated function has any.
///
/// If the caller gives them in angle brackets, the annotated function may have no other way to
/// infer them.
fn turbofish(model: &Model) -> Option<TokenStream> {
    let generic_parameters: Vec<&Ident> = (model.generics.params.iter())
        .filter_map(|generic_parameter| match generic_parameter {
            GenericParam::Type(generic_parameter) => Some(&generic_parameter.ident),
            GenericParam::Const(generic_parameter) => Some(&generic_parameter.ident),
            GenericParam::Lifetime(_) => None,
        })
        .collect();
    (!generic_parameters.is_empty()).then(|| quote!(::<#(#generic_parameters),*>))
}
