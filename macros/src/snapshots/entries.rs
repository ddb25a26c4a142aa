//! Snapshots of what other processes call.

#![allow(clippy::too_many_lines)] // Generated functions are long.

use crate::snapshots::distributed::check;
use expect_test::expect;

#[test]
fn an_entry() {
    check(
        "over = x, distributed",
        "#[cfg(unix)] fn simulate(x: &[f64], steps: u32, table: &Table) -> f64 { todo!() }",
        true,
        &expect![[r##"
            #[doc(hidden)]
            const __in_an_impl_block_annotate_a_free_function_that_calls_Self_simulate_1926: () = {
                #[allow(clippy::impl_trait_in_params)]
                #[cfg(unix)]
                fn __open(
                    __bytes: &[::core::primitive::u8],
                    __threads: ::core::option::Option<::core::primitive::usize>,
                ) -> ::core::result::Result<
                    ::parallelize::__private::Job,
                    ::parallelize::__private::WireError,
                > {
                    use {
                        __in_an_impl_block_annotate_a_free_function_that_calls_Self_simulate_1926 as _,
                        simulate as __original,
                    };
                    use ::parallelize::__private::{
                        DecodeAny as _, DecodeNumbers as _, EncodeAny as _, EncodeNumbers as _,
                        OrNoBytes as _, OrNoValueInBytes as _,
                    };
                    use ::parallelize::__private::{
                        CloneArrived as _, OrNoShipment as _, OrNothingArrived as _,
                        RunShipment as _, ShareArrived as _,
                    };
                    static __MEMORY_OF_simulate: ::parallelize::__private::Memory = ::parallelize::__private::Memory::new(
                        ::core::concat!(::core::module_path!(), "::simulate"),
                    );
                    let __bytes = &mut { __bytes };
                    let steps = ::parallelize::__private::Arrived::<
                        u32,
                    >(
                            ::parallelize::__private::of_argument(
                                (&&&::parallelize::__private::Wire::<u32>::new()).__decode(__bytes),
                                "steps",
                            )?,
                        )
                        .__clone_arrived();
                    let table = ::parallelize::__private::Arrived::<
                        Table,
                    >(
                            ::parallelize::__private::of_argument(
                                (&&&::parallelize::__private::Wire::<Table>::new())
                                    .__decode(__bytes),
                                "table",
                            )?,
                        )
                        .__share_arrived();
                    (&::parallelize::__private::Shipment::<
                        <[f64] as ::parallelize::__private::Receive>::Owned,
                        f64,
                        (),
                    >::new())
                        .__open(
                            &__MEMORY_OF_simulate,
                            __threads,
                            |__bytes: &mut &[::core::primitive::u8]| {
                                (&&&::parallelize::__private::Wire::<[f64]>::new()).__decode(__bytes)
                            },
                            |
                                __result: &f64,
                                __bytes: &mut ::parallelize::__private::Vec<::core::primitive::u8>|
                            {
                                (&&&::parallelize::__private::Wire::<f64>::new())
                                    .__encode(__result, __bytes)?;
                                ::core::result::Result::Ok(())
                            },
                            move |x: <[f64] as ::parallelize::__private::Receive>::Owned| __original(
                                <[f64] as ::parallelize::__private::Receive>::of_owned(&x),
                                steps.for_one_call(),
                                table.for_one_call(),
                            ),
                        )
                }
                #[cfg(unix)]
                #[::parallelize::__private::linkme::distributed_slice(
                    ::parallelize::__private::PARALLELIZE_FUNCTIONS_0_1
                )]
                #[linkme(crate = ::parallelize::__private::linkme)]
                static __ENTRY_OF_simulate: ::parallelize::__private::Entry = ::parallelize::__private::Entry {
                    function: ::parallelize::__private::Function {
                        path: ::core::concat!(::core::module_path!(), "::simulate"),
                        file: ::core::file!(),
                        line: ::core::line!(),
                        column: ::core::column!(),
                        code: 2895239290398651144u64,
                    },
                    open: __open,
                };
            };
        "##]],
    );
}

