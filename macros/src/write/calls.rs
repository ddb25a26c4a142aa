//! Writing what the generated functions pass to the runtime: the input, and the function of one
//! item.

use crate::check::mapping::Mapping;
use crate::check::states::Creation;
use crate::model::generated::{Kind, Model, Parameter, Passing};
use crate::model::unnamed::unique;
use crate::read::names::{idents, mentions};
use crate::read::types::{behind_reference, is_mutable_reference, without_mut_reference};
use crate::write::returns;
use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{Pat, PatIdent};

/// Writes the input and the function of one item for one of the generated functions.
pub(crate) struct CallWriter<'model> {
    pub(crate) model: &'model Model,
    /// The path of the private API.
    pub(crate) private: &'model TokenStream,
    pub(crate) kind: Kind,
}

impl CallWriter<'_> {
    /// Writes the input: the one mapped parameter, or an iterator over several of them.
    pub(crate) fn input(&self) -> TokenStream {
        let CallWriter { model, private, .. } = self;
        let mapped = model.mapped();
        let names: Vec<&Ident> = mapped.iter().map(|parameter| &parameter.name).collect();
        let inputs: Vec<TokenStream> = mapped.iter().map(|parameter| self.input_of(parameter)).collect();
        let input = match &model.mapping {
            Mapping::One(_) => quote!(#(#inputs)*),
            Mapping::Zip(_) => {
                let (sides, items) = (nested(&inputs), nested(&names));
                let texts = names.iter().map(|name| name.unraw().to_string());
                quote!(#private::Zip::new(#sides, &[#(#texts),*], |#items| (#(#names),*)))
            }
            Mapping::Product(_) => {
                let clones: Vec<TokenStream> = mapped.iter().map(|parameter| self.clone_of_item(parameter)).collect();
                let later = names[1..].iter().zip(&clones[1..]);
                let sides =
                    nested(&later.map(|(name, clone)| quote!(#private::Side::new(#name, #clone))).collect::<Vec<_>>());
                let (first, clone, items) = (names[0], &clones[0], nested(&names[1..]));
                let name_list =
                    crate::errors::list(&names.iter().map(|name| name.unraw().to_string()).collect::<Vec<_>>());
                let first_items = quote!(::core::iter::IntoIterator::into_iter(#first));
                let product = quote!(#private::Product::new(#first_items, #clone, #sides, #name_list));
                let tuples = quote!(::core::iter::Iterator::map(#product, |(#first, #items)| (#(#names),*)));
                let items = if model.is_local() {
                    tuples
                } else {
                    let values = returns::values(model);
                    quote!({
                        use #private::{PassItems as _, OrNoItems as _};
                        (&#private::ItemsOf::<#values>::new()).__pass_items(#tuples)
                    })
                };
                quote!(#private::input(&#private::NoEvidence, #items))
            }
        };
        if model.is_indexed() { quote!(#private::Indexed::new(#input)) } else { input }
    }

    /// Writes the input of one mapped parameter, with evidence of its type if the signature has
    /// any: that the items are references.
    fn input_of(&self, parameter: &Parameter) -> TokenStream {
        let CallWriter { private, .. } = self;
        let Parameter { name, ty, .. } = parameter;
        let evidence = match behind_reference(ty) {
            None => quote!(#private::NoEvidence),
            Some(behind) => quote!({
                use #private::{KnownReferences as _, OrNoEvidence as _};
                (&#private::Behind::<#behind>::new()).__evidence_of_items()
            }),
        };
        quote!(#private::input(&#evidence, #name))
    }

    /// Writes the closure that clones an item of a product.
    fn clone_of_item(&self, parameter: &Parameter) -> TokenStream {
        let CallWriter { model, private, kind } = self;
        let (name, ty) = (&parameter.name, &parameter.ty);
        match kind {
            Kind::Eager => {
                let marker = marker(parameter, model);
                quote!(|#name: &#ty| #private::repeated::<#ty, #marker>(#name))
            }
            Kind::Lazy | Kind::Remote => quote! {
                |#name: &#ty| {
                    use #private::{Repeat as _, OrNeverRepeat as _};
                    (&#private::Repeated(#name)).__repeat_item()
                }
            },
        }
    }

    /// Writes the function of one item, with what it creates per thread or per item.
    pub(crate) fn function(&self, path: &TokenStream) -> TokenStream {
        let CallWriter { model, private, .. } = self;
        let per_thread = model.per_thread();
        let (states, index) = (self.own_name("__states"), self.own_name("__index"));
        let token = self.own_name("__token");
        let statements: Vec<TokenStream> =
            model.parameters.iter().filter_map(|parameter| self.create_for_item(parameter, &index)).collect();
        let value = |parameter: &Parameter| {
            let Parameter { name, ty, passing, .. } = parameter;
            match passing {
                Passing::Created(Creation::PerThread(_)) => {
                    let position = per_thread.iter().position(|state| state.name == *name).unwrap_or_default();
                    let position = syn::Index::from(position);
                    quote!(&mut #states.#position)
                }
                Passing::Created(Creation::Token) => self.token(parameter, &token),
                Passing::Created(Creation::PerItem(_)) if is_mutable_reference(ty) => quote!(&mut #name),
                Passing::Mapped => self.mapped(parameter),
                Passing::Created(Creation::PerItem(_)) => name.to_token_stream(),
                Passing::Shared | Passing::Cloned => self.fixed(parameter),
            }
        };
        let call = if model.lends_to_future() { self.call_in_future(path, value) } else { call(model, path, value) };
        let call = if statements.is_empty() { call } else { quote!({ #(#statements)* #call }) };
        let item = item_names(model);
        let item = if model.is_indexed() { quote!((#index, #item)) } else { item };
        let ty = if self.kind == Kind::Remote { returns::remote_item(model) } else { returns::item(model) };
        let types = returns::state_types(model);
        let has_states = !per_thread.is_empty();
        let create_states = if has_states { self.create_states(&per_thread) } else { quote!(|| ()) };
        if model.token().is_some() {
            let krate = &model.krate;
            let states = if has_states { states.to_token_stream() } else { quote!(_) };
            let parameters = quote!(#states: &mut (#(#types,)*), #token: &#krate::ItemToken, #item: #ty);
            quote!(#private::cancellable::<#has_states, _, _, _, _, _>(#create_states, move |#parameters| #call))
        } else if has_states {
            quote!(#private::per_thread(#create_states, move |#states: &mut (#(#types,)*), #item: #ty| #call))
        } else if model.asynchronous.is_some() && self.checkpoint().is_some() {
            // The call does not begin if its result is stored.
            let keeping = self.own_name("__keeping");
            let result = returns::nameable_result(model);
            quote! {
                move |#keeping: #private::Keeping<#result>, #item: #ty| #private::kept(#keeping.begin(|| #call))
            }
        } else {
            quote!(move |#item: #ty| #call)
        }
    }

    /// Writes a call that lends created values to the future that it returns. An outer future owns
    /// the values.
    ///
    /// The arguments are evaluated outside, because the outer future must own all that it uses.
    fn call_in_future(&self, path: &TokenStream, value: impl Fn(&Parameter) -> TokenStream) -> TokenStream {
        let CallWriter { model, .. } = self;
        let mut variables = Vec::new();
        let mut bind = |value: TokenStream| {
            let variable = self.own_name(&format!("__value{}", variables.len() + 1));
            variables.push(quote!(let #variable = #value;));
            variable.into_token_stream()
        };
        let receiver = receiver(model).map(&mut bind);
        let arguments = model.parameters.iter().map(|parameter| {
            let value = value(parameter);
            if parameter.is_lent() { value } else { bind(value) }
        });
        let call = call_of(model, path, receiver.into_iter().chain(arguments));
        quote!(#(#variables)* async move { #call.await })
    }

    /// Writes the value of a mapped parameter. In another process, the item owns what a reference
    /// refers to.
    fn mapped(&self, parameter: &Parameter) -> TokenStream {
        let CallWriter { private, kind, .. } = self;
        let name = &parameter.name;
        match (kind, behind_reference(&parameter.ty)) {
            (Kind::Remote, Some(behind)) => quote!(<#behind as #private::Receive>::of_owned(&#name)),
            _ => name.to_token_stream(),
        }
    }

    /// Writes the token of an item, `token`, for a parameter.
    ///
    /// If the parameter has another type, that is one error, for the same reason as in `fixed`.
    fn token(&self, parameter: &Parameter, token: &Ident) -> TokenStream {
        let CallWriter { model, private, kind } = self;
        let behind = behind_reference(&parameter.ty);
        match kind {
            Kind::Eager => {
                let marker = marker(parameter, model);
                quote!(#private::token::<#behind, #marker>(#token))
            }
            Kind::Lazy | Kind::Remote => quote!({
                use #private::{PassToken as _, OrNoToken as _};
                (&#private::TokenOf::<#behind>::new(#token)).__token_of_item()
            }),
        }
    }

    /// Writes the value of a fixed parameter for one call.
    ///
    /// `shared` and `cloned` get the type with its span in the signature. A type that cannot be
    /// shared is therefore one error, at that type, and its message names the parameter. The lazy
    /// version has no such check, because the compiler would report the error of both functions.
    fn fixed(&self, parameter: &Parameter) -> TokenStream {
        let CallWriter { model, private, kind } = self;
        let Parameter { name, ty, .. } = parameter;
        let marker = marker(parameter, model);
        if model.asynchronous.is_some() {
            return self.fixed_of_future(parameter, &marker);
        }
        match (behind_reference(ty), kind) {
            (_, Kind::Lazy | Kind::Remote) => quote!(#name.for_one_call()),
            (Some(behind), Kind::Eager) => quote!(#private::shared::<#behind, #marker>(#name)),
            (None, Kind::Eager) => quote!(#private::cloned::<#ty, #marker>(&#name)),
        }
    }

    /// Like `fixed`, for one call of an async function, whose future owns its clone.
    fn fixed_of_future(&self, parameter: &Parameter, marker: &Ident) -> TokenStream {
        let CallWriter { model, private, kind } = self;
        let Parameter { name, ty, .. } = parameter;
        match (behind_reference(ty), kind) {
            (Some(behind), Kind::Eager) if !model.is_local() => {
                quote!(#private::shared_by_futures::<#behind, #marker>(#name))
            }
            (Some(_), _) => name.to_token_stream(),
            (None, Kind::Eager) if model.is_local() => quote!(#private::cloned_here::<#ty, #marker>(&#name)),
            (None, Kind::Eager) => quote!(#private::cloned_sent::<#ty, #marker>(&#name)),
            (None, Kind::Lazy | Kind::Remote) => quote!({
                use #private::{Repeat as _, OrNeverRepeat as _};
                (&#private::Repeated(&#name)).__repeat_item()
            }),
        }
    }

    /// Writes the closure that creates the states of a thread.
    ///
    /// It owns copies of the fixed parameters that the expressions mention.
    fn create_states(&self, per_thread: &[&Parameter]) -> TokenStream {
        let expressions: Vec<&TokenStream> = per_thread
            .iter()
            .filter_map(|parameter| match &parameter.passing {
                Passing::Created(Creation::PerThread(expression)) => Some(expression),
                _ => None,
            })
            .collect();
        let types = returns::state_types(self.model);
        let (state, this) = (self.own_name("__state"), self.own_name("__this"));
        let values = expressions.iter().zip(types).map(|(expression, ty)| {
            let (rebindings, expression) = (self.rebindings(expression), replace_self(expression, &this));
            quote!({ #rebindings let #state: #ty = #expression; #state })
        });
        let all: TokenStream = expressions.iter().map(|expression| (*expression).clone()).collect();
        let copies = self
            .mentioned_fixed(&all)
            .map(|Parameter { name, .. }| quote!(let #name = ::core::clone::Clone::clone(&#name);));
        let receiver = self.receiver_for(&all).map(|value| quote!(let #this = #value;));
        quote!({ #receiver #(#copies)* move || (#(#values,)*) })
    }

    /// Writes the statement that creates a parameter for one item, if it is created per item.
    fn create_for_item(&self, parameter: &Parameter, index: &Ident) -> Option<TokenStream> {
        let Passing::Created(Creation::PerItem(closure)) = &parameter.passing else { return None };
        let CallWriter { private, .. } = self;
        let (name, ty) = (&parameter.name, without_mut_reference(&parameter.ty));
        let mutable = is_mutable_reference(&parameter.ty).then(|| quote!(mut));
        let this = self.own_name("__this");
        let receiver = self.receiver_for(closure).map(|value| quote!(let #this = #value;));
        let (rebindings, closure) = (self.rebindings(closure), replace_self(closure, &this));
        Some(quote!(let #mutable #name: #ty = { #receiver #rebindings #private::for_item::<#ty>(#index, #closure) };))
    }

    /// Returns the fixed parameters that an expression mentions.
    fn mentioned_fixed(&self, expression: &TokenStream) -> impl Iterator<Item = &Parameter> {
        let is_mentioned = |pat: &Pat| mentions(expression.clone(), &idents(pat.to_token_stream()));
        self.model.parameters.iter().filter(move |parameter| {
            matches!(parameter.passing, Passing::Shared | Passing::Cloned) && is_mentioned(&parameter.pat)
        })
    }

    /// Writes statements that rebind the fixed parameters that an expression mentions.
    ///
    /// The parameters of the generated function have the hygiene of the macro, so tokens of the
    /// user cannot refer to them. The new bindings have the names and patterns of the annotated
    /// function.
    fn rebindings(&self, expression: &TokenStream) -> TokenStream {
        let rebind = |parameter: &Parameter| {
            let (pat, value) = (&parameter.pat, self.fixed(parameter));
            let mut used = Vec::new();
            bindings(pat, &mut |pat| {
                let PatIdent { by_ref, mutability, ident, .. } = pat;
                let mutability = mutability.as_ref().filter(|_| by_ref.is_none());
                used.push(quote!(let _ = & #mutability #ident;));
            });
            // The expression may use a name only as that of a field, or only some names of a
            // pattern. The statements in `used` avoid warnings about unused variables.
            quote!(let #pat = #value; #(#used)*)
        };
        self.mentioned_fixed(expression).map(rebind).collect()
    }

    /// Returns a name for a variable of the macro that differs from the names of all parameters.
    ///
    /// Hygiene does not separate them, because parameters have the span of the macro as well.
    pub(crate) fn own_name(&self, name: &str) -> Ident {
        let is_parameter = |name: &str| self.model.parameters.iter().any(|parameter| parameter.name == name);
        Ident::new(&unique(name, is_parameter), Span::mixed_site())
    }

    /// Writes the value that replaces `self` in an expression, if the expression mentions `self`.
    fn receiver_for(&self, expression: &TokenStream) -> Option<TokenStream> {
        receiver(self.model).filter(|_| mentions(expression.clone(), &["self".to_owned()]))
    }
}

/// Writes nested pairs: `(a, (b, ()))`.
fn nested(values: &[impl ToTokens]) -> TokenStream {
    values.iter().rev().fold(quote!(()), |rest, value| quote!((#value, #rest)))
}

/// Replaces `self` in an expression by a variable of the macro.
///
/// A `self` in the tokens of the user does not refer to the `self` of the generated function.
fn replace_self(expression: &TokenStream, this: &Ident) -> TokenStream {
    let replace = |token: TokenTree| match token {
        TokenTree::Ident(name) if name == "self" => TokenTree::Ident(this.clone()),
        TokenTree::Group(group) => {
            let mut new = Group::new(group.delimiter(), replace_self(&group.stream(), this));
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
        // All cases bind the same names.
        Pat::Or(pat) => pat.cases.iter().take(1).for_each(|pat| bindings(pat, on)),
        _ => {}
    }
}

/// Writes one call of the annotated function, with the value that `value` returns per parameter.
pub(crate) fn call(model: &Model, function: &TokenStream, value: impl Fn(&Parameter) -> TokenStream) -> TokenStream {
    call_of(model, function, receiver(model).into_iter().chain(model.parameters.iter().map(value)))
}

/// Writes the value of `self` for one call, if the annotated function takes it.
pub(crate) fn receiver(model: &Model) -> Option<TokenStream> {
    let receiver = model.receiver.as_ref()?;
    let this = quote_spanned!(Span::mixed_site()=> self);
    Some(if receiver.is_cloned { quote!(::core::clone::Clone::clone(&#this)) } else { this })
}

/// Writes one call of the annotated function with these arguments.
fn call_of(model: &Model, function: &TokenStream, arguments: impl Iterator<Item = TokenStream>) -> TokenStream {
    let call = quote!(#function(#(#arguments),*));
    if model.is_unsafe { quote!(unsafe { #call }) } else { call }
}

/// Writes the pattern of the values of an item: a tuple for several mapped parameters.
pub(crate) fn item_names(model: &Model) -> TokenStream {
    let mapped = model.mapped();
    let names = mapped.iter().map(|parameter| &parameter.name);
    if mapped.len() == 1 { quote!(#(#names)*) } else { quote!((#(#names),*)) }
}

/// Writes the `static` with the memory of a generated function, and returns its name.
pub(crate) fn memory_of(model: &Model, private: &TokenStream) -> (TokenStream, Ident) {
    let name = format_ident!("__MEMORY_OF_{}", model.function.unraw(), span = Span::mixed_site());
    let path = path_of(model);
    (quote!(static #name: #private::Memory = #private::Memory::new(#path);), name)
}

/// Writes the path of the annotated function as a string constant.
pub(crate) fn path_of(model: &Model) -> TokenStream {
    let function = format!("::{}", model.function.unraw());
    quote!(::core::concat!(::core::module_path!(), #function))
}

/// Returns the marker type that names a parameter in error messages: `steps`, or
/// `steps_of_simulate`.
pub(crate) fn marker(parameter: &Parameter, model: &Model) -> Ident {
    match &model.marker_suffix {
        None => parameter.name.clone(),
        Some(suffix) => format_ident!("{}{suffix}", parameter.name, span = Span::mixed_site()),
    }
}

/// Returns the marker type that names the mapped parameters: `x`, or `x_and_y` for several.
pub(crate) fn item_marker(model: &Model) -> Ident {
    match &model.mapped()[..] {
        [one] => marker(one, model),
        several => {
            let names: Vec<String> = several.iter().map(|parameter| parameter.name.unraw().to_string()).collect();
            let name = names.join("_and_") + model.marker_suffix.as_deref().unwrap_or_default();
            let is_taken = |name: &str| model.marked().any(|parameter| marker(parameter, model) == name);
            Ident::new(&unique(&name, is_taken), Span::mixed_site())
        }
    }
}

/// Returns all marker types: one per parameter that has one, and one for several mapped parameters
/// together.
pub(crate) fn markers(model: &Model) -> impl Iterator<Item = Ident> {
    let together = (model.mapped().len() > 1).then(|| item_marker(model));
    model.marked().map(|parameter| marker(parameter, model)).chain(together)
}
