//! Snapshots of functions whose items may run in other processes.

#![allow(clippy::too_many_lines)] // Generated functions are long.

use expect_test::{Expect, expect};

/// Compares the generated functions, or with `is_entry` what other processes call.
pub(crate) fn check(args: &str, item: &str, is_entry: bool, expected: &Expect) {
    let tokens = crate::expand(args.parse().expect("tokens"), item.parse().expect("tokens"));
    let mut file: syn::File = syn::parse2(tokens).expect("a file");
    file.items.remove(0);
    file.items.retain(|item| matches!(item, syn::Item::Const(_)) == is_entry);
    expected.assert_eq(&prettyplease::unparse(&file));
}

#[test]
fn a_function() {
    check(
        "over = x, distributed",
        "fn simulate(x: &[f64], steps: u32, table: &Table) -> f64 { todo!() }",
        false,
        &expect![[r#"
            /**Calls [`simulate`](fn@simulate) for each `x` in parallel and returns the results in input order. `steps` and `table` are passed to every call. Items run in all processes of the run.

            Panics if `simulate` or the input iterator does, with the first panic in input order.*/
            #[allow(clippy::impl_trait_in_params)]
            #[forbid(dead_code)]
            #[track_caller]
            fn simulate_parallel<'__x>(
                x: impl ::parallelize::Items<&'__x [f64], IntoIter: ::core::marker::Send>,
                steps: u32,
                table: &Table,
            ) -> ::parallelize::__private::Vec<f64> {
                enum x {}
                enum steps {}
                enum table {}
                use {
                    __in_an_impl_block_annotate_a_free_function_that_calls_Self_simulate_18b8 as _,
                    simulate as __original,
                };
                static __MEMORY_OF_simulate: ::parallelize::__private::Memory = ::parallelize::__private::Memory::new(
                    ::core::concat!(::core::module_path!(), "::simulate"),
                );
                {
                    use ::parallelize::__private::{IsShared as _, OrNotShared as _};
                    ::parallelize::__private::shipped::<[f64], x>();
                    ::parallelize::__private::shipped::<u32, steps>();
                    ::parallelize::__private::shipped::<Table, table>();
                    (&::parallelize::__private::SharingOf::<[f64]>::new())
                        .__sharing()
                        .sent_to_threads::<[f64], x>();
                    (&::parallelize::__private::SharingOf::<u32>::new())
                        .__sharing()
                        .sent_to_threads::<u32, steps>();
                    (&::parallelize::__private::SharingOf::<Table>::new())
                        .__sharing()
                        .sent_to_threads::<Table, table>();
                    ::parallelize::__private::shipped_back::<f64>();
                }
                match ::parallelize::__private::take_processes() {
                    ::core::option::Option::None => {
                        ::parallelize::__private::Call::new(&__MEMORY_OF_simulate)
                            .run::<
                                &'__x [f64],
                                x,
                                f64,
                                _,
                                _,
                            >(
                                ::parallelize::__private::input(
                                    &{
                                        use ::parallelize::__private::{
                                            KnownReferences as _, OrNoEvidence as _,
                                        };
                                        (&::parallelize::__private::Behind::<[f64]>::new())
                                            .__evidence_of_items()
                                    },
                                    x,
                                ),
                                move |x: &'__x [f64]| __original(
                                    x,
                                    ::parallelize::__private::cloned::<u32, steps>(&steps),
                                    ::parallelize::__private::shared::<Table, table>(table),
                                ),
                            )
                    }
                    ::core::option::Option::Some(__processes) => {
                        use ::parallelize::__private::{KeepForCalls as _, OrNever as _};
                        let steps = ::parallelize::__private::Fixed(steps).keep_for_calls();
                        let table = ::parallelize::__private::Fixed(table).keep_for_calls();
                        use ::parallelize::__private::{
                            DecodeAny as _, DecodeNumbers as _, EncodeAny as _, EncodeNumbers as _,
                            OrNoBytes as _, OrNoValueInBytes as _,
                        };
                        let (__input, __function) = ::parallelize::__private::distributed::<
                            &'__x [f64],
                            f64,
                            _,
                            _,
                            _,
                        >(
                            ::parallelize::__private::Function {
                                path: ::core::concat!(::core::module_path!(), "::simulate"),
                                file: ::core::file!(),
                                line: ::core::line!(),
                                column: ::core::column!(),
                                code: 2895239290398651144u64,
                            },
                            |
                                __item: &&'__x [f64],
                                __bytes: &mut ::parallelize::__private::Vec<::core::primitive::u8>|
                            {
                                let x = __item;
                                (&&&::parallelize::__private::Wire::<[f64]>::new())
                                    .__encode(x, __bytes)?;
                                ::core::result::Result::Ok(())
                            },
                            |__bytes: &mut &[::core::primitive::u8]| {
                                (&&&::parallelize::__private::Wire::<f64>::new()).__decode(__bytes)
                            },
                            {
                                let steps = ::core::clone::Clone::clone(&steps);
                                let table = ::core::clone::Clone::clone(&table);
                                move || {
                                    let __bytes = &mut ::parallelize::__private::Vec::new();
                                    ::parallelize::__private::of_argument(
                                        (&&&::parallelize::__private::Wire::<u32>::new())
                                            .__encode(steps.for_key(), __bytes),
                                        "steps",
                                    )?;
                                    ::parallelize::__private::of_argument(
                                        (&&&::parallelize::__private::Wire::<Table>::new())
                                            .__encode(table.for_one_call(), __bytes),
                                        "table",
                                    )?;
                                    ::core::result::Result::Ok(::core::mem::take(__bytes))
                                }
                            },
                            ::parallelize::__private::input(
                                &{
                                    use ::parallelize::__private::{
                                        KnownReferences as _, OrNoEvidence as _,
                                    };
                                    (&::parallelize::__private::Behind::<[f64]>::new())
                                        .__evidence_of_items()
                                },
                                x,
                            ),
                            move |x: &'__x [f64]| __original(
                                x,
                                steps.for_one_call(),
                                table.for_one_call(),
                            ),
                            ::core::option::Option::Some(__processes),
                        );
                        use ::parallelize::__private::{OrNoSpread as _, PassSpread as _};
                        let (__input, __function) = (&::parallelize::__private::SpreadOf::<
                            &'__x [f64],
                            f64,
                        >::new())
                            .__pass_spread(__input, __function);
                        ::parallelize::__private::Call::new(&__MEMORY_OF_simulate)
                            .run::<_, x, f64, _, _>(__input, __function)
                    }
                }
            }
            /**Returns the calls of [`simulate`](fn@simulate) for each `x`, which run in parallel once they are collected or looped over. `steps` and `table` are passed to every call. Items run in all processes of the run.

            Panics if `simulate` or the input iterator does, with the first panic in input order.*/
            #[allow(clippy::impl_trait_in_params)]
            #[forbid(dead_code)]
            #[track_caller]
            fn simulate_parallel_iter<'__x>(
                x: impl ::parallelize::Items<&'__x [f64], IntoIter: ::core::marker::Send>,
                steps: u32,
                table: &Table,
            ) -> ::parallelize::ParallelIter<
                impl ::core::iter::Iterator<
                    Item = ::parallelize::iter::HereOrThere<&'__x [f64], f64>,
                > + ::core::marker::Send,
                impl ::parallelize::iter::Apply<
                    ::parallelize::iter::HereOrThere<&'__x [f64], f64>,
                    Output = f64,
                    State = (),
                > + ::core::marker::Sync,
            > {
                use {
                    __in_an_impl_block_annotate_a_free_function_that_calls_Self_simulate_18b8 as _,
                    simulate as __original,
                };
                static __MEMORY_OF_simulate: ::parallelize::__private::Memory = ::parallelize::__private::Memory::new(
                    ::core::concat!(::core::module_path!(), "::simulate"),
                );
                use ::parallelize::__private::{KeepForCalls as _, OrNever as _};
                let steps = ::parallelize::__private::Fixed(steps).keep_for_calls();
                let table = ::parallelize::__private::Fixed(table).keep_for_calls();
                use ::parallelize::__private::{
                    DecodeAny as _, DecodeNumbers as _, EncodeAny as _, EncodeNumbers as _,
                    OrNoBytes as _, OrNoValueInBytes as _,
                };
                let (__input, __function) = ::parallelize::__private::distributed::<
                    &'__x [f64],
                    f64,
                    _,
                    _,
                    _,
                >(
                    ::parallelize::__private::Function {
                        path: ::core::concat!(::core::module_path!(), "::simulate"),
                        file: ::core::file!(),
                        line: ::core::line!(),
                        column: ::core::column!(),
                        code: 2895239290398651144u64,
                    },
                    |
                        __item: &&'__x [f64],
                        __bytes: &mut ::parallelize::__private::Vec<::core::primitive::u8>|
                    {
                        let x = __item;
                        (&&&::parallelize::__private::Wire::<[f64]>::new()).__encode(x, __bytes)?;
                        ::core::result::Result::Ok(())
                    },
                    |__bytes: &mut &[::core::primitive::u8]| {
                        (&&&::parallelize::__private::Wire::<f64>::new()).__decode(__bytes)
                    },
                    {
                        let steps = ::core::clone::Clone::clone(&steps);
                        let table = ::core::clone::Clone::clone(&table);
                        move || {
                            let __bytes = &mut ::parallelize::__private::Vec::new();
                            ::parallelize::__private::of_argument(
                                (&&&::parallelize::__private::Wire::<u32>::new())
                                    .__encode(steps.for_key(), __bytes),
                                "steps",
                            )?;
                            ::parallelize::__private::of_argument(
                                (&&&::parallelize::__private::Wire::<Table>::new())
                                    .__encode(table.for_one_call(), __bytes),
                                "table",
                            )?;
                            ::core::result::Result::Ok(::core::mem::take(__bytes))
                        }
                    },
                    ::parallelize::__private::input(
                        &{
                            use ::parallelize::__private::{KnownReferences as _, OrNoEvidence as _};
                            (&::parallelize::__private::Behind::<[f64]>::new()).__evidence_of_items()
                        },
                        x,
                    ),
                    move |x: &'__x [f64]| __original(x, steps.for_one_call(), table.for_one_call()),
                    ::core::option::Option::None,
                );
                let __input = ::parallelize::__private::spread_input({
                    use ::parallelize::__private::{PassItems as _, OrNoItems as _};
                    (&::parallelize::__private::ItemsOf::<
                        ::parallelize::iter::HereOrThere<&'__x [f64], f64>,
                    >::new())
                        .__pass_items(__input)
                });
                ::parallelize::__private::Call::new(&__MEMORY_OF_simulate)
                    .lazy::<
                        ::parallelize::iter::HereOrThere<&'__x [f64], f64>,
                        f64,
                        _,
                        _,
                    >(__input, __function)
            }
        "#]],
    );
}
