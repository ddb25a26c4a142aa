//! Reading the annotated function up to its body, and refusing items that are not functions.

use crate::read::future::{self, Future};
use crate::read::names::{Names, hash};
use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, format_ident};
use syn::buffer::Cursor;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Attribute, FnArg, Pat, PatType, Signature, Token, Visibility};

/// The parts of the annotated function that the generated functions depend on.
pub(crate) struct Function {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) sig: Signature,
    /// Each `#[over]`, with the index of its parameter, not counting `self`. `sig` no longer has
    /// them.
    pub(crate) over: Vec<(usize, Attribute)>,
    /// Each `#[over]` of `self`, which is a mistake.
    pub(crate) over_self: Vec<Attribute>,
    /// The names in the signature.
    pub(crate) names: Names,
    pub(crate) has_body: bool,
    /// How the function is async, if it is. The return type in `sig` is then that of the output.
    pub(crate) future: Option<Future>,
    /// A hash of all tokens of the function. It does not depend on their position in the file.
    pub(crate) hash: u64,
}

/// Reads the function without its body, so half-typed code in the body is not a mistake here.
pub(crate) fn parse(item: TokenStream) -> syn::Result<Function> {
    Function::parse.parse2(item)
}

impl Parse for Function {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let hash = hash(input.cursor());
        let attrs = input.call(Attribute::parse_outer)?;
        let vis: Visibility = input.parse()?;
        refuse_other_items(input)?;
        let start = input.cursor();
        let mut sig: Signature = input.parse()?;
        let (over, over_self) = take_over(&mut sig);
        let names = Names::between(start, input.cursor());
        let future = future::take(&mut sig);
        let has_body = !input.peek(Token![;]);
        // Skips the body, because syn would report unread tokens.
        input.step(|_| Ok(((), Cursor::empty())))?;
        Ok(Function { attrs, vis, sig, over, over_self, names, has_body, future, hash })
    }
}

/// Removes every `#[over]` from the parameters, and returns those of parameters and those of
/// `self`.
fn take_over(sig: &mut Signature) -> (Vec<(usize, Attribute)>, Vec<Attribute>) {
    let take = |attrs: &mut Vec<Attribute>| {
        let (found, others) = std::mem::take(attrs).into_iter().partition(|attr| attr.path().is_ident("over"));
        *attrs = others;
        found
    };
    let (mut over, mut over_self) = (Vec::new(), Vec::new());
    let mut index = 0;
    for input in &mut sig.inputs {
        match input {
            FnArg::Typed(parameter) => {
                let found: Vec<Attribute> = take(&mut parameter.attrs);
                over.extend(found.into_iter().map(|attr| (index, attr)));
                index += 1;
            }
            FnArg::Receiver(receiver) => over_self = take(&mut receiver.attrs),
        }
    }
    (over, over_self)
}

/// Returns the function without the `#[over]`s of its parameters, with all other tokens unchanged.
pub(crate) fn without_over(item: TokenStream) -> TokenStream {
    let strip = |tokens: TokenStream| {
        let mut kept: Vec<TokenTree> = Vec::new();
        for token in tokens {
            let is_over = matches!(&token, TokenTree::Group(group)
                if group.delimiter() == Delimiter::Bracket && starts_with_over(group.stream()));
            let follows_hash = matches!(kept.last(), Some(TokenTree::Punct(punct)) if punct.as_char() == '#');
            if is_over && follows_hash {
                kept.pop();
            } else {
                kept.push(token);
            }
        }
        kept.into_iter().collect()
    };
    let in_parentheses = |token: TokenTree| match token {
        // The parameters. Other parentheses before the body, such as `pub(crate)`, hold no
        // attributes.
        TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis => {
            let mut new = Group::new(Delimiter::Parenthesis, strip(group.stream()));
            new.set_span(group.span());
            TokenTree::Group(new)
        }
        other => other,
    };
    item.into_iter().map(in_parentheses).collect()
}

/// Whether the tokens in the brackets of an attribute are those of `#[over]`, and not of a path
/// such as `#[over::other]`.
fn starts_with_over(attribute: TokenStream) -> bool {
    let mut tokens = attribute.into_iter();
    match tokens.next() {
        Some(TokenTree::Ident(ident)) => {
            ident == "over" && !matches!(tokens.next(), Some(TokenTree::Punct(punct)) if punct.as_char() == ':')
        }
        // The invisible group that a `macro_rules!` macro puts around a `$meta`.
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::None => starts_with_over(group.stream()),
        _ => false,
    }
}

