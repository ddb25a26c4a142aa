//! Snapshots of some expansions, so that authors and reviewers see every change of generated code.
//! `UPDATE_EXPECT=1 cargo test -p parallelize-macros` regenerates them. Review the diff.
#![allow(clippy::needless_raw_string_hashes)] // expect-test writes them.

mod asynchronous;
#[cfg(feature = "checkpoint")]
mod checkpoint;
#[cfg(all(feature = "checkpoint", feature = "distributed", feature = "progress"))]
mod distributed;
#[cfg(all(feature = "checkpoint", feature = "distributed", feature = "progress"))]
mod entries;

use expect_test::{Expect, expect};

/// Expands and formats the code. Half-typed code cannot be formatted and stays a line of tokens.
pub(crate) fn check(args: &str, item: &str, expected: &Expect) {
    let tokens = crate::expand(args.parse().expect("tokens"), item.parse().expect("tokens"));
    let file = syn::parse2(tokens.clone());
    let text = file.map_or_else(|_| tokens.to_string(), |file| prettyplease::unparse(&file));
    expected.assert_eq(&text);
}

#[test]
fn a_function() {
    check(
        "over = x",
        "/// Simulates.\n///\n/// With care.\npub fn simulate(x: f64, steps: u32, table: &Table) -> f64 { todo!() }",
        &expect![[r#"
            /// Simulates.
            ///
            /// With care.
            pub fn simulate(x: f64, steps: u32, table: &Table) -> f64 {
                todo!()
            }
            /**Calls [`simulate`](fn@simulate) for each `x` in parallel and returns the results in input order. `steps` and `table` are passed to every call.

            Panics if `simulate` or the input iterator does, with the first panic in input order.

            Simulates.*/
            #[allow(clippy::impl_trait_in_params)]
            #[forbid(dead_code)]
            pub fn simulate_parallel(
                x: impl ::parallelize::Items<f64, IntoIter: ::core::marker::Send>,
                steps: u32,
                table: &Table,
            ) -> ::parallelize::__private::Vec<f64> {
                enum x {}
                enum steps {}
                enum table {}
                use {
                    __in_an_impl_block_write_call_equals_Self_simulate_3e6f as _,
                    simulate as __original,
                };
                static __MEMORY_OF_simulate: ::parallelize::__private::Memory = ::parallelize::__private::Memory::new(
                    ::core::concat!(::core::module_path!(), "::simulate"),
                );
                ::parallelize::__private::Call::new(&__MEMORY_OF_simulate)
                    .run::<
                        f64,
                        x,
                        f64,
                        _,
                        _,
                    >(
                        ::parallelize::__private::input(&::parallelize::__private::NoEvidence, x),
                        move |x: f64| __original(
                            x,
                            ::parallelize::__private::cloned::<u32, steps>(&steps),
                            ::parallelize::__private::shared::<Table, table>(table),
                        ),
                    )
            }
            /**Returns the calls of [`simulate`](fn@simulate) for each `x`, which run in parallel once they are collected or looped over. `steps` and `table` are passed to every call.

            Panics if `simulate` or the input iterator does, with the first panic in input order.

            Simulates.*/
            #[allow(clippy::impl_trait_in_params)]
            #[forbid(dead_code)]
            pub fn simulate_parallel_iter(
                x: impl ::parallelize::Items<f64, IntoIter: ::core::marker::Send>,
                steps: u32,
                table: &Table,
            ) -> ::parallelize::ParallelIter<
                impl ::core::iter::Iterator<Item = f64> + ::core::marker::Send,
                impl ::parallelize::iter::Apply<f64, Output = f64, State = ()> + ::core::marker::Sync,
            > {
                use {
                    __in_an_impl_block_write_call_equals_Self_simulate_3e6f as _,
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
                        move |x: f64| __original(x, steps.for_one_call(), table.for_one_call()),
                    )
            }
            #[doc(hidden)]
            const __in_an_impl_block_write_call_equals_Self_simulate_3e6f: () = ();
        "#]],
    );
}

#[test]
#[allow(clippy::too_many_lines)] // The expansion is long.
fn a_generic_method_that_borrows() {
    check(
        "over = key, name = get_all",
        "fn get<K: Hash, V>(&self, key: &K, default: &V, log: impl Fn(&K)) -> &str { self.0.get(key) }",
        &expect![[r#"
            fn get<K: Hash, V>(&self, key: &K, default: &V, log: impl Fn(&K)) -> &str {
                self.0.get(key)
            }
            /**Calls [`get`](fn@Self::get) for each `key` in parallel and returns the results in input order. `default` and `log` are passed to every call.

            Panics if `get` or the input iterator does, with the first panic in input order.*/
            #[allow(clippy::impl_trait_in_params, clippy::missing_inline_in_public_items)]
            #[forbid(dead_code)]
            fn get_all<'__key, K: Hash, V, __Log: Fn(&K)>(
                &self,
                key: impl ::parallelize::Items<&'__key K, IntoIter: ::core::marker::Send>,
                default: &V,
                log: __Log,
            ) -> ::parallelize::__private::Vec<&str>
            where
                Self: ::core::marker::Sized,
                for<'__any> &'__any Self: ::core::marker::Sync,
                (K): '__key,
                (K): ::core::marker::Sync,
                (V): ::core::marker::Sync,
                (__Log): ::core::clone::Clone + ::core::marker::Sync,
            {
                enum key {}
                enum default {}
                enum log {}
                static __MEMORY_OF_get: ::parallelize::__private::Memory = ::parallelize::__private::Memory::new(
                    ::core::concat!(::core::module_path!(), "::get"),
                );
                ::parallelize::__private::Call::new(&__MEMORY_OF_get)
                    .run::<
                        &'__key K,
                        key,
                        &str,
                        _,
                        _,
                    >(
                        ::parallelize::__private::input(
                            &{
                                use ::parallelize::__private::{
                                    KnownReferences as _, OrNoEvidence as _,
                                };
                                (&::parallelize::__private::Behind::<K>::new()).__evidence_of_items()
                            },
                            key,
                        ),
                        move |key: &'__key K| Self::get::<
                            K,
                            V,
                        >(
                            self,
                            key,
                            ::parallelize::__private::shared::<V, default>(default),
                            ::parallelize::__private::cloned::<__Log, log>(&log),
                        ),
                    )
            }
            /**Returns the calls of [`get`](fn@Self::get) for each `key`, which run in parallel once they are collected or looped over. `default` and `log` are passed to every call.

            Panics if `get` or the input iterator does, with the first panic in input order.*/
            #[allow(clippy::impl_trait_in_params, clippy::missing_inline_in_public_items)]
            #[forbid(dead_code)]
            fn get_all_iter<'__key, K: Hash, V, __Log: Fn(&K)>(
                &self,
                key: impl ::parallelize::Items<&'__key K, IntoIter: ::core::marker::Send>,
                default: &V,
                log: __Log,
            ) -> ::parallelize::ParallelIter<
                impl ::core::iter::Iterator<Item = &'__key K> + ::core::marker::Send,
                impl ::parallelize::iter::Apply<
                    &'__key K,
                    Output = &str,
                    State = (),
                > + ::core::marker::Sync,
            >
            where
                Self: ::core::marker::Sized,
                for<'__any> &'__any Self: ::core::marker::Sync,
                (K): '__key,
                (K): ::core::marker::Sync,
                (V): ::core::marker::Sync,
                (__Log): ::core::clone::Clone + ::core::marker::Sync,
            {
                static __MEMORY_OF_get: ::parallelize::__private::Memory = ::parallelize::__private::Memory::new(
                    ::core::concat!(::core::module_path!(), "::get"),
                );
                use ::parallelize::__private::{KeepForCalls as _, OrNever as _};
                let default = ::parallelize::__private::Fixed(default).keep_for_calls();
                let log = ::parallelize::__private::Fixed(log).keep_for_calls();
                ::parallelize::__private::Call::new(&__MEMORY_OF_get)
                    .lazy::<
                        &'__key K,
                        &str,
                        _,
                        _,
                    >(
                        ::parallelize::__private::input(
                            &{
                                use ::parallelize::__private::{
                                    KnownReferences as _, OrNoEvidence as _,
                                };
                                (&::parallelize::__private::Behind::<K>::new()).__evidence_of_items()
                            },
                            key,
                        ),
                        move |key: &'__key K| Self::get::<
                            K,
                            V,
                        >(self, key, default.for_one_call(), log.for_one_call()),
                    )
            }
        "#]],
    );
}

#[test]
fn an_unsafe_function_of_nothing() {
    check(
        "crate = crate::renamed",
        "#[cfg(unix)] #[inline] #[must_use] unsafe extern \"C\" fn poke(at: *mut u8) {}",
        &expect![[r##"
            #[cfg(unix)]
            #[inline]
            #[must_use]
            unsafe extern "C" fn poke(at: *mut u8) {}
            /**Calls [`poke`](fn@poke) for each `at` in parallel.

            Panics if `poke` or the input iterator does, with the first panic in input order.*/
            #[allow(clippy::impl_trait_in_params)]
            #[cfg(unix)]
            #[forbid(dead_code)]
            unsafe fn poke_parallel(
                at: impl crate::renamed::Items<*mut u8, IntoIter: ::core::marker::Send>,
            ) {
                enum at {}
                use {__in_an_impl_block_write_call_equals_Self_poke_0819 as _, poke as __original};
                static __MEMORY_OF_poke: crate::renamed::__private::Memory = crate::renamed::__private::Memory::new(
                    ::core::concat!(::core::module_path!(), "::poke"),
                );
                crate::renamed::__private::Call::new(&__MEMORY_OF_poke)
                    .run::<
                        *mut u8,
                        at,
                        (),
                        _,
                        _,
                    >(
                        crate::renamed::__private::input(&crate::renamed::__private::NoEvidence, at),
                        move |at: *mut u8| unsafe { __original(at) },
                    );
            }
            /**Returns the calls of [`poke`](fn@poke) for each `at`, which run in parallel once they are collected or looped over.

            Panics if `poke` or the input iterator does, with the first panic in input order.*/
            #[allow(clippy::impl_trait_in_params)]
            #[cfg(unix)]
            #[forbid(dead_code)]
            unsafe fn poke_parallel_iter(
                at: impl crate::renamed::Items<*mut u8, IntoIter: ::core::marker::Send>,
            ) -> crate::renamed::ParallelIter<
                impl ::core::iter::Iterator<Item = *mut u8> + ::core::marker::Send,
                impl crate::renamed::iter::Apply<
                    *mut u8,
                    Output = (),
                    State = (),
                > + ::core::marker::Sync,
            > {
                use {__in_an_impl_block_write_call_equals_Self_poke_0819 as _, poke as __original};
                static __MEMORY_OF_poke: crate::renamed::__private::Memory = crate::renamed::__private::Memory::new(
                    ::core::concat!(::core::module_path!(), "::poke"),
                );
                crate::renamed::__private::Call::new(&__MEMORY_OF_poke)
                    .lazy::<
                        *mut u8,
                        (),
                        _,
                        _,
                    >(
                        crate::renamed::__private::input(&crate::renamed::__private::NoEvidence, at),
                        move |at: *mut u8| unsafe { __original(at) },
                    )
            }
            #[doc(hidden)]
            const __in_an_impl_block_write_call_equals_Self_poke_0819: () = ();
        "##]],
    );
}

#[test]
#[allow(clippy::too_many_lines)] // The expansion is long.
fn a_function_with_a_token() {
    check(
        "over = x, cancel = token",
        "fn f(x: u64, token: &ItemToken) -> u64 { todo!() }",
        &expect![[r#"
            fn f(x: u64, token: &ItemToken) -> u64 {
                todo!()
            }
            /**Calls [`f`](fn@f) for each `x` in parallel and returns the results in input order. `token` tells each item whether it is still needed.

            Panics if `f` or the input iterator does, with the first panic in input order.*/
            #[allow(clippy::impl_trait_in_params)]
            #[forbid(dead_code)]
            fn f_parallel(
                x: impl ::parallelize::Items<u64, IntoIter: ::core::marker::Send>,
            ) -> ::parallelize::__private::Vec<u64> {
                enum x {}
                enum token {}
                use {__in_an_impl_block_write_call_equals_Self_f_3f61 as _, f as __original};
                static __MEMORY_OF_f: ::parallelize::__private::Memory = ::parallelize::__private::Memory::new(
                    ::core::concat!(::core::module_path!(), "::f"),
                );
                ::parallelize::__private::Call::new(&__MEMORY_OF_f)
                    .run::<
                        (::core::primitive::usize, u64),
                        x,
                        u64,
                        _,
                        _,
                    >(
                        ::parallelize::__private::Indexed::new(
                            ::parallelize::__private::input(&::parallelize::__private::NoEvidence, x),
                        ),
                        ::parallelize::__private::cancellable::<
                            false,
                            _,
                            _,
                            _,
                            _,
                            _,
                        >(
                            || (),
                            move |
                                _: &mut (),
                                __token: &::parallelize::ItemToken,
                                (__index, x): (::core::primitive::usize, u64)|
                            __original(
                                x,
                                ::parallelize::__private::token::<ItemToken, token>(__token),
                            ),
                        ),
                    )
            }
            /**Returns the calls of [`f`](fn@f) for each `x`, which run in parallel once they are collected or looped over. `token` tells each item whether it is still needed.

            Panics if `f` or the input iterator does, with the first panic in input order.*/
            #[allow(clippy::impl_trait_in_params)]
            #[forbid(dead_code)]
            fn f_parallel_iter(
                x: impl ::parallelize::Items<u64, IntoIter: ::core::marker::Send>,
            ) -> ::parallelize::ParallelIter<
                impl ::core::iter::Iterator<
                    Item = (::core::primitive::usize, u64),
                > + ::core::marker::Send,
                impl ::parallelize::iter::Apply<
                    (::core::primitive::usize, u64),
                    Output = u64,
                    State = ::parallelize::iter::WithToken<::core::option::Option<()>>,
                > + ::core::marker::Sync,
            > {
                use {__in_an_impl_block_write_call_equals_Self_f_3f61 as _, f as __original};
                static __MEMORY_OF_f: ::parallelize::__private::Memory = ::parallelize::__private::Memory::new(
                    ::core::concat!(::core::module_path!(), "::f"),
                );
                ::parallelize::__private::Call::new(&__MEMORY_OF_f)
                    .lazy::<
                        (::core::primitive::usize, u64),
                        u64,
                        _,
                        _,
                    >(
                        ::parallelize::__private::Indexed::new(
                            ::parallelize::__private::input(&::parallelize::__private::NoEvidence, x),
                        ),
                        ::parallelize::__private::cancellable::<
                            false,
                            _,
                            _,
                            _,
                            _,
                            _,
                        >(
                            || (),
                            move |
                                _: &mut (),
                                __token: &::parallelize::ItemToken,
                                (__index, x): (::core::primitive::usize, u64)|
                            __original(
                                x,
                                {
                                    use ::parallelize::__private::{PassToken as _, OrNoToken as _};
                                    (&::parallelize::__private::TokenOf::<ItemToken>::new(__token))
                                        .__token_of_item()
                                },
                            ),
                        ),
                    )
            }
            #[doc(hidden)]
            const __in_an_impl_block_write_call_equals_Self_f_3f61: () = ();
        "#]],
    );
}

#[test]
fn a_body_that_is_half_typed() {
    check(
        "over = x",
        "fn f(x: &Point, by: f64) -> f64 { let y = x. }",
        &expect![[
            r#"fn f (x : & Point , by : f64) -> f64 { let y = x . } # [doc = "Calls [`f`](fn@f) for each `x` in parallel and returns the results in input order. `by` is passed to every call.\n\nPanics if `f` or the input iterator does, with the first panic in input order."] # [allow (clippy :: impl_trait_in_params ,)] # [forbid (dead_code)] fn f_parallel < '__x > (x : impl :: parallelize :: Items < & '__x Point , IntoIter : :: core :: marker :: Send > , by : f64) -> :: parallelize :: __private :: Vec < f64 > { enum x { } enum by { } use { __in_an_impl_block_write_call_equals_Self_f_0da3 as _ , f as __original } ; static __MEMORY_OF_f : :: parallelize :: __private :: Memory = :: parallelize :: __private :: Memory :: new (:: core :: concat ! (:: core :: module_path ! () , "::f")) ; :: parallelize :: __private :: Call :: new (& __MEMORY_OF_f) . run :: < & '__x Point , x , f64 , _ , _ > (:: parallelize :: __private :: input (& { use :: parallelize :: __private :: { KnownReferences as _ , OrNoEvidence as _ } ; (& :: parallelize :: __private :: Behind :: < Point > :: new ()) . __evidence_of_items () } , x) , move | x : & '__x Point | __original (x , :: parallelize :: __private :: cloned :: < f64 , by > (& by))) } # [doc = "Returns the calls of [`f`](fn@f) for each `x`, which run in parallel once they are collected or looped over. `by` is passed to every call.\n\nPanics if `f` or the input iterator does, with the first panic in input order."] # [allow (clippy :: impl_trait_in_params ,)] # [forbid (dead_code)] fn f_parallel_iter < '__x > (x : impl :: parallelize :: Items < & '__x Point , IntoIter : :: core :: marker :: Send > , by : f64) -> :: parallelize :: ParallelIter < impl :: core :: iter :: Iterator < Item = & '__x Point > + :: core :: marker :: Send , impl :: parallelize :: iter :: Apply < & '__x Point , Output = f64 , State = () > + :: core :: marker :: Sync > { use { __in_an_impl_block_write_call_equals_Self_f_0da3 as _ , f as __original } ; static __MEMORY_OF_f : :: parallelize :: __private :: Memory = :: parallelize :: __private :: Memory :: new (:: core :: concat ! (:: core :: module_path ! () , "::f")) ; use :: parallelize :: __private :: { KeepForCalls as _ , OrNever as _ } ; let by = :: parallelize :: __private :: Fixed (by) . keep_for_calls () ; :: parallelize :: __private :: Call :: new (& __MEMORY_OF_f) . lazy :: < & '__x Point , f64 , _ , _ > (:: parallelize :: __private :: input (& { use :: parallelize :: __private :: { KnownReferences as _ , OrNoEvidence as _ } ; (& :: parallelize :: __private :: Behind :: < Point > :: new ()) . __evidence_of_items () } , x) , move | x : & '__x Point | __original (x , by . for_one_call ())) } # [doc (hidden)] const __in_an_impl_block_write_call_equals_Self_f_0da3 : () = () ;"#
        ]],
    );
}

#[test]
fn an_attribute_that_is_half_typed() {
    check(
        "over = ",
        "fn f(x: &Point, by: f64) -> f64 { x.y * by }",
        &expect![[r#"
            fn f(x: &Point, by: f64) -> f64 {
                x.y * by
            }
            #[doc(hidden)]
            fn f_parallel(
                _: impl ::core::marker::Sized,
                _: impl ::core::marker::Sized,
            ) -> ::parallelize::__private::Vec<f64> {
                loop {}
            }
            #[doc(hidden)]
            fn f_parallel_iter(
                _: impl ::core::marker::Sized,
                _: impl ::core::marker::Sized,
            ) -> ::parallelize::ParallelIter<
                ::parallelize::__private::vec::IntoIter<()>,
                ::parallelize::__private::Stub<f64>,
            > {
                loop {}
            }
            ::core::compile_error! {
                "`over` needs the name of a parameter: `over = x`"
            }
        "#]],
    );
}

#[test]
fn a_signature_that_is_half_typed() {
    check(
        "over = x",
        "fn f(x: &Point, by: ) -> f64 { x.y * by }",
        &expect![[
            r#"fn f (x : & Point , by :) -> f64 { x . y * by } :: core :: compile_error ! { "unexpected end of input, expected one of: `for`, parentheses, `unsafe`, `fn`, `extern`, identifier, `::`, `<`, `dyn`, square brackets, `*`, `&`, `!`, `impl`, `_`, lifetime" }"#
        ]],
    );
}

#[test]
fn an_item_that_is_no_function() {
    check(
        "over = x",
        "struct Point;",
        &expect![[r#"
            struct Point;
            ::core::compile_error! {
                "`#[parallelize]` works on functions only, and this is a struct: annotate a function"
            }
        "#]],
    );
}
