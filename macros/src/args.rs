//! Decides what the attribute's own words say: `over = x, try_collect, threads = 4, name = g, ..`, not yet whether they fit the function.

use crate::errors::{Errors, did_you_mean, list};
use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Expr, ExprLit, ExprPath, Lit, Path, Token, parenthesized, token};

/// The options in the order in which messages list them.
const OPTIONS: [&str; 10] =
    ["over", "per_thread", "per_item", "try_collect", "skip_none", "catch_panics", "threads", "name", "call", "crate"];

/// The arguments of `#[parallelize(..)]`, each with the tokens it was written with.
#[derive(Default)]
pub(crate) struct Args {
    pub(crate) over: Option<Over>,
    pub(crate) per_thread: Option<Vec<State>>,
    pub(crate) per_item: Option<Vec<State>>,
    pub(crate) try_collect: Option<Ident>,
    pub(crate) skip_none: Option<Ident>,
    pub(crate) catch_panics: Option<Ident>,
    pub(crate) threads: Option<Expr>,
    pub(crate) name: Option<Ident>,
    pub(crate) call: Option<ExprPath>,
    /// The path, which is only written out again.
    pub(crate) krate: Option<TokenStream>,
}

/// `over = ..`
pub(crate) enum Over {
    Argument(Ident),
    /// `zip(x, y)`, with the word.
    Zip(Ident, Vec<Ident>),
    /// `product(x, y)`
    Product(Ident, Vec<Ident>),
    /// Something was written, and its mistake has been reported: nothing is to be said about `over` again.
    Broken,
}

/// `buf = expr` in `per_thread(..)` or `per_item(..)`.
pub(crate) struct State {
    pub(crate) argument: Ident,
    pub(crate) value: Expr,
}

impl Args {
    /// The arguments of the function that the twins do not have.
    pub(crate) fn states(&self) -> Vec<String> {
        let states = self.per_thread.iter().chain(&self.per_item).flatten();
        states.map(|state| state.argument.unraw().to_string()).collect()
    }

    /// After a mistake that was reported: where there is no `over`, it may have been meant for one, and is not to be reported as well.
    fn may_have_meant_over(&mut self) {
        self.over.get_or_insert(Over::Broken);
    }
}

/// Reads the arguments; what is wrong is reported to `errors`, and what is right is kept.
pub(crate) fn parse(tokens: TokenStream, errors: &mut Errors) -> Args {
    let mut args = Args::default();
    let parser = |input: ParseStream| {
        while !input.is_empty() {
            if let Err(error) = parse_option(input, &mut args, errors) {
                errors.push(error);
                args.may_have_meant_over();
                skip_to_comma(input)?;
            }
            if !input.is_empty() {
                let comma: Option<Token![,]> = input.parse()?;
                if comma.is_none() {
                    errors.at(input.span(), "a comma is missing before this option");
                }
            }
        }
        Ok(())
    };
    if let Err(error) = parser.parse2(tokens) {
        errors.push(error);
    }
    args
}

/// Reads one `key = value`.
fn parse_option(input: ParseStream, args: &mut Args, errors: &mut Errors) -> syn::Result<()> {
    let legal = OPTIONS.map(String::from);
    let Ok(key) = input.call(Ident::parse_any) else {
        return Err(input.error(format!("expected an option; the options are {}", list(&legal))));
    };
    let name = key.to_string();
    if !legal.contains(&name) {
        let hint = match &did_you_mean(&name, &legal)[..] {
            "" if args.over.is_none() && !input.peek(Token![=]) => {
                format!("; to map the argument `{name}`, write `over = {name}`")
            }
            hint => hint.to_owned(),
        };
        let message = format!("unknown option `{name}`; the options are {}{hint}", list(&legal));
        errors.on(&key, message);
        args.may_have_meant_over();
        return skip_to_comma(input);
    }
    let repeated = match name.as_str() {
        "over" => args.over.is_some(),
        "per_thread" => args.per_thread.is_some(),
        "per_item" => args.per_item.is_some(),
        "try_collect" => args.try_collect.is_some(),
        "skip_none" => args.skip_none.is_some(),
        "catch_panics" => args.catch_panics.is_some(),
        "threads" => args.threads.is_some(),
        "name" => args.name.is_some(),
        "call" => args.call.is_some(),
        _ => args.krate.is_some(),
    };
    if repeated {
        errors.on(&key, format!("`{name}` is given twice"));
        return skip_to_comma(input);
    }
    match name.as_str() {
        "over" => {
            // Set first: a mistake in the value is no missing `over`.
            args.over = Some(Over::Broken);
            args.over = Some(value(input, &key, "the name of an argument", "over = x", Over::parse)?);
        }
        "per_thread" => args.per_thread = Some(states(input, &key, "per_thread(buffer = Vec::new())")?),
        "per_item" => args.per_item = Some(states(input, &key, "per_item(rng = |i| Rng::new(i))")?),
        "try_collect" => args.try_collect = Some(flag(input, key)?),
        "skip_none" => args.skip_none = Some(flag(input, key)?),
        "catch_panics" => args.catch_panics = Some(flag(input, key)?),
        "threads" => args.threads = Some(threads(input, &key)?),
        "name" => args.name = Some(value(input, &key, "a name for the twin", "name = all_of_them", Ident::parse)?),
        "call" => args.call = Some(value(input, &key, "the path of the function", "call = Self::f", ExprPath::parse)?),
        _ => {
            let path = value(input, &key, "the path of the crate", "crate = path", Path::parse_mod_style)?;
            args.krate = Some(path.into_token_stream());
        }
    }
    Ok(())
}

