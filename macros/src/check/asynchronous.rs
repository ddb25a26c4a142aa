//! Checking what is different for async functions, whose calls wait in one task.

use crate::errors::Errors;
use crate::read::args::Args;
use crate::read::function::Function;
use crate::read::future::{Form, Future};
use crate::read::types::last_segment;
use proc_macro2::{Ident, Span};
use syn::ReturnType;

/// What is different in the generated functions of an async function.
#[derive(Clone, Copy)]
pub(crate) struct Async {
    /// The word `async`, or the type of the future.
    pub(crate) span: Span,
    /// Whether the futures may stay on one thread, because of the option `local`.
    pub(crate) is_local: bool,
}

impl Async {
    /// Returns what is different, or `None` if the function is not async.
    pub(crate) fn of(args: &Args, function: &Function) -> Option<Self> {
        function.future.map(|Future { span, .. }| Async { span, is_local: args.local.is_some() })
    }
}

/// Refuses options about threads if the function is async, and options about calls that wait if it
/// is not.
pub(crate) fn check_async_options(args: &Args, function: &Function, eager: &Ident, errors: &mut Errors) {
    let name = &function.sig.ident;
    if function.future.is_none() {
        let alias = if may_be_alias(&function.sig.output) {
            "; if its return type is another name of a future, write `BoxFuture<'_, ..>` instead"
        } else {
            ""
        };
        // One error, although both options may be given: the function lacks the word `async`.
        match (args.word("in_flight"), args.word("local")) {
            (Some(in_flight), _) => errors.on(
                in_flight,
                format!(
                    "`in_flight` is for async functions, and `{name}` is not async: \
                     to limit the threads, write `threads = 4`; \
                     to limit the results that a stream holds, call `{eager}_iter(..).in_flight(n)`{alias}"
                ),
            ),
            (None, Some(local)) => errors.on(
                local,
                format!(
                    "`local` is for async functions, and `{name}` is not async: \
                     its calls run on several threads{alias}"
                ),
            ),
            (None, None) => {}
        }
        return;
    }
    let advice = [
        (
            "threads",
            "so there are no threads to limit; to limit the calls that are under way at a time, write `in_flight = 4`",
        ),
        ("per_thread", "so nothing is created per thread; `per_item` creates a value for each call"),
        ("cancel", "and a call that is not needed is dropped at its next `.await`; remove `cancel` and the parameter"),
    ];
    for (option, advice) in advice {
        if let Some(word) = args.word(option) {
            errors.on(word, format!("`{name}` is async: its calls wait in one task, {advice}"));
        }
    }
}

/// Returns whether a return type may be another name of a future, which the macro does not see.
fn may_be_alias(output: &ReturnType) -> bool {
    const KNOWN: [&str; 6] = ["Box", "Option", "Result", "Self", "String", "Vec"];
    let ReturnType::Type(_, ty) = output else { return false };
    last_segment(ty).is_some_and(|segment| {
        let name = segment.ident.to_string();
        name.starts_with(char::is_uppercase) && !KNOWN.contains(&name.as_str())
    })
}

/// Refuses a future that may not be sent to another thread, as far as the signature tells.
pub(crate) fn check_future(args: &Args, function: &Function, errors: &mut Errors) {
    let Some(Future { span, form }) = function.future.filter(|_| args.local.is_none()) else { return };
    let name = &function.sig.ident;
    let is_required = !function.has_body && (function.is_associated() || args.call.is_some());
    let message = match form {
        Form::AsyncFn if is_required => format!(
            "the compiler cannot tell whether the future of an `async fn` without a body is `Send`: \
             write `fn {name}(..) -> impl Future<Output = ..> + Send`, \
             or add `local` for futures that stay on one thread"
        ),
        Form::ImplFuture if is_required => format!(
            "the compiler cannot tell whether the future of `{name}` is `Send`: \
             write `impl Future<Output = ..> + Send`, or add `local` for futures that stay on one thread"
        ),
        Form::Unsent => format!(
            "the future of `{name}` is not `Send`: \
             write `dyn Future<Output = ..> + Send` or `BoxFuture`, or add `local` for futures that stay on one thread"
        ),
        Form::AsyncFn | Form::ImplFuture | Form::Sent => return,
    };
    errors.at(span, message);
}
