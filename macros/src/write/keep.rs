//! Writing the function of one item so that a checkpoint can keep its results.

use crate::check::checkpoint::Checkpoint;
use crate::model::generated::{Callee, Kind, Model, Parameter, Passing};
use crate::model::paths::{respan, span_of};
use crate::read::function::name_of;
use crate::read::names::mentions;
use crate::read::types::{behind_reference, last_segment};
use crate::write::calls::{CallWriter, item_marker, marker, path_of, receiver};
use crate::write::returns;
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::GenericParam;
use syn::ext::IdentExt;

// Input:
//     #[parallelize(over = x, checkpoint(version = 2))]
//     fn simulate(x: f64, steps: u32, table: &Table) -> f64 { .. }
//
// Output in the lazy version, with shortened paths:
//     keyed::<f64, x, f64, Whole, _, _>(
//         {
//             let steps = Clone::clone(&steps);
//             let table = Clone::clone(&table);
//             move || SweepKey::new(concat!(module_path!(), "::simulate"), 0x0c1d, 2)
//                 .of_function(type_name_of_val(&__original))
//                 .with::<u32, steps>("steps", steps.for_key())
//                 .with::<Table, table>("table", table.for_key())
//         },
//         move |x: f64| __original(x, steps.for_one_call(), table.for_one_call()),
//     )
/// Wraps the function of one item in the lazy version, if its results can be kept.
pub(crate) fn keep(writer: &CallWriter, path: &TokenStream, function: TokenStream) -> TokenStream {
    let CallWriter { model, private, .. } = writer;
    let Some(checkpoint) = writer.checkpoint() else { return function };
    let marker = item_marker(model);
    // Without `per_item`, only the token of an item needs its index, which then is in no key.
    let has_index_in_key = model.parameters.iter().any(Parameter::is_per_item);
    let keyed = match (model.asynchronous, model.is_indexed(), has_index_in_key) {
        (None, false, _) => quote!(keyed),
        (None, true, true) => quote!(keyed_with_index),
        (None, true, false) => quote!(keyed_without_index),
        (Some(_), _, true) => quote!(keyed_calls_with_index),
        (Some(_), _, false) => quote!(keyed_calls),
    };
    let values = returns::values(model);
    let ty = model.output.ty();
    let is_result = ty.and_then(last_segment).is_some_and(|segment| segment.ident == "Result");
    let part = if is_result { quote!(OkOnly) } else { quote!(Whole) };
    let part = respan(&quote!(#private::#part), span_of(ty));
    let (key, result) = (key(writer, path, checkpoint), returns::nameable_result(model));
    quote!(#private::#keyed::<#values, #marker, #result, #part, _, _>(#key, #function))
}

/// Writes the closure that creates the key of a call. It owns copies of the fixed arguments,
/// because it runs only if the call has a checkpoint.
fn key(writer: &CallWriter, function: &TokenStream, Checkpoint { version, code }: Checkpoint) -> TokenStream {
    let CallWriter { model, private, .. } = writer;
    let path = path_of(model);
    // The name of its type tells traits, and functions inside of functions, apart. With an
    // `impl Trait`, the type cannot be written.
    let is_nameable = model.introduced.types.is_empty();
    let of_function = is_nameable.then(|| quote!(.of_function(::core::any::type_name_of_val(&#function))));
    let this = writer.own_name("__this");
    let receiver = receiver(model);
    let take_receiver = receiver.as_ref().map(|receiver| quote!(let #this = #receiver;));
    let with_receiver = receiver.as_ref().map(|_| quote!(.with::<_, ()>("self", &#this)));
    let fixed = || model.taken().filter(|parameter| !matches!(parameter.passing, Passing::Mapped));
    let copies = fixed().map(|parameter| writer.copy_for_key(parameter));
    let with_fixed = fixed().map(|parameter| {
        let Parameter { name, ty, pat, .. } = parameter;
        let marker = marker(parameter, model);
        let text = match name_of(pat) {
            Some(name) => name.unraw().to_string(),
            None => pat.to_token_stream().to_string(),
        };
        let (ty, value) = match (behind_reference(ty), model.asynchronous) {
            (Some(behind), None) => (behind, quote!(#name.for_one_call())),
            (None, None) => (ty, quote!(#name.for_key())),
            (Some(behind), Some(_)) => (behind, name.to_token_stream()),
            (None, Some(_)) => (ty, quote!(&#name)),
        };
        quote!(.with::<#ty, #marker>(#text, #value))
    });
    let with_generics = generics(model);
    quote!({
        #take_receiver
        #(#copies)*
        move || #private::SweepKey::new(#path, #code, #version) #of_function #with_generics #with_receiver #(#with_fixed)*
    })
}

/// Writes the parts of a key that tell apart functions of the same code: the types and constants
/// for which it is generic.
fn generics(model: &Model) -> TokenStream {
    let of_type = |name: String, ty: TokenStream| quote!(.with::<::core::primitive::str, ()>(#name, ::core::any::type_name::<#ty>()));
    let is_in_self = match &model.callee {
        Callee::Free { .. } => false,
        Callee::Associated => true,
        Callee::Path(path) => model.receiver.is_some() || mentions(path.to_token_stream(), &["Self".to_owned()]),
    };
    let this = is_in_self.then(|| of_type("Self".to_owned(), quote!(Self)));
    let declared = model.generics.params.iter().filter_map(|parameter| match parameter {
        GenericParam::Type(parameter) => {
            Some(of_type(parameter.ident.unraw().to_string(), parameter.ident.to_token_stream()))
        }
        GenericParam::Const(parameter) => {
            let (name, text) = (&parameter.ident, parameter.ident.unraw().to_string());
            Some(quote!(.with::<_, ()>(#text, &#name)))
        }
        GenericParam::Lifetime(_) => None,
    });
    let of_introduced = |name: &Ident| of_type(name.to_string(), name.to_token_stream());
    let introduced = model.introduced.types.iter().map(|(name, _)| of_introduced(name));
    this.into_iter().chain(declared).chain(introduced).collect()
}

impl CallWriter<'_> {
    /// Returns what a checkpoint must know of the function, if this writes a function whose results
    /// can be kept.
    pub(crate) fn checkpoint(&self) -> Option<Checkpoint> {
        self.model.checkpoint.filter(|_| self.kind == Kind::Lazy)
    }

    /// Writes the statement that copies a fixed argument for the key.
    fn copy_for_key(&self, parameter: &Parameter) -> TokenStream {
        let CallWriter { model, private, .. } = self;
        let name = &parameter.name;
        if model.asynchronous.is_none() || behind_reference(&parameter.ty).is_some() {
            return quote!(let #name = ::core::clone::Clone::clone(&#name););
        }
        quote! {
            let #name = {
                use #private::{Repeat as _, OrNeverRepeat as _};
                (&#private::Repeated(&#name)).__repeat_item()
            };
        }
    }
}