/// Reads `= value`; `what` and `example` say what belongs there.
fn value<T>(
    input: ParseStream,
    key: &Ident,
    what: &str,
    example: &str,
    parse: fn(ParseStream) -> syn::Result<T>,
) -> syn::Result<T> {
    equals(input, key, what, example)?;
    if input.peek(Lit) {
        let literal: Lit = input.parse()?;
        let message = match &literal {
            Lit::Str(text) if text.parse_with(parse).is_ok() => {
                format!("write it without quotes: `{key} = {}`", text.value())
            }
            _ => format!("`{key}` takes {what}, not a literal: `{example}`"),
        };
        return Err(syn::Error::new_spanned(literal, message));
    }
    let span = input.span();
    let value = parse(input).map_err(|_| not_a_value(span, key, what, example))?;
    // With the name of the next option there is only a comma missing, which the caller reports.
    let is_next_option = input.peek(Ident::peek_any) && input.peek2(Token![=]);
    if input.is_empty() || input.peek(Token![,]) || is_next_option {
        Ok(value)
    } else {
        Err(not_a_value(span, key, what, example))
    }
}

/// Reads the equals sign, which has to have something behind it.
fn equals(input: ParseStream, key: &Ident, what: &str, example: &str) -> syn::Result<()> {
    if input.is_empty() || input.peek(Token![,]) {
        return Err(syn::Error::new_spanned(key, format!("`{key}` needs {what}: `{example}`")));
    }
    let Ok(equals) = input.parse::<Token![=]>() else {
        return Err(input.error(format!("write `{key}` with an equals sign: `{example}`")));
    };
    if input.is_empty() || input.peek(Token![,]) {
        let tokens = [key.to_token_stream(), equals.to_token_stream()].into_iter().collect::<TokenStream>();
        return Err(syn::Error::new_spanned(tokens, format!("`{key}` needs {what}: `{example}`")));
    }
    Ok(())
}

impl Over {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let name = input.call(Ident::parse_any)?;
        if !input.peek(token::Paren) {
            return Ok(Over::Argument(name));
        }
        let names;
        parenthesized!(names in input);
        let names = Punctuated::<Ident, Token![,]>::parse_terminated_with(&names, Ident::parse_any)?;
        let names = names.into_iter().collect();
        match name.to_string().as_str() {
            "zip" => Ok(Over::Zip(name, names)),
            "product" => Ok(Over::Product(name, names)),
            _ => Err(syn::Error::new_spanned(&name, "neither `zip` nor `product`")),
        }
    }
}

/// The arguments in parentheses, each with the expression that makes it.
fn states(input: ParseStream, key: &Ident, example: &str) -> syn::Result<Vec<State>> {
    if !input.peek(token::Paren) {
        return Err(syn::Error::new_spanned(key, format!("`{key}` names arguments and what makes them: `{example}`")));
    }
    let content;
    let parentheses = parenthesized!(content in input);
    let state = |input: ParseStream| {
        let argument = input.call(Ident::parse_any)?;
        let _: Token![=] = input.parse()?;
        Ok(State { argument, value: input.parse()? })
    };
    let span = content.span();
    let states = Punctuated::<State, Token![,]>::parse_terminated_with(&content, state)
        .map_err(|_| syn::Error::new(span, format!("`{key}` takes arguments and what makes them: `{example}`")))?;
    if states.is_empty() {
        return Err(syn::Error::new(parentheses.span.join(), format!("`{key}` names no argument: `{example}`")));
    }
    Ok(states.into_iter().collect())
}

/// An option that says all by its name.
fn flag(input: ParseStream, key: Ident) -> syn::Result<Ident> {
    if input.is_empty() || input.peek(Token![,]) {
        return Ok(key);
    }
    Err(input.error(format!("`{key}` takes no value: write `{key}`")))
}

/// A number of threads: any expression, of which only a literal can be wrong here.
fn threads(input: ParseStream, key: &Ident) -> syn::Result<Expr> {
    let (what, example) = ("a number of threads", "threads = 4");
    equals(input, key, what, example)?;
    let span = input.span();
    let number: Expr = input.parse().map_err(|_| not_a_value(span, key, what, example))?;
    match &number {
        Expr::Lit(ExprLit { lit: Lit::Int(literal), .. }) => match literal.base10_parse::<usize>() {
            Ok(0) => Err(syn::Error::new_spanned(literal, "`threads` counts the caller too, so at least 1")),
            Ok(_) => Ok(number),
            Err(_) => Err(not_a_value(span, key, what, example)),
        },
        Expr::Lit(_) => Err(not_a_value(span, key, what, example)),
        _ => Ok(number),
    }
}

fn not_a_value(span: Span, key: &Ident, what: &str, example: &str) -> syn::Error {
    syn::Error::new(span, format!("`{key}` takes {what}: `{example}`"))
}

/// Leaves the rest of a broken option unread, so that what follows it is still checked.
fn skip_to_comma(input: ParseStream) -> syn::Result<()> {
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<proc_macro2::TokenTree>()?;
    }
    Ok(())
}
