//! Parentheses for the invisible groups that a `macro_rules!` macro puts around its fragments.
//!
//! An `$expr` such as `a + b` is in an invisible group, so `$expr * 2` is `(a + b) * 2`. The
//! compiler ignores such groups in the tokens that an attribute returns (rust-lang/rust#67062), and
//! the same tokens would be `a + b * 2`. Any attribute could therefore change what the function
//! computes. Parentheses keep its meaning.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use syn::Expr;

/// Returns the tokens with parentheses instead of the invisible groups that need them.
pub(crate) fn parenthesize(tokens: TokenStream) -> TokenStream {
    changed(tokens.clone()).unwrap_or(tokens)
}

/// Returns the tokens if any group needs parentheses. Most functions have none.
fn changed(tokens: TokenStream) -> Option<TokenStream> {
    let mut tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut is_changed = false;
    for index in 0..tokens.len() {
        let TokenTree::Group(group) = &tokens[index] else { continue };
        // `doc = ".."` in an attribute looks like an expression.
        if group.delimiter() == Delimiter::Bracket && is_attribute(&tokens[..index]) {
            continue;
        }
        let inside = changed(group.stream());
        let needs = group.delimiter() == Delimiter::None && needs_parentheses(&tokens, index, group.stream());
        if needs || inside.is_some() {
            let delimiter = if needs { Delimiter::Parenthesis } else { group.delimiter() };
            let mut new = Group::new(delimiter, inside.unwrap_or_else(|| group.stream()));
            // Lints do not report parentheses of the macro.
            new.set_span(if needs { group.span().resolved_at(Span::mixed_site()) } else { group.span() });
            tokens[index] = TokenTree::Group(new);
            is_changed = true;
        }
    }
    is_changed.then(|| tokens.into_iter().collect())
}

/// Whether a neighbor of the group at `index` would take a part of its content.
fn needs_parentheses(tokens: &[TokenTree], index: usize, content: TokenStream) -> bool {
    let before = &tokens[..index];
    let next = tokens.get(index + 1);
    match Content::of(content) {
        Content::Tight => false,
        Content::Prefix => next.is_some_and(is_postfix),
        Content::Block => next.is_some_and(|next| !is_punct(next, ">") && (is_postfix(next) || is_operator(next))),
        Content::Loose => ends_with_operator(before) || next.is_some_and(|next| is_postfix(next) || is_operator(next)),
        Content::Bounds => follows_pointer(before),
    }
}

/// How much of the content of a group its neighbors can take.
enum Content {
    /// Nothing: `f(x)`, `a.b`.
    Tight,
    /// The operand of a prefix: `&x`, `-1`.
    Prefix,
    /// All of it, as a statement: `if a { b } else { c }`, `{ a }`.
    Block,
    /// An operand: `a + b`, `a as b`.
    Loose,
    /// The first of the bounds: `dyn A + B`.
    Bounds,
}

impl Content {
    fn of(content: TokenStream) -> Self {
        // An argument that went through several macros has several groups.
        if let [TokenTree::Group(group)] = &content.clone().into_iter().collect::<Vec<_>>()[..] {
            if group.delimiter() == Delimiter::None {
                return Content::of(group.stream());
            }
        }
        if content.clone().into_iter().next().is_some_and(|first| is_word(&first, &["dyn", "impl"])) {
            return Content::Bounds;
        }
        match syn::parse2(content) {
            Ok(Expr::Unary(_) | Expr::Reference(_) | Expr::RawAddr(_)) => Content::Prefix,
            Ok(Expr::Block(_) | Expr::If(_) | Expr::Loop(_) | Expr::Match(_) | Expr::Unsafe(_)) => Content::Block,
            Ok(Expr::Assign(_) | Expr::Binary(_) | Expr::Cast(_) | Expr::Closure(_) | Expr::Range(_)) => Content::Loose,
            _ => Content::Tight,
        }
    }
}

/// Whether the tokens end with `#` or `#!`.
fn is_attribute(tokens: &[TokenTree]) -> bool {
    match tokens {
        [.., first, last] if is_punct(last, "!") => is_punct(first, "#"),
        [.., last] => is_punct(last, "#"),
        [] => false,
    }
}

/// Whether the token continues an expression as `.method()`, `?`, `(..)` or `[..]` do.
fn is_postfix(token: &TokenTree) -> bool {
    match token {
        TokenTree::Group(group) => matches!(group.delimiter(), Delimiter::Parenthesis | Delimiter::Bracket),
        token => is_punct(token, ".?"),
    }
}

