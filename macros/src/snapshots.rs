//! Shows a few expansions as they are, so that a change of them is seen by who makes it and by who reviews it.
//!
//! `UPDATE_EXPECT=1 cargo test -p parallelize-macros` writes them anew.
// As expect-test writes them.
#![allow(clippy::needless_raw_string_hashes)]

use expect_test::{Expect, expect};

/// Expands and formats; what is no file of Rust (half-typed code) stays a line of tokens.
fn check(args: &str, item: &str, expected: &Expect) {
    let tokens = crate::twin(args.parse().expect("tokens"), item.parse().expect("tokens"));
    let text = match syn::parse2(tokens.clone()) {
        Ok(file) => prettyplease::unparse(&file),
        Err(_) => tokens.to_string(),
    };
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
            /**Runs [`simulate`](simulate) for every `x` of an input, on all cores, and returns the results in the order of the input; `steps` and `table` are the same for all of them.

            Simulates.
            With care.*/
            #[allow(clippy::multiple_bound_locations)]
            pub fn simulate_parallel(
                x: impl ::core::iter::IntoIterator<Item = f64, IntoIter: ::core::marker::Send>,
                steps: u32,
                table: &Table,
            ) -> ::std::vec::Vec<f64> {
                enum x {}
                enum steps {}
                enum table {}
                use {__write_call_equals_Self_simulate_369c as _, simulate as __original};
                ::parallelize::__private::run::<
                    f64,
                    x,
                    f64,
                    _,
                    _,
                >(
                    x,
                    move |x| __original(
                        x,
                        ::parallelize::__private::cloned::<u32, steps>(&steps),
                        ::parallelize::__private::shared::<Table, table>(table),
                    ),
                )
            }
            #[doc(hidden)]
            const __write_call_equals_Self_simulate_369c: () = ();
        "#]],
    );
}

#[test]
fn a_generic_method_that_borrows() {
    check(
        "over = key, name = get_all",
        "fn get<K: Hash, V>(&self, key: &K, default: &V, log: impl Fn(&K)) -> &str { self.0.get(key) }",
        &expect![[r#"
            fn get<K: Hash, V>(&self, key: &K, default: &V, log: impl Fn(&K)) -> &str {
                self.0.get(key)
            }
            ///Runs [`get`](Self::get) for every `key` of an input, on all cores, and returns the results in the order of the input; `default` and `log` are the same for all of them.
            #[allow(clippy::multiple_bound_locations)]
            fn get_all<'__self, '__key, '__default, K: Hash, V, __Log: Fn(&K)>(
                &'__self self,
                key: impl ::core::iter::IntoIterator<
                    Item = &'__key K,
                    IntoIter: ::core::marker::Send,
                >,
                default: &'__default V,
                log: __Log,
            ) -> ::std::vec::Vec<&'__self str>
            where
                Self: ::core::marker::Sized,
                &'__self Self: ::core::marker::Sync,
                K: '__key,
                K: ::core::marker::Sync,
                V: ::core::marker::Sync,
                __Log: ::core::clone::Clone + ::core::marker::Sync,
            {
                enum key {}
                enum default {}
                enum log {}
                ::parallelize::__private::run::<
                    &'__key K,
                    key,
                    &'__self str,
                    _,
                    _,
                >(
                    key,
                    move |key| Self::get::<
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
            ///Runs [`poke`](poke) for every `at` of an input, on all cores.
            #[allow(clippy::multiple_bound_locations)]
            #[cfg(unix)]
            unsafe fn poke_parallel(
                at: impl ::core::iter::IntoIterator<Item = *mut u8, IntoIter: ::core::marker::Send>,
            ) {
                enum at {}
                use {__write_call_equals_Self_poke_9a0e as _, poke as __original};
                crate::renamed::__private::run::<
                    *mut u8,
                    at,
                    (),
                    _,
                    _,
                >(at, move |at| unsafe { __original(at) });
            }
            #[doc(hidden)]
            const __write_call_equals_Self_poke_9a0e: () = ();
        "##]],
    );
}

#[test]
fn a_body_that_is_half_typed() {
    check(
        "over = x",
        "fn f(x: &Point, by: f64) -> f64 { let y = x. }",
        &expect![[
            r#"fn f (x : & Point , by : f64) -> f64 { let y = x . } # [doc = "Runs [`f`](f) for every `x` of an input, on all cores, and returns the results in the order of the input; `by` is the same for all of them."] # [allow (clippy :: multiple_bound_locations)] fn f_parallel < '__x > (x : impl :: core :: iter :: IntoIterator < Item = & '__x Point , IntoIter : :: core :: marker :: Send > , by : f64) -> :: std :: vec :: Vec < f64 > { enum x { } enum by { } use { __write_call_equals_Self_f_cbb9 as _ , f as __original } ; :: parallelize :: __private :: run :: < & '__x Point , x , f64 , _ , _ > (x , move | x | __original (x , :: parallelize :: __private :: cloned :: < f64 , by > (& by))) } # [doc (hidden)] const __write_call_equals_Self_f_cbb9 : () = () ;"#
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
        fn f_parallel<__0, __1>(_: __0, _: __1) -> ::std::vec::Vec<f64> {
            loop {}
        }
        ::core::compile_error! {
            "`over` needs the name of an argument: `over = x`"
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
        "struct Point { x: f64 }",
        &expect![[r#"
        struct Point {
            x: f64,
        }
        ::core::compile_error! {
            "only a function has a parallel twin, and this is a struct: annotate a function"
        }
    "#]],
    );
}
