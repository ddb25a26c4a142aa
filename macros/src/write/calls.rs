//! Decides what the twins hand to the runtime: the input, and a function of one item, with the fixed arguments and what is made for it.

use crate::check::mapping::Mapping;
use crate::check::states::Made;
use crate::model::generated::{Argument, Kind, Model, Passing};
use crate::model::unnamed::unique;
use crate::read::names::mentions;
use crate::read::types::{behind_any_mut, behind_reference, is_mutable_reference};
use crate::write::returns;
use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{Pat, PatIdent};

/// What the tokens of a twin's values depend on.
pub(crate) struct Values<'model> {
    pub(crate) model: &'model Model,
    pub(crate) private: &'model TokenStream,
    pub(crate) kind: Kind,
}

impl Values<'_> {
    /// The input: that of the mapped argument, or of several together.
    pub(crate) fn input(&self) -> TokenStream {
        let Values { model, private, .. } = self;
        let mapped = model.mapped();
        let names: Vec<&Ident> = mapped.iter().map(|argument| &argument.name).collect();
        let iter = |name: &Ident| quote!(::core::iter::IntoIterator::into_iter(#name));
        let input = match &model.mapping {
            Mapping::One(_) if !model.is_indexed() => return quote!(#(#names)*),
            Mapping::One(_) => iter(names[0]),
            Mapping::Zip(_) => {
                let sides = nested(&names.iter().map(|name| iter(name)).collect::<Vec<_>>());
                let (items, said) = (nested(&names), names.iter().map(|name| name.unraw().to_string()));
                let zip = quote!(#private::Zip::new(#sides, &[#(#said),*]));
                quote!(::core::iter::Iterator::map(#zip, |#items| (#(#names),*)))
            }
            Mapping::Product(_) => {
                let clones: Vec<TokenStream> = mapped.iter().map(|argument| self.clone_of_item(argument)).collect();
                let later = names[1..].iter().zip(&clones[1..]);
                let sides =
                    nested(&later.map(|(name, clone)| quote!(#private::Side::new(#name, #clone))).collect::<Vec<_>>());
                let (first, clone, items) = (iter(names[0]), &clones[0], nested(&names[1..]));
                let said = crate::errors::list(&names.iter().map(|name| name.unraw().to_string()).collect::<Vec<_>>());
                let product = quote!(#private::Product::new(#first, #clone, #sides, #said));
                let first = names[0];
                quote!(::core::iter::Iterator::map(#product, |(#first, #items)| (#(#names),*)))
            }
        };
        if model.is_indexed() { quote!(::core::iter::Iterator::enumerate(#input)) } else { input }
    }

    /// A closure that makes another of an item.
    fn clone_of_item(&self, argument: &Argument) -> TokenStream {
        let Values { model, private, kind } = self;
        let (name, ty) = (&argument.name, &argument.ty);
        match kind {
            Kind::Eager => {
                let marker = marker(argument, model);
                quote!(|#name: &#ty| #private::repeated::<#ty, #marker>(#name))
            }
            Kind::Lazy => quote! {
                |#name: &#ty| {
                    use #private::{Repeat as _, OrNeverRepeat as _};
                    (&#private::Repeated(#name)).repeat()
                }
            },
        }
    }

    /// The function of one item.
    pub(crate) fn function(&self, path: &TokenStream) -> TokenStream {
        let Values { model, private, .. } = self;
        let per_thread = model.per_thread();
        let (states, index) = (self.ours("__states"), self.ours("__index"));
        let made: Vec<TokenStream> =
            model.arguments.iter().filter_map(|argument| self.made_for_item(argument, &index)).collect();
        let call = call(model, path, |argument| {
            let Argument { name, ty, passing, .. } = argument;
            match passing {
                Passing::Made(Made::PerThread(_)) => {
                    let position = per_thread.iter().position(|state| state.name == *name).unwrap_or_default();
                    let position = syn::Index::from(position);
                    quote!(&mut #states.#position)
                }
                Passing::Made(Made::PerItem(_)) if is_mutable_reference(ty) => quote!(&mut #name),
                Passing::Mapped | Passing::Made(Made::PerItem(_)) => name.to_token_stream(),
                Passing::Shared | Passing::Cloned => self.fixed(argument),
            }
        });
        let call = if made.is_empty() { call } else { quote!({ #(#made)* #call }) };
        let names: Vec<&Ident> = model.mapped().iter().map(|argument| &argument.name).collect();
        let item = if names.len() == 1 { quote!(#(#names)*) } else { quote!((#(#names),*)) };
        let item = if model.is_indexed() { quote!((#index, #item)) } else { item };
        let ty = returns::item(model);
        if per_thread.is_empty() {
            return quote!(move |#item: #ty| #call);
        }
        let types = returns::state_types(model);
        let maker = self.make(&per_thread);
        quote!(#private::per_thread(#maker, move |#states: &mut (#(#types,)*), #item: #ty| #call))
    }

    /// A fixed argument for one call. Through `shared` and `cloned`, with the types as they stand in the signature, a type that cannot be shared is one
    /// error, at that type, which names the argument. The lazy twin leaves that to the eager one: of both the compiler would show both.
    fn fixed(&self, argument: &Argument) -> TokenStream {
        let Values { model, private, kind } = self;
        let Argument { name, ty, .. } = argument;
        let marker = marker(argument, model);
        match (behind_reference(ty), kind) {
            (_, Kind::Lazy) => quote!(#name.for_one_call()),
            (Some(behind), Kind::Eager) => quote!(#private::shared::<#behind, #marker>(#name)),
            (None, Kind::Eager) => quote!(#private::cloned::<#ty, #marker>(&#name)),
        }
    }

    /// A closure that makes the states of a thread, with its own copies of the fixed arguments that it mentions.
    fn make(&self, per_thread: &[&Argument]) -> TokenStream {
        let expressions: Vec<&TokenStream> = per_thread
            .iter()
            .filter_map(|argument| match &argument.passing {
                Passing::Made(Made::PerThread(expression)) => Some(expression),
                _ => None,
            })
            .collect();
        let types = returns::state_types(self.model);
        let (state, this) = (self.ours("__state"), self.ours("__this"));
        let values = expressions.iter().zip(types).map(|(expression, ty)| {
            let (seen, expression) = (self.seen(expression), with_this(expression, &this));
            quote!({ #seen let #state: #ty = #expression; #state })
        });
        let all: TokenStream = expressions.iter().map(|expression| (*expression).clone()).collect();
        let copies =
            self.mentioned(&all).map(|Argument { name, .. }| quote!(let #name = ::core::clone::Clone::clone(&#name);));
        let receiver = self.this(&all).map(|value| quote!(let #this = #value;));
        quote!({ #receiver #(#copies)* move || (#(#values,)*) })
    }

    /// The statement that makes an argument for an item.
    fn made_for_item(&self, argument: &Argument, index: &Ident) -> Option<TokenStream> {
        let Passing::Made(Made::PerItem(closure)) = &argument.passing else { return None };
        let Values { private, .. } = self;
        let (name, ty) = (&argument.name, behind_any_mut(&argument.ty));
        let mutable = is_mutable_reference(&argument.ty).then(|| quote!(mut));
        let this = self.ours("__this");
        let receiver = self.this(closure).map(|value| quote!(let #this = #value;));
        let (seen, closure) = (self.seen(closure), with_this(closure, &this));
        Some(quote!(let #mutable #name: #ty = { #receiver #seen #private::for_item::<#ty>(#index, #closure) };))
    }

    /// The fixed arguments that an expression mentions.
    fn mentioned(&self, expression: &TokenStream) -> impl Iterator<Item = &Argument> {
        let is_mentioned = |pat: &Pat| mentions(expression.clone(), &idents(pat.to_token_stream()));
        self.model.arguments.iter().filter(move |argument| {
            matches!(argument.passing, Passing::Shared | Passing::Cloned) && is_mentioned(&argument.pat)
        })
    }

    /// The statements through which an expression sees the fixed arguments that it mentions, under the names that the function has for them: tokens of
    /// the user's do not see ours.
    fn seen(&self, expression: &TokenStream) -> TokenStream {
        let see = |argument: &Argument| {
            let (pat, value) = (&argument.pat, self.fixed(argument));
            let mut used = Vec::new();
            bindings(pat, &mut |pat| {
                let PatIdent { by_ref, mutability, ident, .. } = pat;
                let mutability = mutability.as_ref().filter(|_| by_ref.is_none());
                used.push(quote!(let _ = & #mutability #ident;));
            });
            // A name may be that of a field, and of a pattern not all names need to be mentioned: those are used too.
            quote!(let #pat = #value; #(#used)*)
        };
        self.mentioned(expression).map(see).collect()
    }

    /// A name of the macro's own. An argument's is too, as far as the compiler sees.
    fn ours(&self, name: &str) -> Ident {
        let is_argument = |name: &str| self.model.arguments.iter().any(|argument| argument.name == name);
        Ident::new(&unique(name, is_argument), Span::mixed_site())
    }

    /// What `self` is in an expression that mentions it.
    fn this(&self, expression: &TokenStream) -> Option<TokenStream> {
        let receiver = self.model.receiver.as_ref().filter(|_| mentions(expression.clone(), &["self".to_owned()]))?;
        let this = quote_spanned!(Span::mixed_site()=> self);
        Some(if receiver.is_cloned { quote!(::core::clone::Clone::clone(&#this)) } else { this })
    }
}

/// `(a, (b, ()))`
fn nested(values: &[impl ToTokens]) -> TokenStream {
    values.iter().rev().fold(quote!(()), |rest, value| quote!((#value, #rest)))
}

/// The expression with our name in place of `self`, which in the user's tokens is not the twin's.
fn with_this(expression: &TokenStream, this: &Ident) -> TokenStream {
    let replace = |token: TokenTree| match token {
        TokenTree::Ident(name) if name == "self" => TokenTree::Ident(this.clone()),
        TokenTree::Group(group) => {
            let mut new = Group::new(group.delimiter(), with_this(&group.stream(), this));
            new.set_span(group.span());
            TokenTree::Group(new)
        }
        other => other,
    };
    expression.clone().into_iter().map(replace).collect()
}

/// Visits the names that a pattern binds.
fn bindings(pat: &Pat, on: &mut dyn FnMut(&PatIdent)) {
    match pat {
        Pat::Ident(pat) => {
            on(pat);
            if let Some((_, pat)) = &pat.subpat {
                bindings(pat, on);
            }
        }
        Pat::Paren(pat) => bindings(&pat.pat, on),
        Pat::Reference(pat) => bindings(&pat.pat, on),
        Pat::Type(pat) => bindings(&pat.pat, on),
        Pat::Slice(pat) => pat.elems.iter().for_each(|pat| bindings(pat, on)),
        Pat::Tuple(pat) => pat.elems.iter().for_each(|pat| bindings(pat, on)),
        Pat::TupleStruct(pat) => pat.elems.iter().for_each(|pat| bindings(pat, on)),
        Pat::Struct(pat) => pat.fields.iter().for_each(|field| bindings(&field.pat, on)),
        // Each of the cases binds the same names.
        Pat::Or(pat) => pat.cases.iter().take(1).for_each(|pat| bindings(pat, on)),
        _ => {}
    }
}

/// All names in the tokens.
fn idents(tokens: TokenStream) -> Vec<String> {
    let names = |token: TokenTree| match token {
        TokenTree::Ident(name) => vec![name.to_string()],
        TokenTree::Group(group) => idents(group.stream()),
        _ => Vec::new(),
    };
    tokens.into_iter().flat_map(names).collect()
}

/// One call of the function, its arguments being what `value` makes of them.
pub(crate) fn call(model: &Model, function: &TokenStream, value: impl Fn(&Argument) -> TokenStream) -> TokenStream {
    let receiver = model.receiver.iter().map(|receiver| {
        let this = quote_spanned!(Span::mixed_site()=> self);
        if receiver.is_cloned { quote!(::core::clone::Clone::clone(&#this)) } else { this }
    });
    let values = receiver.chain(model.arguments.iter().map(value));
    let call = quote!(#function(#(#values),*));
    if model.is_unsafe { quote!(unsafe { #call }) } else { call }
}

/// The type that stands for an argument in error messages: `steps`, or `steps_of_simulate`.
fn marker(argument: &Argument, model: &Model) -> Ident {
    match &model.marker_suffix {
        None => argument.name.clone(),
        Some(suffix) => format_ident!("{}{suffix}", argument.name, span = Span::mixed_site()),
    }
}

/// The type that stands for the mapped parameters: `x`, or `x_and_y` for several.
pub(crate) fn item_marker(model: &Model) -> Ident {
    match &model.mapped()[..] {
        [one] => marker(one, model),
        several => {
            let names: Vec<String> = several.iter().map(|argument| argument.name.unraw().to_string()).collect();
            let suffix = model.marker_suffix.as_deref().unwrap_or_default();
            format_ident!("{}{suffix}", names.join("_and_"), span = Span::mixed_site())
        }
    }
}

/// All that the checks need: one for each argument that the twins have, and one for several mapped arguments together.
pub(crate) fn markers(model: &Model) -> impl Iterator<Item = Ident> {
    let together = (model.mapped().len() > 1).then(|| item_marker(model));
    model.taken().map(|argument| marker(argument, model)).chain(together)
}