/// Whether the token may be an operator between two expressions.
fn is_operator(token: &TokenTree) -> bool {
    is_punct(token, "+-*/%^&|<>=!") || is_word(token, &["as"])
}

/// Whether the tokens end with an operator, which `=`, `->` and `=>` are not.
fn ends_with_operator(tokens: &[TokenTree]) -> bool {
    match tokens {
        [.., first, last] if is_punct(last, ">") => !is_punct(first, "-="),
        [.., first, last] if is_punct(last, "=") => is_punct(first, "=!<>"),
        [.., last] => is_punct(last, "+-*/%^&|<!"),
        [] => false,
    }
}

/// Whether the tokens end with `&`, `&'a`, `&mut` or `*const`, which take only one bound.
fn follows_pointer(tokens: &[TokenTree]) -> bool {
    match tokens {
        [.., quote, _lifetime] if is_punct(quote, "'") => true,
        [.., last] => is_punct(last, "&") || is_word(last, &["mut", "const"]),
        [] => false,
    }
}

fn is_punct(token: &TokenTree, letters: &str) -> bool {
    matches!(token, TokenTree::Punct(punct) if letters.contains(punct.as_char()))
}

fn is_word(token: &TokenTree, words: &[&str]) -> bool {
    matches!(token, TokenTree::Ident(ident) if words.iter().any(|word| ident == word))
}

#[cfg(test)]
mod tests {
    use super::parenthesize;
    use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

    /// Returns the tokens with an invisible group for each `$(..)`.
    fn grouped(tokens: TokenStream) -> TokenStream {
        let mut new: Vec<TokenTree> = Vec::new();
        for token in tokens {
            let TokenTree::Group(group) = token else {
                new.push(token);
                continue;
            };
            let is_invisible = new.last().is_some_and(|last| last.to_string() == "$");
            new.truncate(new.len() - usize::from(is_invisible));
            let delimiter = if is_invisible { Delimiter::None } else { group.delimiter() };
            new.push(Group::new(delimiter, grouped(group.stream())).into());
        }
        new.into_iter().collect()
    }

    #[track_caller]
    fn check(before: &str, after: &str) {
        let [before, after] = [before, after].map(|text| grouped(text.parse().expect("tokens")));
        let text = |tokens: TokenStream| tokens.to_string().replace(' ', "");
        assert_eq!(text(parenthesize(before)), text(after));
    }

    #[test]
    fn groups_that_a_neighbor_would_split() {
        check("$(1 + 1) * 2", "(1 + 1) * 2");
        check("2 * $(1 + 1)", "2 * (1 + 1)");
        check("x == $(a && b)", "x == (a && b)");
        check("!$(a && b)", "!(a && b)");
        check("-$(a as i32)", "-(a as i32)");
        check("$(-1).abs()", "(-1).abs()");
        check("$(&x)[0]", "(&x)[0]");
        check("$(1..2).rev()", "(1..2).rev()");
        check("$(a + b) as u8", "(a + b) as u8");
        check("$(a + b)?", "(a + b)?");
        check("$(|x| x)(1)", "(|x| x)(1)");
        check("$(if a { 1 } else { 2 }) + 1", "(if a { 1 } else { 2 }) + 1");
        check("$($(1 + 1)) * 2", "($(1 + 1)) * 2");
        check("&$(dyn A + B)", "&(dyn A + B)");
        check("&'a $(dyn A + B)", "&'a (dyn A + B)");
        check("&mut $(impl A + B)", "&mut (impl A + B)");
        check("[0; $(1 + 1) * 2]", "[0; (1 + 1) * 2]");
        check("vec![$(1 + 1) * 2]", "vec![(1 + 1) * 2]");
        check("{ let x = ($(1 + 1) * 2); }", "{ let x = ((1 + 1) * 2); }");
    }

    #[test]
    fn groups_that_stay() {
        for text in [
            "f($(1 + 1), $(-1))",
            "let x = $(1 + 1);",
            "match x { $(A | B), _ => $(1 + 1), }",
            "$(x) * $(f(y)).z",
            "fn f(x: $(&str)) -> $(Vec<u8>) $({ x })",
            "Vec<$(&str)>",
            "A::<$({ 1 })>",
            "#[$(doc = \"\")] #[cfg_attr(all(), $(doc = \"\"))] #![$(a = 1)]",
            "$(pub(crate)) fn $(f)() { $(let x = 1); }",
            "x - $(-1)",
            "Box<$(dyn A + B)>",
        ] {
            check(text, text);
        }
    }
}
