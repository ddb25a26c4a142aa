//! Calls of nanoseconds to microseconds, and a function that is called for short and long work.

use super::row::{Bench, Figures, Row};
use parallelize_benches::contenders::Contender;
use parallelize_benches::harness::{Call, Pace, race};
use std::time::Duration;

parallelize_benches::work! { tiny_100 tiny_10 tiny_20 single_2 single_5 single_10 single_20 alternating }

/// The serial loop and the parallel function.
macro_rules! two_ways {
    ($f:ident, $f_parallel:ident, $items:expr, $pace:expr) => {{
        let items: Vec<u64> = $items;
        let serial: Call<(), Vec<u64>> = &|()| items.iter().map(|count| $f(*count, 1)).collect();
        let ours: Call<(), Vec<u64>> = &|()| $f_parallel(items.iter().copied(), 1);
        let rayon: Call<(), Vec<u64>> = &|()| parallelize_benches::contenders::rayon(&items, |count| $f(count, 1));
        Figures::of(&[("loop", serial), ("parallelize", ours), ("rayon", rayon)], $pace, || ())
    }};
}

/// The sleep before a call, in which all threads fall asleep.
const PAUSE: Duration = Duration::from_micros(500);

pub fn rows() -> Vec<Row> {
    let back_to_back = Pace { repeat: 200, pause: Duration::ZERO, rounds: 101 };
    let single = Pace { repeat: 1, pause: PAUSE, rounds: 301 };
    macro_rules! tiny {
        ($name:literal, $count:literal x $nanos:literal, $f:ident, $f_parallel:ident) => {
            Row::new($name, move |bench| {
                let items = vec![bench.steps($nanos / 1000.0); $count];
                two_ways!($f, $f_parallel, items, back_to_back).nanos_more(40.0)
            })
        };
    }
    macro_rules! single {
        ($name:literal, $micros:literal, $least:literal, $f:ident, $f_parallel:ident) => {
            Row::new($name, move |bench| {
                let items = vec![bench.steps($micros / 10.0); 10];
                two_ways!($f, $f_parallel, items, single).at_least($least)
            })
        };
    }
    vec![
        tiny!("tiny 100 x 5 ns", 100 x 5.0, tiny_100, tiny_100_parallel),
        tiny!("tiny 10 x 20 ns", 10 x 20.0, tiny_10, tiny_10_parallel),
        tiny!("tiny 20 x 100 ns", 20 x 100.0, tiny_20, tiny_20_parallel),
        single!("one call of 2 us after a pause", 2.0, 0.85, single_2, single_2_parallel),
        single!("one call of 5 us after a pause", 5.0, 0.92, single_5, single_5_parallel),
        single!("one call of 10 us after a pause", 10.0, 0.95, single_10, single_10_parallel),
        single!("one call of 20 us after a pause", 20.0, 0.97, single_20, single_20_parallel),
        Row::new("alternating, tiny 50 x 20 ns", |bench| alternate(bench).0),
        Row::new("alternating, heavy 50 x 20 us", |bench| alternate(bench).1),
    ]
}

/// Calls one function for tiny and heavy inputs in turn, and returns the figures of both.
fn alternate(bench: &Bench) -> (Figures, Figures) {
    let (tiny, heavy) = (vec![bench.steps(0.02); 50], vec![bench.steps(20.0); 50]);
    let contenders = [
        Contender::new("loop", |items: &[u64]| items.iter().map(|count| alternating(*count, 1)).collect()),
        Contender::new("parallelize", |items| alternating_parallel(items.iter().copied(), 1)),
    ];
    let pace = Pace { repeat: 1, pause: Duration::ZERO, rounds: 301 };
    let mut times = race(&contenders, &[&tiny, &heavy], pace).into_iter();
    let mut next = || Figures::new(times.next().expect("two inputs"));
    let (tiny, mut large) = (next().nanos_more(250.0), next());
    let limit = bench.partner.limit(heavy.iter().sum());
    large.limit = Some(limit);
    let is_met = large.ours().median() >= 0.88 * limit;
    (tiny, large.goal("0.88 x limit", is_met))
}
