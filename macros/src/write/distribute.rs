//! Writing what lets the items of a function run in other processes.

use crate::check::distributed::Distributed;
use crate::model::generated::{Kind, Model, Parameter, Passing};
use crate::read::types::behind_reference;
use crate::write::callee::CalleeName;
use crate::write::calls::{CallWriter, item_names, marker, memory_of, path_of};
use crate::write::forward;
use crate::write::lints::lints;
use crate::write::returns;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::Index;
use syn::ext::IdentExt;

// Input:
//     #[parallelize(over = x, distributed)]
//     fn simulate(x: &[f64], steps: u32, table: &Table) -> f64 { .. }
//
// Output, with shortened paths, and with `encode` and `decode` for the methods of `Wire`:
//     fn open(bytes: &[u8], threads: Option<usize>) -> Result<Job, WireError> {
//         let mut bytes = bytes;
//         let steps = Arrived::<u32>(decode(&mut bytes)?).__clone_arrived();
//         let table = Arrived::<Table>(decode(&mut bytes)?).__share_arrived();
//         (&Shipment::<<[f64] as Receive>::Owned, f64, ()>::new()).__open(
//             &MEMORY, threads, |bytes| Ok(decode(bytes)?), |result, bytes| encode(result, bytes),
//             move |x: <[f64] as Receive>::Owned| {
//                 __original(Receive::of_owned(&x), steps.for_one_call(), table.for_one_call())
//             },
//         )
//     }
//
//     #[distributed_slice(PARALLELIZE_FUNCTIONS_0_1)]
//     static ENTRY: Entry = Entry { function: Function { .. }, open };
/// Writes the entry of the function, by which other processes find it. Empty without the option.
pub(crate) fn entry(model: &Model, name: &CalleeName) -> TokenStream {
    let Some(distributed) = model.distributed else { return TokenStream::new() };
    let krate = &model.krate;
    let private = quote!(#krate::__private);
    let writer = CallWriter { model, private: &private, kind: Kind::Remote };
    let (lints, attrs, conditions) =
        (lints(model), forward::hidden_attributes(&model.attrs), forward::conditions(&model.attrs));
    let [open, bytes, threads] = ["__open", "__bytes", "__threads"].map(|name| writer.own_name(name));
    let (memory, memory_name) = memory_of(model, &private);
    let entry = format_ident!("__ENTRY_OF_{}", model.function.unraw(), span = Span::mixed_site());
    let (import, function, traits) = (&name.import, function_of(model, distributed, &private), writer.wire_traits());
    let arrived = writer.fixed_parameters().map(|Parameter { name, ty, .. }| {
        let (ty, keep) = match behind_reference(ty) {
            Some(behind) => (behind, quote!(__share_arrived)),
            None => (ty, quote!(__clone_arrived)),
        };
        let (value, text) = (writer.decoded(ty, &bytes), name.unraw().to_string());
        quote!(let #name = #private::Arrived::<#ty>(#private::of_argument(#value, #text)?).#keep();)
    });
    let (items, result, state) = (returns::remote_item(model), returns::nameable_result(model), returns::state(model));
    let (decode, encode) = (writer.decode_item(), writer.encode_result());
    let calls = writer.function(&name.path);
    quote! {
        #lints
        #(#attrs)*
        fn #open(
            #bytes: &[::core::primitive::u8],
            #threads: ::core::option::Option<::core::primitive::usize>,
        ) -> ::core::result::Result<#private::Job, #private::WireError> {
            #import
            #traits
            use #private::{
                CloneArrived as _, OrNoShipment as _, OrNothingArrived as _, RunShipment as _, ShareArrived as _,
            };
            #memory
            let #bytes = &mut { #bytes };
            #(#arrived)*
            (&#private::Shipment::<#items, #result, #state>::new())
                .__open(&#memory_name, #threads, #decode, #encode, #calls)
        }

        #(#conditions)*
        #[#private::linkme::distributed_slice(#private::PARALLELIZE_FUNCTIONS_0_1)]
        #[linkme(crate = #private::linkme)]
        static #entry: #private::Entry = #private::Entry { function: #function, open: #open };
    }
}

// Output, with shortened paths:
//     let (input, function) = distributed::<&[f64], f64, _, _, _>(
//         Function { .. },
//         |item, bytes| encode(item, bytes),
//         |bytes| decode(bytes),
//         {
//             let (steps, table) = (Clone::clone(&steps), Clone::clone(&table));
//             move || { encode(steps); encode(table); Ok(bytes) }
//         },
//         input, move |x: &[f64]| __original(x, steps.for_one_call(), table.for_one_call()),
//         None,
//     );
/// Writes statements that define `input` and `function`, whose items may run in other processes,
/// from the expressions `input_of_items` and `function_of_item`.
pub(crate) fn spread(
    writer: &CallWriter,
    method: Kind,
    names: [&Ident; 2],
    [input_of_items, function_of_item]: [&TokenStream; 2],
    processes: &TokenStream,
) -> TokenStream {
    let CallWriter { model, private, .. } = writer;
    let [input, function] = names;
    let distributed = model.distributed.expect("the option");
    let (item, result) = (returns::item(model), returns::nameable_result(model));
    let path = function_of(model, distributed, private);
    let (encode, decode, fixed) = (writer.encode_item(), writer.decode_result(), writer.encode_fixed());
    // Items or results that are not `Send` would be one more error here.
    let passed = match method {
        Kind::Eager => quote! {
            use #private::{OrNoSpread as _, PassSpread as _};
            let (#input, #function) =
                (&#private::SpreadOf::<#item, #result>::new()).__pass_spread(#input, #function);
        },
        Kind::Lazy | Kind::Remote => {
            let items = returns::spread_item(model);
            quote! {
                let #input = #private::spread_input({
                    use #private::{PassItems as _, OrNoItems as _};
                    (&#private::ItemsOf::<#items>::new()).__pass_items(#input)
                });
            }
        }
    };
    let traits = writer.wire_traits();
    quote! {
        #traits
        let (#input, #function) = #private::distributed::<#item, #result, _, _, _>(
            #path, #encode, #decode, #fixed, #input_of_items, #function_of_item, #processes,
        );
        #passed
    }
}

/// Writes the checks of the types that travel between processes, for the parallel function.
///
/// Each has its type with the span in the signature, and a marker type that has the name of the
/// parameter. A type that cannot be sent is therefore one error, at that type.
pub(crate) fn checks(model: &Model, private: &TokenStream) -> TokenStream {
    if model.distributed.is_none() {
        return TokenStream::new();
    }
    let sent = model.taken().map(|parameter| {
        let (ty, marker) = (behind_reference(&parameter.ty).unwrap_or(&parameter.ty), marker(parameter, model));
        quote!(#private::shipped::<#ty, #marker>();)
    });
    // An item by value must be `Send` anyway.
    let is_shared = |parameter: &&Parameter| {
        !matches!(parameter.passing, Passing::Mapped) || behind_reference(&parameter.ty).is_some()
    };
    let shared = model.taken().filter(is_shared).map(|parameter| {
        let (ty, marker) = (behind_reference(&parameter.ty).unwrap_or(&parameter.ty), marker(parameter, model));
        quote!((&#private::SharingOf::<#ty>::new()).__sharing().sent_to_threads::<#ty, #marker>();)
    });
    let states = model.per_thread().into_iter().zip(returns::state_types(model)).map(|(parameter, ty)| {
        let marker = marker(parameter, model);
        quote!(#private::kept_state::<#ty, #marker>();)
    });
    let result = returns::nameable_result(model);
    quote! {
        {
            use #private::{IsShared as _, OrNotShared as _};
            #(#sent)*
            #(#shared)*
            #(#states)*
            #private::shipped_back::<#result>();
        }
    }
}

/// Writes what identifies the function in all processes.
fn function_of(model: &Model, Distributed { code }: Distributed, private: &TokenStream) -> TokenStream {
    let path = path_of(model);
    quote! {
        #private::Function {
            path: #path,
            file: ::core::file!(),
            line: ::core::line!(),
            column: ::core::column!(),
            code: #code,
        }
    }
}

impl CallWriter<'_> {
    fn fixed_parameters(&self) -> impl Iterator<Item = &Parameter> {
        self.model.taken().filter(|parameter| !matches!(parameter.passing, Passing::Mapped))
    }

    /// Writes the import of the traits that encode and decode.
    fn wire_traits(&self) -> TokenStream {
        let CallWriter { private, .. } = self;
        quote! {
            use #private::{
                DecodeAny as _, DecodeNumbers as _, EncodeAny as _, EncodeNumbers as _, OrNoBytes as _,
                OrNoValueInBytes as _,
            };
        }
    }

    /// Writes the decoding of a value of type `ty`, which returns a `Result`.
    fn decoded(&self, ty: impl ToTokens, bytes: &Ident) -> TokenStream {
        let CallWriter { private, .. } = self;
        quote!((&&&#private::Wire::<#ty>::new()).__decode(#bytes))
    }

    /// Writes the encoding of a borrowed value of type `ty`, which returns a `Result`.
    fn encoded(&self, ty: &TokenStream, value: &TokenStream, bytes: &Ident) -> TokenStream {
        let CallWriter { private, .. } = self;
        quote!((&&&#private::Wire::<#ty>::new()).__encode(#value, #bytes))
    }

    /// Writes a closure that appends bytes, of which `value` is the parameter, if there is one.
    fn encoder(&self, value: &TokenStream, statements: &TokenStream, bytes: &Ident) -> TokenStream {
        let CallWriter { private, .. } = self;
        quote! {
            |#value, #bytes: &mut #private::Vec<::core::primitive::u8>| {
                #statements
                ::core::result::Result::Ok(())
            }
        }
    }

    /// Writes a closure that takes a value from the front of the bytes. `result` decodes it.
    fn decoder(result: &TokenStream, bytes: &Ident) -> TokenStream {
        quote!(|#bytes: &mut &[::core::primitive::u8]| #result)
    }

    /// Writes the closure that appends the bytes of an item.
    fn encode_item(&self) -> TokenStream {
        let CallWriter { model, .. } = self;
        let [item, index, bytes] = ["__item", "__index", "__bytes"].map(|name| self.own_name(name));
        let names = item_names(model);
        let (pattern, first) = if model.is_indexed() {
            let number = quote!(::core::primitive::usize);
            let first = self.encoded(&number, &index.to_token_stream(), &bytes);
            (quote!((#index, #names)), quote!(#first?;))
        } else {
            (names, TokenStream::new())
        };
        let values = model.mapped().into_iter().map(|Parameter { name, ty, .. }| {
            let ty = behind_reference(ty).unwrap_or(ty);
            self.encoded(&ty.to_token_stream(), &name.to_token_stream(), &bytes)
        });
        let ty = returns::item(model);
        self.encoder(&quote!(#item: &#ty), &quote!(let #pattern = #item; #first #(#values?;)*), &bytes)
    }

    /// Writes the closure that takes an item from the front of the bytes.
    fn decode_item(&self) -> TokenStream {
        let CallWriter { model, .. } = self;
        let bytes = self.own_name("__bytes");
        let values = model
            .mapped()
            .into_iter()
            .map(|Parameter { ty, .. }| self.decoded(behind_reference(ty).unwrap_or(ty), &bytes));
        let result = if model.mapped().len() == 1 && !model.is_indexed() {
            quote!(#(#values)*)
        } else {
            // After an error, the rest of the item is decoded as well, because the next one
            // follows.
            let decoded = self.own_name("__decoded");
            let index = model.is_indexed().then(|| self.decoded(quote!(::core::primitive::usize), &bytes));
            let mut places = (0..).map(Index::from);
            let first = index.as_ref().map(|_| places.next());
            let rest: Vec<_> = places.take(model.mapped().len()).map(|place| quote!(#decoded.#place?)).collect();
            let item = if let [value] = &rest[..] { value.clone() } else { quote!((#(#rest),*)) };
            let item = if index.is_some() { quote!((#decoded.#first?, #item)) } else { item };
            let index = index.into_iter();
            quote!({
                let #decoded = (#(#index,)* #(#values,)*);
                ::core::result::Result::Ok(#item)
            })
        };
        Self::decoder(&result, &bytes)
    }

    /// Writes the closure that appends the bytes of a result.
    fn encode_result(&self) -> TokenStream {
        let (result, value, bytes) =
            (returns::nameable_result(self.model), self.own_name("__result"), self.own_name("__bytes"));
        let statements = self.encoded(&result, &value.to_token_stream(), &bytes);
        self.encoder(&quote!(#value: &#result), &quote!(#statements?;), &bytes)
    }

    /// Writes the closure that takes a result from the front of the bytes.
    fn decode_result(&self) -> TokenStream {
        let (result, bytes) = (returns::nameable_result(self.model), self.own_name("__bytes"));
        Self::decoder(&self.decoded(result, &bytes), &bytes)
    }

    /// Writes the closure that returns the bytes of the fixed arguments. It owns clones of those by
    /// value, as each call does.
    fn encode_fixed(&self) -> TokenStream {
        let CallWriter { private, .. } = self;
        let bytes = self.own_name("__bytes");
        let copies = self
            .fixed_parameters()
            .map(|Parameter { name, .. }| quote!(let #name = ::core::clone::Clone::clone(&#name);));
        let values = self.fixed_parameters().map(|Parameter { name, ty, .. }| {
            let (ty, value) = match behind_reference(ty) {
                Some(behind) => (behind, quote!(#name.for_one_call())),
                None => (ty, quote!(#name.for_key())),
            };
            let (encoded, text) = (self.encoded(&ty.to_token_stream(), &value, &bytes), name.unraw().to_string());
            quote!(#private::of_argument(#encoded, #text)?;)
        });
        quote!({
            #(#copies)*
            move || {
                let #bytes = &mut #private::Vec::new();
                #(#values)*
                ::core::result::Result::Ok(::core::mem::take(#bytes))
            }
        })
    }
}
