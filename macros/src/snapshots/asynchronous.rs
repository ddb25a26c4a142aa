//! Snapshots of the expansions of async functions.

use crate::snapshots::check;
use expect_test::expect;

#[test]
#[allow(clippy::too_many_lines)] // The expansion is long.
fn an_async_function() {
    check(
        "over = url, try_collect, in_flight = 16",
        "async fn fetch(url: &str, client: &Client, retries: u32) -> Result<Page, Error> { todo!() }",
        &expect![[r#"
            async fn fetch(url: &str, client: &Client, retries: u32) -> Result<Page, Error> {
                todo!()
            }
            /**Returns a future that calls [`fetch`](fn@fetch) for each `url` and returns the collected values, or the first error in input order. Up to 16 calls are under way at a time, in one task. `client` and `retries` are passed to every call.

            Panics if `fetch` or the input iterator does, with the first panic in input order.*/
            #[allow(clippy::impl_trait_in_params)]
            #[forbid(dead_code)]
            #[track_caller]
            fn fetch_parallel<'__url>(
                url: impl ::parallelize::Items<&'__url str, IntoIter: ::core::marker::Send>,
                client: &Client,
                retries: u32,
            ) -> impl ::core::future::Future<
                Output = Result<::parallelize::__private::Vec<Page>, Error>,
            > + ::core::marker::Send {
                enum url {}
                enum client {}
                enum retries {}
                use {__in_an_impl_block_write_call_equals_Self_fetch_3288 as _, fetch as __original};
                ::parallelize::__private::sent_item::<&'__url str, url>();
                ::parallelize::__private::sent_result::<Result<Page, Error>>();
                use ::parallelize::__private::{
                    ReportFuture as _, OrReported as _, PassSent as _, OrNeverSent as _,
                };
                let __function = move |url: &'__url str| __original(
                    url,
                    ::parallelize::__private::shared_by_futures::<Client, client>(client),
                    ::parallelize::__private::cloned_sent::<u32, retries>(&retries),
                );
                let __futures = ::parallelize::__private::Futures::<
                    (&'__url str, &Client, u32, Result<Page, Error>),
                    &'__url str,
                    _,
                >::of(&__function);
                (&__futures).__report_future();
                (&__futures)
                    .__pass_future({
                        ::parallelize::__private::tried::<Result<Page, Error>>();
                        use ::parallelize::__private::{TryCollect as _, OrNeverCollect as _};
                        ::parallelize::__private::Results::<Result<Page, Error>>::new()
                            .__try_collect(
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
                                        __function,
                                    )
                                    .in_flight(16),
                            )
                    })
            }
            /**Returns the calls of [`fetch`](fn@fetch) for each `url`, which run once they are collected and awaited. Up to 16 calls are under way at a time, in one task. `client` and `retries` are passed to every call.

            Panics if `fetch` or the input iterator does, with the first panic in input order.*/
            #[allow(clippy::impl_trait_in_params)]
            #[forbid(dead_code)]
            #[track_caller]
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
                > + ::core::marker::Send,
            > {
                use {__in_an_impl_block_write_call_equals_Self_fetch_3288 as _, fetch as __original};
                use ::parallelize::__private::{PassSent as _, OrNeverSent as _};
                let __function = move |url: &'__url str| __original(
                    url,
                    client,
                    {
                        use ::parallelize::__private::{Repeat as _, OrNeverRepeat as _};
                        (&::parallelize::__private::Repeated(&retries)).__repeat_item()
                    },
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
                    .in_flight(16)
            }
            #[doc(hidden)]
            const __in_an_impl_block_write_call_equals_Self_fetch_3288: () = ();
        "#]],
    );
}

#[test]
fn a_local_function_that_returns_a_future() {
    check(
        "over = x, local",
        "fn fetch(x: u32, counted: Rc<u32>) -> Pin<Box<dyn Future<Output = Rc<u32>>>> { todo!() }",
        &expect![[r#"
            fn fetch(x: u32, counted: Rc<u32>) -> Pin<Box<dyn Future<Output = Rc<u32>>>> {
                todo!()
            }
            /**Returns a future that calls [`fetch`](fn@fetch) for each `x` and returns the results in input order. Up to 64 calls are under way at a time, in one task. `counted` is passed to every call.

            Panics if `fetch` or the input iterator does, with the first panic in input order.*/
            #[allow(clippy::impl_trait_in_params)]
            #[forbid(dead_code)]
            fn fetch_parallel(
                x: impl ::parallelize::Items<u32>,
                counted: Rc<u32>,
            ) -> impl ::core::future::Future<Output = ::parallelize::__private::Vec<Rc<u32>>> {
                enum x {}
                enum counted {}
                use {__in_an_impl_block_write_call_equals_Self_fetch_4815 as _, fetch as __original};
                ::parallelize::__private::AsyncCall::new(
                        ::core::concat!(::core::module_path!(), "::fetch"),
                    )
                    .lazy::<
                        u32,
                        _,
                        _,
                        _,
                    >(
                        ::parallelize::__private::input(&::parallelize::__private::NoEvidence, x),
                        move |x: u32| __original(
                            x,
                            ::parallelize::__private::cloned_here::<Rc<u32>, counted>(&counted),
                        ),
                    )
                    .collect::<::parallelize::__private::Vec<_>>()
            }
            /**Returns the calls of [`fetch`](fn@fetch) for each `x`, which run once they are collected and awaited. Up to 64 calls are under way at a time, in one task. `counted` is passed to every call.

            Panics if `fetch` or the input iterator does, with the first panic in input order.*/
            #[allow(clippy::impl_trait_in_params)]
            #[forbid(dead_code)]
            fn fetch_parallel_iter(
                x: impl ::parallelize::Items<u32>,
                counted: Rc<u32>,
            ) -> ::parallelize::ConcurrentIter<
                impl ::core::iter::Iterator<Item = u32>,
                impl ::parallelize::iter::Apply<
                    u32,
                    Output = impl ::core::future::Future<Output = Rc<u32>>,
                    State = (),
                >,
            > {
                use {__in_an_impl_block_write_call_equals_Self_fetch_4815 as _, fetch as __original};
                ::parallelize::__private::AsyncCall::new(
                        ::core::concat!(::core::module_path!(), "::fetch"),
                    )
                    .lazy::<
                        u32,
                        _,
                        _,
                        _,
                    >(
                        ::parallelize::__private::input(&::parallelize::__private::NoEvidence, x),
                        move |x: u32| __original(
                            x,
                            {
                                use ::parallelize::__private::{Repeat as _, OrNeverRepeat as _};
                                (&::parallelize::__private::Repeated(&counted)).__repeat_item()
                            },
                        ),
                    )
            }
            #[doc(hidden)]
            const __in_an_impl_block_write_call_equals_Self_fetch_4815: () = ();
        "#]],
    );
}
