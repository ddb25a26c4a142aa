//! Vectors that are given away: the serial loop collects into their memory.

use super::row::{Figures, Row, once};
use parallelize::parallelize;

/// Defines functions whose items and results have one layout.
macro_rules! light {
    ($($name:ident)*) => { $(
        #[parallelize(over = x)]
        #[inline]
        fn $name(x: f64, factor: f64) -> f64 {
            x * factor + 1.0
        }
    )* };
}

light! { light_5 light_6 light_7 }

/// One row per length.
macro_rules! rows {
    ($($digits:literal $f:ident $f_parallel:ident;)*) => {
        vec![$(
            Row::new(format!("A10: Vec<f64> given away, 10^{}", $digits), |_| {
                let xs: Vec<f64> = (0..10_u32.pow($digits)).map(f64::from).collect();
                let rounds = if $digits == 7 { 21 } else { 101 };
                Figures::of(
                    &[
                        ("loop", &|xs: Vec<f64>| xs.into_iter().map(|x| $f(x, 1.5)).collect::<Vec<_>>()),
                        ("parallelize", &|xs| $f_parallel(xs, 1.5)),
                        ("rayon", &|xs| {
                            use rayon::prelude::*;
                            xs.into_par_iter().map(|x| $f(x, 1.5)).collect()
                        }),
                    ],
                    once(rounds),
                    || xs.clone(),
                )
                .worst_tenth(0.90)
            }),
        )*]
    };
}

pub fn rows() -> Vec<Row> {
    rows! {
        5 light_5 light_5_parallel;
        6 light_6 light_6_parallel;
        7 light_7 light_7_parallel;
    }
}
