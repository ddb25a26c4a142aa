//! Decides whether the annotated item is a function, and takes it apart as far as its signature; the body stays tokens.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, format_ident};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Attribute, FnArg, Pat, PatType, ReturnType, Signature, Token, Type, Visibility};

/// The annotated function, as much of it as a twin depends on.
pub(crate) struct Function {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) sig: Signature,
    pub(crate) has_body: bool,
}

/// Reads the function; its body is not looked at, so half-typed code in it is no mistake here.
pub(crate) fn parse(item: TokenStream) -> syn::Result<Function> {
    Function::parse.parse2(item)
}

impl Parse for Function {
    fn parse(input: ParseStream) -> syn::Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let vis: Visibility = input.parse()?;
        refuse_other_items(input)?;
        let sig = input.parse()?;
        let has_body = !input.peek(Token![;]);
        input.parse::<TokenStream>()?;
        Ok(Function { attrs, vis, sig, has_body })
    }
}

/// Says what the item is where it is no function; syn alone would say "expected `fn`".
fn refuse_other_items(input: ParseStream) -> syn::Result<()> {
    let Ok(keyword) = input.fork().call(Ident::parse_any) else {
        return Ok(());
    };
    let (item, advice) = match keyword.to_string().as_str() {
        "impl" => ("an `impl` block", "annotate the functions in it"),
        "trait" => ("a trait", "annotate the functions in it"),
        "mod" => ("a module", "annotate the functions in it"),
        "struct" => ("a struct", "annotate a function"),
        "enum" => ("an enum", "annotate a function"),
        "union" if !input.peek2(Token![!]) => ("a union", "annotate a function"),
        "static" => ("a static", "annotate a function"),
        "const" if !is_function(input) => ("a constant", "annotate a function"),
        "type" => ("a type alias", "annotate a function"),
        "use" => ("an import", "annotate the function where it is defined"),
        "macro_rules" => ("a macro", "annotate the function in it"),
        "extern" if !is_function(input) => {
            ("an `extern` item", "wrap the foreign function in one of your own, and annotate that")
        }
        _ => return Ok(()),
    };
    let message = format!("only a function has a parallel twin, and this is {item}: {advice}");
    Err(syn::Error::new(keyword.span(), message))
}

/// Whether nothing but qualifiers stands before `fn`.
fn is_function(input: ParseStream) -> bool {
    let rest: TokenStream = input.fork().parse().unwrap_or_default();
    let after_qualifiers = rest.into_iter().find(|token| match token {
        TokenTree::Ident(ident) => {
            !["const", "async", "unsafe", "safe", "extern"].iter().any(|qualifier| ident == qualifier)
        }
        // The name of an ABI.
        TokenTree::Literal(_) => false,
        TokenTree::Group(_) | TokenTree::Punct(_) => true,
    });
    matches!(after_qualifiers, Some(TokenTree::Ident(ident)) if ident == "fn")
}

impl Function {
    /// The arguments besides `self`.
    pub(crate) fn arguments(&self) -> impl Iterator<Item = &PatType> {
        self.sig.inputs.iter().filter_map(|input| match input {
            FnArg::Typed(argument) => Some(argument),
            FnArg::Receiver(_) => None,
        })
    }

    /// What the arguments are called in messages: their names, or their patterns as they stand.
    pub(crate) fn argument_names(&self) -> Vec<String> {
        self.arguments()
            .map(|argument| {
                name_of(&argument.pat).map_or_else(|| argument.pat.to_token_stream().to_string(), Ident::to_string)
            })
            .collect()
    }

    /// Whether the function is certainly in a trait or an `impl`: it mentions `self` or `Self`.
    pub(crate) fn is_associated(&self) -> bool {
        mentions(self.sig.to_token_stream(), |name| name == "Self" || name == "self")
    }

    /// `f_parallel` for `f`, where the attribute says nothing else.
    pub(crate) fn twin_name(&self) -> Ident {
        format_ident!("{}_parallel", self.sig.ident)
    }
}

/// The name an argument binds as a whole, if its pattern is a name.
pub(crate) fn name_of(pat: &Pat) -> Option<&Ident> {
    match pat {
        Pat::Ident(pat) => Some(&pat.ident),
        _ => None,
    }
}

/// Whether `name`, as written in the attribute, means the argument `ident`: `over = type` may mean `r#type`.
pub(crate) fn same_name(name: &Ident, ident: &Ident) -> bool {
    name.unraw() == ident.unraw()
}

/// The type without the parentheses and the invisible groups that a `macro_rules!` macro puts around it.
pub(crate) fn peel(mut ty: &Type) -> &Type {
    loop {
        ty = match ty {
            Type::Paren(inner) => &inner.elem,
            Type::Group(inner) => &inner.elem,
            _ => return ty,
        }
    }
}

/// The type a function returns, or nothing where that is `()`, written or not.
pub(crate) fn returned(output: &ReturnType) -> Option<&Type> {
    match output {
        ReturnType::Default => None,
        ReturnType::Type(_, ty) => match peel(ty) {
            Type::Tuple(tuple) if tuple.elems.is_empty() => None,
            _ => Some(ty),
        },
    }
}

/// Whether a name that fulfils `is` is mentioned anywhere in `tokens`.
pub(crate) fn mentions(tokens: TokenStream, is: impl Fn(&str) -> bool + Copy) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => is(&ident.to_string()),
        TokenTree::Group(group) => mentions(group.stream(), is),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}
