//! Reading the options of the attribute: `over = x, try_collect, threads = 4, name = g, ..`.
//!
//! Whether the options fit the function is checked later, in `check/`.

use crate::errors::{Errors, did_you_mean, list};
use crate::read::values::{
    Progress, checkpoint, distributed, equals, expression, flag, in_flight, not_a_value, progress, read_to_end,
    skip_to_comma, threads, value,
};
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Expr, ExprPath, Path, Token, parenthesized, token};

/// The options in the order in which messages list them.
const OPTIONS: [&str; 16] = [
    "over",
    "per_thread",
    "per_item",
    "cancel",
    "try_collect",
    "skip_none",
    "catch_panics",
    "threads",
    "in_flight",
    "local",
    "progress",
    "checkpoint",
    "distributed",
    "name",
    "call",
    "crate",
];

/// The examples in messages about `per_thread` and `per_item`.
const PER_THREAD: &str = "per_thread(buffer = Vec::new())";
const PER_ITEM: &str = "per_item(rng = |i| Rng::new(i))";

/// The options of `#[parallelize(..)]`, each with its tokens, at which errors are reported.
#[derive(Default)]
pub(crate) struct Args {
    /// The words of all options that could be read.
    pub(crate) words: Vec<Ident>,
    pub(crate) over: Option<Over>,
    pub(crate) per_thread: Option<Vec<State>>,
    pub(crate) per_item: Option<Vec<State>>,
    /// The parameter that gets the token of the item.
    pub(crate) cancel: Option<Ident>,
    /// Whether `per_thread`, `per_item` or `cancel` could not be read well enough to know its
    /// parameters.
    pub(crate) has_broken_states: bool,
    pub(crate) try_collect: Option<Ident>,
    pub(crate) skip_none: Option<Ident>,
    pub(crate) catch_panics: Option<Ident>,
    pub(crate) threads: Option<Expr>,
    /// The maximum number of calls of an async function that are under way at a time.
    pub(crate) in_flight: Option<Expr>,
    /// Whether the future of an async function may stay on one thread.
    pub(crate) local: Option<Ident>,
    pub(crate) progress: Option<Progress>,
    /// The version of the function, if its results can be kept in a checkpoint.
    pub(crate) checkpoint: Option<u64>,
    /// Whether items may run in other processes.
    pub(crate) distributed: Option<Ident>,
    pub(crate) name: Option<Ident>,
    pub(crate) call: Option<ExprPath>,
    /// The path of the runtime crate. It stays tokens, because the macro only copies it.
    pub(crate) krate: Option<TokenStream>,
}

/// The value of `over = ..`.
pub(crate) enum Over {
    /// `x`
    Parameter(Ident),
    /// `zip(x, y)`: the word `zip` and the names.
    Zip(Ident, Vec<Ident>),
    /// `product(x, y)`: the word `product` and the names.
    Product(Ident, Vec<Ident>),
    /// Text with a mistake that has been reported, so no other message about `over` may follow.
    Broken,
}

/// `buffer = expression` in `per_thread(..)` or `per_item(..)`.
pub(crate) struct State {
    pub(crate) parameter: Ident,
    /// `None` after a mistake.
    pub(crate) value: Option<Expr>,
}

impl Args {
    /// Returns the names of the parameters that the generated functions create themselves.
    pub(crate) fn created(&self) -> impl Iterator<Item = &Ident> {
        let states = self.per_thread.iter().chain(&self.per_item).flatten();
        states.map(|state| &state.parameter).chain(&self.cancel)
    }