/// Reports an item that is not a function. Without this, syn would report only "expected `fn`".
fn refuse_other_items(input: ParseStream) -> syn::Result<()> {
    let Some(keyword) = item_keyword(input.cursor()) else {
        return Ok(());
    };
    let (item, advice) = match keyword.to_string().as_str() {
        "fn" => return Ok(()),
        "impl" if is_trait_impl(input.cursor()) => ("an `impl` of a trait", "annotate the method in the trait"),
        "impl" => ("an `impl` block", "annotate the functions in it"),
        "trait" => ("a trait", "annotate the functions in it"),
        "mod" => ("a module", "annotate the functions in it"),
        "struct" => ("a struct", "annotate a function"),
        "enum" => ("an enum", "annotate a function"),
        "union" => ("a union", "annotate a function"),
        "static" => ("a static", "annotate a function"),
        "type" => ("a type alias", "annotate a function"),
        "use" => ("an import", "annotate the function where it is defined"),
        "macro_rules" => ("a macro", "annotate the function in it"),
        "extern" => ("an `extern` item", "wrap the foreign function in one of your own, and annotate that"),
        "const" => ("a constant", "annotate a function"),
        _ => ("something else", "move this code into a `fn`, and annotate that"),
    };
    let message = format!("`#[parallelize]` works on functions only, and this is {item}: {advice}");
    Err(syn::Error::new(keyword.span(), message))
}

/// Whether the tokens between `impl` and the block contain the `for` of a trait implementation.
fn is_trait_impl(mut cursor: Cursor) -> bool {
    let mut before = String::new();
    while let Some((token, rest)) = cursor.token_tree() {
        match &token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => return false,
            // `for <` begins a type such as `for<'a> fn(&'a T)`, unless it follows a `>`, as in
            // `impl Trait<T> for <T as Other>::Type`.
            TokenTree::Ident(ident)
                if ident == "for"
                    && (rest.punct().is_none_or(|(punct, _)| punct.as_char() != '<') || before == ">") =>
            {
                return true;
            }
            _ => {}
        }
        before = token.to_string();
        cursor = rest;
    }
    false
}

/// Returns the keyword that names the kind of the item: for a function `fn`, after its qualifiers.
fn item_keyword(mut cursor: Cursor) -> Option<Ident> {
    let mut qualifier: Option<Ident> = None;
    loop {
        if let Some((ident, rest)) = cursor.ident() {
            if !["const", "async", "unsafe", "safe", "extern"].iter().any(|qualifier| ident == qualifier) {
                // For `const NAME` and `extern crate`, the first word names the kind of the item.
                let is_item = |qualifier: &Ident| ident != "fn" && (qualifier == "const" || qualifier == "extern");
                return Some(qualifier.filter(is_item).unwrap_or(ident));
            }
            (qualifier, cursor) = (Some(ident), rest);
        } else if let Some((_, rest)) = cursor.literal() {
            // The name of an ABI, as in `extern "C"`.
            cursor = rest;
        } else {
            return qualifier;
        }
    }
}

impl Function {
    /// Returns the parameters except `self`.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = &PatType> {
        self.sig.inputs.iter().filter_map(|input| match input {
            FnArg::Typed(parameter) => Some(parameter),
            FnArg::Receiver(_) => None,
        })
    }

    /// Returns the parameters as messages show them: their names, or their patterns as written.
    pub(crate) fn parameter_names(&self) -> Vec<String> {
        self.parameters()
            .map(|parameter| {
                name_of(&parameter.pat).map_or_else(|| parameter.pat.to_token_stream().to_string(), Ident::to_string)
            })
            .collect()
    }

    /// Whether the function is certainly in a trait or an `impl`, because it has a receiver or
    /// mentions `Self`.
    pub(crate) fn is_associated(&self) -> bool {
        self.sig.receiver().is_some() || self.names.contains("Self")
    }

    /// Returns the default name of the parallel function: `f_parallel` for `f`.
    pub(crate) fn parallel_name(&self) -> Ident {
        format_ident!("{}_parallel", self.sig.ident)
    }
}

/// Returns the name of the lazy version: `f_parallel_iter` for `f_parallel`.
pub(crate) fn lazy_name(eager: &Ident) -> Ident {
    format_ident!("{}_iter", eager)
}

/// Returns the name of a parameter, if its pattern is a name.
pub(crate) fn name_of(pat: &Pat) -> Option<&Ident> {
    match pat {
        Pat::Ident(pat) => Some(&pat.ident),
        _ => None,
    }
}

/// Whether `name`, as written in the attribute, means the parameter `ident`.
///
/// In `over = type`, the name means the parameter `r#type`.
pub(crate) fn same_name(name: &Ident, ident: &Ident) -> bool {
    name.unraw() == ident.unraw()
}
