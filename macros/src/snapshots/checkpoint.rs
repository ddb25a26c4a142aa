//! Snapshots of the lazy versions of functions whose results can be kept in a
//! checkpoint. The parallel functions are those without the option.

use expect_test::{Expect, expect};

/// Compares the lazy version only.
fn check(args: &str, item: &str, expected: &Expect) {
    let tokens = crate::expand(args.parse().expect("tokens"), item.parse().expect("tokens"));
    let mut file: syn::File = syn::parse2(tokens).expect("a file");
    let is_lazy = |item: &syn::Item| matches!(item, syn::Item::Fn(f) if f.sig.ident.to_string().ends_with("_iter"));
    file.items.retain(is_lazy);
    expected.assert_eq(&prettyplease::unparse(&file));
}

#[test]
fn a_function() {
    check(
        "over = x, checkpoint(version = 2)",
        "fn simulate(x: f64, steps: u32, table: &Table) -> f64 { todo!() }",
        &expect![[r#"
            /**Returns the calls of [`simulate`](fn@simulate) for each `x`, which run in parallel once they are collected or looped over. A checkpoint can keep the results. `steps` and `table` are passed to every call.

            Panics if `simulate` or the input iterator does, with the first panic in input order.*/
            #[allow(clippy::impl_trait_in_params)]
            #[forbid(dead_code)]
            fn simulate_parallel_iter(
                x: impl ::parallelize::Items<f64, IntoIter: ::core::marker::Send>,
                steps: u32,
                table: &Table,
            ) -> ::parallelize::ParallelIter<
                impl ::core::iter::Iterator<Item = f64> + ::core::marker::Send,
                impl ::parallelize::iter::Apply<
                    f64,
                    Output = f64,
                    State = (),
                > + ::parallelize::iter::Checkpointed + ::core::marker::Sync,
            > {
                enum x {}
                enum steps {}
                enum table {}
                use {
                    __in_an_impl_block_write_call_equals_Self_simulate_0704 as _,
                    simulate as __original,
                };
                static __MEMORY_OF_simulate: ::parallelize::__private::Memory = ::parallelize::__private::Memory::new(
                    ::core::concat!(::core::module_path!(), "::simulate"),
                );
                use ::parallelize::__private::{KeepForCalls as _, OrNever as _};
                let steps = ::parallelize::__private::Fixed(steps).keep_for_calls();
                let table = ::parallelize::__private::Fixed(table).keep_for_calls();
                ::parallelize::__private::Call::new(&__MEMORY_OF_simulate)
                    .lazy::<
                        f64,
                        f64,
                        _,
                        _,
                    >(
                        ::parallelize::__private::input(&::parallelize::__private::NoEvidence, x),
                        ::parallelize::__private::keyed::<
                            f64,
                            x,
                            f64,
                            ::parallelize::__private::Whole,
                            _,
                            _,
                        >(
                            {
                                let steps = ::core::clone::Clone::clone(&steps);
                                let table = ::core::clone::Clone::clone(&table);
                                move || {
                                    ::parallelize::__private::SweepKey::new(
                                            ::core::concat!(::core::module_path!(), "::simulate"),
                                            9384161681752387337u64,
                                            2u64,
                                        )
                                        .of_function(::core::any::type_name_of_val(&__original))
                                        .with::<u32, steps>("steps", steps.for_key())
                                        .with::<Table, table>("table", table.for_one_call())
                                }
                            },
                            move |x: f64| __original(x, steps.for_one_call(), table.for_one_call()),
                        ),
                    )
            }
        "#]],
    );
}

#[test]
fn a_generic_method() {
    check(
        "over = x, checkpoint, call = Self::solve, per_item(rng = |i| Rng::new(i))",
        "fn solve<T: Real, const N: usize>(&self, x: [T; N], rng: &mut Rng) -> Result<Row<T>, Error> { todo!() }",
        &expect![[r#"
            /**Returns the calls of [`solve`](fn@Self::solve) for each `x`, which run in parallel once they are collected or looped over. A checkpoint can keep the results. `rng` is created for each item.

            Panics if `solve` or the input iterator does, with the first panic in input order.*/
            #[allow(clippy::impl_trait_in_params, clippy::missing_inline_in_public_items)]
            #[forbid(dead_code)]
            fn solve_parallel_iter<T: Real, const N: usize>(
                &self,
                x: impl ::parallelize::Items<[T; N], IntoIter: ::core::marker::Send>,
            ) -> ::parallelize::ParallelIter<
                impl ::core::iter::Iterator<
                    Item = (::core::primitive::usize, [T; N]),
                > + ::core::marker::Send,
                impl ::parallelize::iter::Apply<
                    (::core::primitive::usize, [T; N]),
                    Output = Result<Row<T>, Error>,
                    State = (),
                > + ::parallelize::iter::Checkpointed + ::core::marker::Sync,
            >
            where
                Self: ::core::marker::Sized,
                for<'__any> &'__any Self: ::core::marker::Sync,
                [T; N]: ::core::marker::Send,
                Result<Row<T>, Error>: ::core::marker::Send,
                for<'__any> &'__any Self: ::parallelize::__private::KeyOfSelf,
                [T; N]: ::parallelize::__private::KeyOfArgument,
                Row<T>: ::parallelize::__private::KeptResult,
            {
                enum x {}
                static __MEMORY_OF_solve: ::parallelize::__private::Memory = ::parallelize::__private::Memory::new(
                    ::core::concat!(::core::module_path!(), "::solve"),
                );
                ::parallelize::__private::Call::new(&__MEMORY_OF_solve)
                    .lazy::<
                        (::core::primitive::usize, [T; N]),
                        Result<Row<T>, Error>,
                        _,
                        _,
                    >(
                        ::parallelize::__private::Indexed::new(
                            ::parallelize::__private::input(&::parallelize::__private::NoEvidence, x),
                        ),
                        ::parallelize::__private::keyed_with_index::<
                            [T; N],
                            x,
                            Result<Row<T>, Error>,
                            ::parallelize::__private::OkOnly,
                            _,
                            _,
                        >(
                            {
                                let __this = self;
                                move || {
                                    ::parallelize::__private::SweepKey::new(
                                            ::core::concat!(::core::module_path!(), "::solve"),
                                            13986749848491346015u64,
                                            0u64,
                                        )
                                        .of_function(
                                            ::core::any::type_name_of_val(&Self::solve::<T, N>),
                                        )
                                        .with::<
                                            ::core::primitive::str,
                                            (),
                                        >("Self", ::core::any::type_name::<Self>())
                                        .with::<
                                            ::core::primitive::str,
                                            (),
                                        >("T", ::core::any::type_name::<T>())
                                        .with::<_, ()>("N", &N)
                                        .with::<_, ()>("self", &__this)
                                }
                            },
                            move |(__index, x): (::core::primitive::usize, [T; N])| {
                                let mut rng: Rng = {
                                    ::parallelize::__private::for_item::<
                                        Rng,
                                    >(__index, |i| Rng::new(i))
                                };
                                Self::solve::<T, N>(self, x, &mut rng)
                            },
                        ),
                    )
            }
        "#]],
    );
}

#[test]
fn an_async_function() {
    check(
        "over = url, checkpoint",
        "async fn fetch(url: &str, client: &Client, retries: u32) -> Result<Page, Error> { todo!() }",
        &expect![[r#"
            /**Returns the calls of [`fetch`](fn@fetch) for each `url`, which run once they are collected and awaited. Up to 64 calls are under way at a time, in one task. A checkpoint can keep the results. `client` and `retries` are passed to every call.

            Panics if `fetch` or the input iterator does, with the first panic in input order.*/
            #[allow(clippy::impl_trait_in_params)]
            #[forbid(dead_code)]
            fn fetch_parallel_iter<'__url>(
                url: impl ::parallelize::Items<&'__url str, IntoIter: ::core::marker::Send>,
                client: &Client,
                retries: u32,
            ) -> ::parallelize::ConcurrentIter<
                impl ::core::iter::Iterator<Item = &'__url str> + ::core::marker::Send,
                impl ::parallelize::iter::Apply<
                    &'__url str,
                    Output = impl ::core::future::Future<
                        Output = Result<Page, Error>,
                    > + ::core::marker::Send,
                    State = (),
                > + ::parallelize::iter::Checkpointed + ::core::marker::Send,
            > {
                enum url {}
                enum client {}
                enum retries {}
                use {__in_an_impl_block_write_call_equals_Self_fetch_3288 as _, fetch as __original};
                use ::parallelize::__private::{PassSent as _, OrNeverSent as _};
                let __function = ::parallelize::__private::keyed_calls::<
                    &'__url str,
                    url,
                    Result<Page, Error>,
                    ::parallelize::__private::OkOnly,
                    _,
                    _,
                >(
                    {
                        let client = ::core::clone::Clone::clone(&client);
                        let retries = {
                            use ::parallelize::__private::{Repeat as _, OrNeverRepeat as _};
                            (&::parallelize::__private::Repeated(&retries)).__repeat_item()
                        };
                        move || {
                            ::parallelize::__private::SweepKey::new(
                                    ::core::concat!(::core::module_path!(), "::fetch"),
                                    5438508725359560205u64,
                                    0u64,
                                )
                                .of_function(::core::any::type_name_of_val(&__original))
                                .with::<Client, client>("client", client)
                                .with::<u32, retries>("retries", &retries)
                        }
                    },
                    move |
                        __keeping: ::parallelize::__private::Keeping<Result<Page, Error>>,
                        url: &'__url str|
                    ::parallelize::__private::kept(
                        __keeping
                            .begin(|| __original(
                                url,
                                client,
                                {
                                    use ::parallelize::__private::{Repeat as _, OrNeverRepeat as _};
                                    (&::parallelize::__private::Repeated(&retries)).__repeat_item()
                                },
                            )),
                    ),
                );
                let __futures = ::parallelize::__private::Futures::<
                    (&'__url str, &Client, u32, Result<Page, Error>),
                    &'__url str,
                    _,
                >::of(&__function);
                ::parallelize::__private::AsyncCall::new(
                        ::core::concat!(::core::module_path!(), "::fetch"),
                    )
                    .lazy::<
                        &'__url str,
                        _,
                        _,
                        _,
                    >(
                        ::parallelize::__private::input(
                            &{
                                use ::parallelize::__private::{
                                    KnownReferences as _, OrNoEvidence as _,
                                };
                                (&::parallelize::__private::Behind::<str>::new())
                                    .__evidence_of_items()
                            },
                            url,
                        ),
                        (&__futures).__pass_function(__function),
                    )
            }
        "#]],
    );
}