    /// Returns the tokens that count as code of the function, because its results depend on them.
    ///
    /// What creates an argument for each item or thread does. So does the path in `call`, because
    /// it may be all that tells two `impl` blocks apart, and the order of several mapped
    /// parameters, which is that of the values in an item.
    pub(crate) fn code(&self) -> impl Iterator<Item = TokenStream> {
        let states = self.per_thread.iter().chain(&self.per_item).flatten();
        let mapped = match &self.over {
            Some(Over::Zip(_, names) | Over::Product(_, names)) => quote!(#(#names)*),
            _ => TokenStream::new(),
        };
        states.map(|state| state.value.to_token_stream()).chain([self.call.to_token_stream(), mapped])
    }

    /// Returns the word of the option of that name, if the option is given.
    pub(crate) fn word(&self, option: &str) -> Option<&Ident> {
        self.words.iter().find(|word| *word == option)
    }

    /// Returns the path of the runtime crate.
    pub(crate) fn krate(&self) -> TokenStream {
        self.krate.clone().unwrap_or_else(|| quote!(::parallelize))
    }

    /// Marks a missing `over` as broken, so that it is not reported as well.
    ///
    /// For use after a reported mistake, because the user may have meant `over` there.
    fn may_have_meant_over(&mut self) {
        self.over.get_or_insert(Over::Broken);
    }
}

/// Reads the options, reports mistakes to `errors`, and returns the options that could be read.
///
/// `names` are the names of the function's parameters, for suggestions.
pub(crate) fn parse(tokens: TokenStream, names: &[String], errors: &mut Errors) -> Args {
    let mut args = Args::default();
    let parser = |input: ParseStream| {
        while !input.is_empty() {
            if let Err(error) = parse_option(input, &mut args, names, errors) {
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

/// Reads one option: `key`, `key = value` or `key(..)`.
fn parse_option(input: ParseStream, args: &mut Args, names: &[String], errors: &mut Errors) -> syn::Result<()> {
    let options = OPTIONS.map(String::from);
    let Ok(key) = input.call(Ident::parse_any) else {
        return Err(input.error(format!("expected an option; the options are {}", list(&options))));
    };
    let name = key.to_string();
    if !options.contains(&name) {
        let hint = match (&did_you_mean(&name, &options)[..], &args.over) {
            ("", None) if maps_several(&name) => format!("; to map several parameters, write `over = {name}(x, y)`"),
            ("", None) if !input.peek(Token![=]) => format!("; to map the parameter `{name}`, write `over = {name}`"),
            (_, Some(Over::Parameter(first))) if names.contains(&name) => {
                let hint = format!(
                    "; to map several parameters, write `over = zip({first}, {name})` \
                     or `over = product({first}, {name})`"
                );
                args.over = Some(Over::Broken);
                hint
            }
            (hint, _) => hint.to_owned(),
        };
        let message = format!("unknown option `{name}`; the options are {}{hint}", list(&options));
        errors.on(&key, message);
        args.may_have_meant_over();
        return skip_to_comma(input);
    }
    if args.word(&name).is_some() {
        errors.on(&key, format!("`{name}` is given twice"));
        return skip_to_comma(input);
    }
    match name.as_str() {
        "over" => {
            // Set first, so that a mistake in the value is not also reported as a missing `over`.
            args.over = Some(Over::Broken);
            args.over = Some(Over::parse(input, &key)?);
        }
        "per_thread" => {
            args.per_thread = Some(parse_states(input, &key, PER_THREAD, &mut args.has_broken_states, errors)?);
        }
        "per_item" => args.per_item = Some(parse_states(input, &key, PER_ITEM, &mut args.has_broken_states, errors)?),
        "cancel" => {
            let was_broken = std::mem::replace(&mut args.has_broken_states, true);
            args.cancel = Some(value(input, &key, "the name of a parameter", "cancel = token", Ident::parse_any)?);
            args.has_broken_states = was_broken;
        }
        "try_collect" => args.try_collect = Some(flag(input, key.clone())?),
        "skip_none" => args.skip_none = Some(flag(input, key.clone())?),
        "catch_panics" => args.catch_panics = Some(flag(input, key.clone())?),
        "threads" => args.threads = Some(threads(input, &key)?),
        "in_flight" => args.in_flight = Some(in_flight(input, &key)?),
        "local" => args.local = Some(flag(input, key.clone())?),
        "progress" => args.progress = Some(progress(input, &key)?),
        "checkpoint" => args.checkpoint = Some(checkpoint(input, &key)?),
        "distributed" => args.distributed = Some(distributed(input, &key)?),
        "name" => {
            args.name =
                Some(value(input, &key, "a name for the generated function", "name = all_of_them", Ident::parse)?);
        }
        "call" => args.call = Some(value(input, &key, "the path of the function", "call = Self::f", ExprPath::parse)?),
        _ => {
            let path = value(input, &key, "the path of the crate", "crate = path", Path::parse_mod_style)?;
            args.krate = Some(path.into_token_stream());
        }
    }
    args.words.push(key);
    Ok(())
}

impl Over {
    fn parse(input: ParseStream, key: &Ident) -> syn::Result<Self> {
        let (what, example) = ("the name of a parameter", "over = x");
        if !(input.peek(Token![=]) && input.peek2(Ident::peek_any) && input.peek3(token::Paren)) {
            if input.peek(Token![=]) && (input.peek2(token::Paren) || input.peek2(token::Bracket)) {
                equals(input, key, what, example)?;
                let message = "`over` takes the name of a parameter, `over = x`, or of several, \
                               `over = zip(x, y)` or `over = product(x, y)`";
                return Err(input.error(message));
            }
            return value(input, key, what, example, |input| Ok(Over::Parameter(input.call(Ident::parse_any)?)));
        }
        equals(input, key, what, example)?;
        let word = input.call(Ident::parse_any)?;
        let content;
        let parentheses = parenthesized!(content in input);
        let names = Punctuated::<Ident, Token![,]>::parse_terminated_with(&content, Ident::parse_any);
        read_to_end(&content);
        if !maps_several(&word.to_string()) {
            let hint = did_you_mean(&word.to_string(), &["zip", "product"].map(String::from));
            let message = format!("`{word}` is not a way to map several parameters: write `zip` or `product`{hint}");
            return Err(syn::Error::new_spanned(&word, message));
        }
        let names = names.map_err(|error| {
            let message = format!("`{word}` takes the names of parameters: `over = {word}(x, y)`");
            syn::Error::new(error.span(), message)
        })?;
        if names.is_empty() {
            let message = format!("`{word}` needs the names of parameters: `over = {word}(x, y)`");
            return Err(syn::Error::new(parentheses.span.join(), message));
        }
        let names = names.into_iter().collect();
        Ok(if word == "zip" { Over::Zip(word, names) } else { Over::Product(word, names) })
    }
}

/// Whether the word says how to map several parameters.
fn maps_several(word: &str) -> bool {
    word == "zip" || word == "product"
}

/// Reads the parameters in parentheses, each with the expression that creates it.
///
/// After a mistake in an expression, the name of its parameter is returned nevertheless.
fn parse_states(
    input: ParseStream,
    key: &Ident,
    example: &str,
    is_broken: &mut bool,
    errors: &mut Errors,
) -> syn::Result<Vec<State>> {
    // Set until the end is reached, because each return before the end is a mistake.
    let was_broken = std::mem::replace(is_broken, true);
    if !input.peek(token::Paren) {
        let message = format!("`{key}` takes parameters and their values in parentheses: `{example}`");
        return Err(syn::Error::new_spanned(key, message));
    }
    let content;
    let parentheses = parenthesized!(content in input);
    if content.is_empty() {
        return Err(syn::Error::new(
            parentheses.span.join(),
            format!("`{key}` needs a parameter and its value: `{example}`"),
        ));
    }
    let mut states = Vec::new();
    while !content.is_empty() {
        let span = content.span();
        let Ok(parameter) = content.call(Ident::parse_any) else {
            errors.at(span, format!("`{key}` takes parameters and their values: `{example}`"));
            read_to_end(&content);
            return Ok(states);
        };
        let value = parse_state_value(&content, key, &parameter).map_err(|error| errors.push(error)).ok();
        states.push(State { parameter, value });
        skip_to_comma(&content)?;
        let _: Option<Token![,]> = content.parse()?;
    }
    // All names are known, so a mistake in a value leaves no doubt about which parameters are
    // created.
    *is_broken = was_broken;
    Ok(states)
}

/// Reads `= value`, where the value is the expression or the closure that creates the parameter.
fn parse_state_value(input: ParseStream, key: &Ident, parameter: &Ident) -> syn::Result<Expr> {
    let (what, example) = if key == "per_thread" {
        ("an expression", format!("{parameter} = Vec::new()"))
    } else {
        ("a closure of the item's index", format!("{parameter} = |i| .."))
    };
    equals(input, parameter, what, &example)?;
    let span = input.span();
    let value = expression(input).map_err(|_| not_a_value(span, parameter, what, &example))?;
    if input.is_empty() || input.peek(Token![,]) {
        Ok(value)
    } else {
        Err(input.error("a comma is missing before this"))
    }
}
