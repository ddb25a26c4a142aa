//! 10^7 items that take hardly longer than assigning them.

use super::row::{Figures, Row, once};
use parallelize::parallelize;
use parallelize_benches::contenders::min_len;
use rayon::prelude::*;
use std::hint::black_box;
use std::thread;

/// Number of items.
const MANY: usize = 10_000_000;

/// Number of rounds of the rows that compare medians.
const ROUNDS: usize = 31;

/// Defines functions of about 2 ns, because the crate remembers the cost of each function.
macro_rules! cheap {
    ($($name:ident($x:ty))*) => { $(
        #[parallelize(over = x)]
        #[inline(never)]
        fn $name(x: $x, seed: u64) -> u64 {
            (x as u64 ^ seed).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31).wrapping_mul(0xbf58_476d_1ce4_e5b9)
        }
    )* };
}

cheap! { copied(u64) range(usize) owned(u64) filtered(u64) flattened(u64) }

/// Defines functions that the compiler vectorizes.
macro_rules! vector {
    ($($name:ident)*) => { $(
        #[parallelize(over = x)]
        #[inline]
        fn $name(x: u32, seed: u32) -> u32 {
            (x ^ seed).wrapping_mul(0x9e37_79b9).rotate_left(13).wrapping_add(x)
        }
    )* };
}

vector! { vector_copied vector_range }

/// Measures a function over an input, and its parallel forms over the input of rayon.
macro_rules! four_ways {
    ($f:ident, $f_parallel:ident, |$given:ident: $ty:ty| $input:expr, $parallel_input:expr, $prepare:expr) => {
        Figures::of(
            &[
                ("loop", &|$given: $ty| $input.into_iter().map(|x| $f(x, 1)).collect::<Vec<_>>()),
                ("parallelize", &|$given| $f_parallel($input, 1)),
                ("rayon", &|$given| $parallel_input.map(|x| $f(x, 1)).collect()),
                ("rayon min_len", &|$given| {
                    $parallel_input.with_min_len(min_len(MANY, threads())).map(|x| $f(x, 1)).collect()
                }),
            ],
            once(ROUNDS),
            $prepare,
        )
    };
}

fn threads() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

fn numbers() -> Vec<u64> {
    (0..MANY as u64).collect()
}

/// A length that the compiler does not know.
fn many() -> usize {
    black_box(MANY)
}

pub fn rows() -> Vec<Row> {
    let goals = |figures: Figures| figures.best_of_others().at_least(1.6);
    vec![
        Row::new("10^7 x 2 ns, copied", move |_| {
            let xs = numbers();
            goals(four_ways!(copied, copied_parallel, |_given: ()| xs.iter().copied(), xs.par_iter().copied(), || ()))
        }),
        Row::new("10^7 x 2 ns, range", move |_| {
            goals(four_ways!(range, range_parallel, |_given: ()| 0..many(), (0..many()).into_par_iter(), || ()))
        }),
        Row::new("10^7 x 2 ns, Vec", move |_| {
            let xs = numbers();
            goals(four_ways!(owned, owned_parallel, |given: Vec<u64>| given, given.into_par_iter(), || xs.clone()))
        }),
        Row::new("10^7 vectorized u32, copied", |_| {
            let xs: Vec<u32> = (0..MANY as u32).collect();
            let figures = four_ways!(
                vector_copied,
                vector_copied_parallel,
                |_given: ()| xs.iter().copied(),
                xs.par_iter().copied(),
                || ()
            );
            figures.best_of_others()
        }),
        Row::new("10^7 vectorized u32, range", |_| {
            let figures = four_ways!(
                vector_range,
                vector_range_parallel,
                |_given: ()| 0..many() as u32,
                (0..many() as u32).into_par_iter(),
                || ()
            );
            figures.best_of_others()
        }),
        Row::new("10^7 x 2 ns, filter, 100 calls", |_| {
            let xs = numbers();
            let kept = |x: &u64| !x.is_multiple_of(3);
            let serial = &|()| xs.iter().copied().filter(kept).map(|x| filtered(x, 1)).collect::<Vec<_>>();
            let ours = &|()| filtered_parallel(xs.iter().copied().filter(kept), 1);
            let rayon = &|()| xs.par_iter().copied().filter(kept).map(|x| filtered(x, 1)).collect();
            let figures = Figures::of(&[("loop", serial), ("parallelize", ours)], once(100), || ());
            bimodal(figures.apart(Figures::of(&[("loop", serial), ("rayon", rayon)], once(100), || ())))
        }),
        Row::new("10^7 x 2 ns, flat_map, 100 calls", |_| {
            let xs: Vec<u64> = (0..MANY as u64 / 10).collect();
            let ten = |x: &u64| *x..*x + 10;
            let serial = &|()| xs.iter().flat_map(ten).map(|x| flattened(x, 1)).collect::<Vec<_>>();
            let ours = &|()| flattened_parallel(xs.iter().flat_map(ten), 1);
            let rayon = &|()| xs.par_iter().flat_map_iter(ten).map(|x| flattened(x, 1)).collect();
            let figures = Figures::of(&[("loop", serial), ("parallelize", ours)], once(100), || ());
            bimodal(figures.apart(Figures::of(&[("loop", serial), ("rayon", rayon)], once(100), || ())))
        }),
    ]
}

/// Wants no call to be slow, because one call in four was three times slower than the others.
fn bimodal(figures: Figures) -> Figures {
    let least = figures.ours().ratios.iter().copied().fold(f64::INFINITY, f64::min);
    figures.worst_tenth(0.92).note(format!("minimum {least:.2}")).goal("minimum 0.80", least >= 0.80)
}
