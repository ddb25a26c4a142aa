//! Whether a function is async: by that word, or by the type of the future that it returns.

use crate::read::types::{copy, first_argument, last_segment, peel, type_argument_of};
use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{GenericArgument, PathArguments, ReturnType, Signature, Type, TypeParamBound};

/// How a function is async.
#[derive(Clone, Copy)]
pub(crate) struct Future {
    /// The word `async`, or the type of the future.
    pub(crate) span: Span,
    pub(crate) form: Form,
}

/// What the signature says about the future.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// `async fn`: the compiler finds out from the body whether the future is `Send`.
    AsyncFn,
    /// `impl Future` without `Send`: the same.
    ImplFuture,
    /// `dyn Future` without `Send`, which is never `Send`.
    Unsent,
    /// A type that says that it is `Send`.
    Sent,
}

/// Returns how the function is async, or `None` if it is not.
///
/// If the function returns a future, the output of the future replaces the return type. What the
/// macro knows about results then holds for async functions as well.
pub(crate) fn take(sig: &mut Signature) -> Option<Future> {
    if let Some(word) = &sig.asyncness {
        return Some(Future { span: word.span(), form: Form::AsyncFn });
    }
    let ReturnType::Type(_, ty) = &mut sig.output else { return None };
    let (form, output) = output(ty)?;
    let span = ty.span();
    **ty = output;
    Some(Future { span, form })
}

/// Returns the output of a future: the `T` of `impl Future<Output = T>`, of
/// `Pin<Box<dyn Future<Output = T>>>` and of `BoxFuture<'_, T>`.
fn output(ty: &Type) -> Option<(Form, Type)> {
    match peel(ty) {
        Type::ImplTrait(ty) => of_bounds(ty.bounds.iter(), Form::ImplFuture),
        Type::TraitObject(ty) => of_bounds(ty.bounds.iter(), Form::Unsent),
        Type::Path(_) => {
            let segment = last_segment(ty)?;
            match segment.ident.to_string().as_str() {
                "Pin" => output(type_argument_of(first_argument(segment)?, "Box")?),
                "BoxFuture" => Some((Form::Sent, copy(first_argument(segment)?)?)),
                "LocalBoxFuture" => Some((Form::Unsent, copy(first_argument(segment)?)?)),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Returns the output of a future with these bounds, which is `otherwise` if no bound is `Send`.
fn of_bounds<'bound>(
    bounds: impl Iterator<Item = &'bound TypeParamBound> + Clone,
    otherwise: Form,
) -> Option<(Form, Type)> {
    let mut traits = bounds.filter_map(|bound| match bound {
        TypeParamBound::Trait(bound) => bound.path.segments.last(),
        _ => None,
    });
    let is_sent = traits.clone().any(|segment| segment.ident == "Send");
    let future = traits.find(|segment| segment.ident == "Future")?;
    let PathArguments::AngleBracketed(arguments) = &future.arguments else { return None };
    let output = arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::AssocType(assoc) if assoc.ident == "Output" => copy(&assoc.ty),
        _ => None,
    })?;
    Some((if is_sent { Form::Sent } else { otherwise }, output))
}

#[cfg(test)]
mod tests {
    use super::{Form, output};
    use quote::ToTokens;

    #[test]
    fn outputs_of_futures() {
        let cases = [
            ("impl Future<Output = u32>", Form::ImplFuture, "u32"),
            ("impl std::future::Future<Output = Vec<u8>> + Send + use<'a>", Form::Sent, "Vec < u8 >"),
            ("Pin<Box<dyn Future<Output = ()> + 'a>>", Form::Unsent, "()"),
            ("::core::pin::Pin<Box<dyn Future<Output = u32> + ::core::marker::Send>>", Form::Sent, "u32"),
            ("Pin<Box<(dyn Future<Output = impl Display> + Send)>>", Form::Sent, "impl Display"),
            ("BoxFuture<'_, u32>", Form::Sent, "u32"),
            ("futures::future::LocalBoxFuture<'a, Result<u32, E>>", Form::Unsent, "Result < u32 , E >"),
        ];
        for (text, expected_form, expected) in cases {
            let ty = syn::parse_str(text).expect("a type");
            let (form, output) = output(&ty).expect(text);
            assert!(form == expected_form, "{text}");
            assert_eq!(output.to_token_stream().to_string(), expected);
        }
        for text in ["u32", "Pin<&mut Self>", "Box<dyn Fn() -> u32>", "impl IntoFuture<Output = u32>", "Future<u32>"] {
            assert!(output(&syn::parse_str(text).expect("a type")).is_none(), "{text}");
        }
    }
}