#[test]
fn an_entry_with_everything() {
    check(
        "over = zip(x, y), distributed, checkpoint, progress, threads = 2, catch_panics, \
         per_thread(buffer = Vec::with_capacity(width)), per_item(rng = |i| Rng::new(i)), cancel = token",
        "fn solve(x: f64, y: &str, width: usize, buffer: &mut Vec<f64>, rng: Rng, token: &ItemToken) { todo!() }",
        true,
        &expect![[r##"
            #[doc(hidden)]
            const __in_an_impl_block_annotate_a_free_function_that_calls_Self_solve_c3ff: () = {
                #[allow(clippy::impl_trait_in_params)]
                fn __open(
                    __bytes: &[::core::primitive::u8],
                    __threads: ::core::option::Option<::core::primitive::usize>,
                ) -> ::core::result::Result<
                    ::parallelize::__private::Job,
                    ::parallelize::__private::WireError,
                > {
                    use {
                        __in_an_impl_block_annotate_a_free_function_that_calls_Self_solve_c3ff as _,
                        solve as __original,
                    };
                    use ::parallelize::__private::{
                        DecodeAny as _, DecodeNumbers as _, EncodeAny as _, EncodeNumbers as _,
                        OrNoBytes as _, OrNoValueInBytes as _,
                    };
                    use ::parallelize::__private::{
                        CloneArrived as _, OrNoShipment as _, OrNothingArrived as _,
                        RunShipment as _, ShareArrived as _,
                    };
                    static __MEMORY_OF_solve: ::parallelize::__private::Memory = ::parallelize::__private::Memory::new(
                        ::core::concat!(::core::module_path!(), "::solve"),
                    );
                    let __bytes = &mut { __bytes };
                    let width = ::parallelize::__private::Arrived::<
                        usize,
                    >(
                            ::parallelize::__private::of_argument(
                                (&&&::parallelize::__private::Wire::<usize>::new())
                                    .__decode(__bytes),
                                "width",
                            )?,
                        )
                        .__clone_arrived();
                    (&::parallelize::__private::Shipment::<
                        (
                            ::core::primitive::usize,
                            (f64, <str as ::parallelize::__private::Receive>::Owned),
                        ),
                        (),
                        ::parallelize::iter::WithToken<::core::option::Option<(Vec<f64>,)>>,
                    >::new())
                        .__open(
                            &__MEMORY_OF_solve,
                            __threads,
                            |__bytes: &mut &[::core::primitive::u8]| {
                                let __decoded = (
                                    (&&&::parallelize::__private::Wire::<
                                        ::core::primitive::usize,
                                    >::new())
                                        .__decode(__bytes),
                                    (&&&::parallelize::__private::Wire::<f64>::new())
                                        .__decode(__bytes),
                                    (&&&::parallelize::__private::Wire::<str>::new())
                                        .__decode(__bytes),
                                );
                                ::core::result::Result::Ok((
                                    __decoded.0?,
                                    (__decoded.1?, __decoded.2?),
                                ))
                            },
                            |
                                __result: &(),
                                __bytes: &mut ::parallelize::__private::Vec<::core::primitive::u8>|
                            {
                                (&&&::parallelize::__private::Wire::<()>::new())
                                    .__encode(__result, __bytes)?;
                                ::core::result::Result::Ok(())
                            },
                            ::parallelize::__private::cancellable::<
                                true,
                                _,
                                _,
                                _,
                                _,
                                _,
                            >(
                                {
                                    let width = ::core::clone::Clone::clone(&width);
                                    move || (
                                        {
                                            let width = width.for_one_call();
                                            let _ = &width;
                                            let __state: Vec<f64> = Vec::with_capacity(width);
                                            __state
                                        },
                                    )
                                },
                                move |
                                    __states: &mut (Vec<f64>,),
                                    __token: &::parallelize::ItemToken,
                                    (
                                        __index,
                                        (x, y),
                                    ): (
                                        ::core::primitive::usize,
                                        (f64, <str as ::parallelize::__private::Receive>::Owned),
                                    )|
                                {
                                    let rng: Rng = {
                                        ::parallelize::__private::for_item::<
                                            Rng,
                                        >(__index, |i| Rng::new(i))
                                    };
                                    __original(
                                        x,
                                        <str as ::parallelize::__private::Receive>::of_owned(&y),
                                        width.for_one_call(),
                                        &mut __states.0,
                                        rng,
                                        {
                                            use ::parallelize::__private::{
                                                PassToken as _, OrNoToken as _,
                                            };
                                            (&::parallelize::__private::TokenOf::<
                                                ItemToken,
                                            >::new(__token))
                                                .__token_of_item()
                                        },
                                    )
                                },
                            ),
                        )
                }
                #[::parallelize::__private::linkme::distributed_slice(
                    ::parallelize::__private::PARALLELIZE_FUNCTIONS_0_1
                )]
                #[linkme(crate = ::parallelize::__private::linkme)]
                static __ENTRY_OF_solve: ::parallelize::__private::Entry = ::parallelize::__private::Entry {
                    function: ::parallelize::__private::Function {
                        path: ::core::concat!(::core::module_path!(), "::solve"),
                        file: ::core::file!(),
                        line: ::core::line!(),
                        column: ::core::column!(),
                        code: 5457341615306540932u64,
                    },
                    open: __open,
                };
            };
        "##]],
    );
}
