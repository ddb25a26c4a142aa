//! The functions of one kind of input, and the closures that map them over it.

/// Defines the functions of one kind, and measures one of them.
///
/// `ours` has the arguments of the parallel function, `serial` and `rayon` the iterators of the
/// other contenders. `given` is what `prepare` has made for this call.
macro_rules! kind {
    (
        $kind:ident, ($($option:tt)*), ($($parameter:tt)*) => $seed:expr => $result:ty,
        data: |$len:ident| $data_expr:expr,
        prepare: $prepare:expr,
        item: $pattern:pat => ($($arg:expr),*),
        |$data:ident, $given:ident|
        serial: $serial:expr,
        ours: ($($ours:expr),*),
        rayon: $rayon:expr $(,)?
    ) => {
        pub mod $kind {
            use super::*;

            #[parallelize($($option)*)]
            #[inline(never)]
            fn dependent($($parameter)*, count: u64) -> $result {
                steps($seed, count) as $result
            }

            #[parallelize($($option)*)]
            #[inline]
            fn vector_1($($parameter)*) -> $result {
                four($seed) as $result
            }

            #[parallelize($($option)*)]
            #[inline]
            fn vector_5($($parameter)*) -> $result {
                twelve($seed) as $result
            }

            #[parallelize($($option)*)]
            #[inline]
            fn vector_20($($parameter)*) -> $result {
                twenty_four($seed) as $result
            }

            pub fn run(trial: &Trial) -> Vec<Vec<f64>> {
                let $len = trial.cell.len;
                let data = $data_expr;
                let prepare = || ($prepare)(&data);
                macro_rules! contenders {
                    ($f:ident, $f_parallel:ident $fixed:tt) => {
                        trial.run(prepare, [
                            &|$given| {
                                let $data = black_box(&data);
                                let _ = (&$data, &$given);
                                $serial.map(|$pattern| call!($f, ($($arg),*), $fixed)).collect()
                            },
                            &|$given| {
                                let $data = black_box(&data);
                                let _ = (&$data, &$given);
                                call!($f_parallel, ($($ours),*), $fixed)
                            },
                            &|$given| {
                                let $data = black_box(&data);
                                let _ = (&$data, &$given);
                                $rayon.map(|$pattern| call!($f, ($($arg),*), $fixed)).collect()
                            },
                        ])
                    };
                }
                let count = trial.steps();
                match trial.cell.work {
                    Work::Steps(_) => contenders!(dependent, dependent_parallel (, count)),
                    Work::Vector(1) => contenders!(vector_1, vector_1_parallel ()),
                    Work::Vector(5) => contenders!(vector_5, vector_5_parallel ()),
                    Work::Vector(_) => contenders!(vector_20, vector_20_parallel ()),
                }
            }
        }
    };
}

/// Calls a function with its mapped and its fixed arguments.
macro_rules! call {
    ($f:ident, ($($arg:expr),*), ($($fixed:tt)*)) => {
        $f($($arg),* $($fixed)*)
    };
}

pub(crate) use {call, kind};
