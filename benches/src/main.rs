//! Decides what is measured: this crate beside the serial loop and its peers.

mod harness;

use harness::{Partner, Race, Turn, steps, steps_per_micro};
use parallelize::parallelize;
use rayon::prelude::*;
use std::hint::black_box;
use std::time::Duration;

/// A function of its own for a case, so that the case has a memory of its own.
macro_rules! case {
    ($name:ident, $twin:ident) => {
        #[parallelize(over = count, name = $twin)]
        #[inline(never)]
        fn $name(count: u64, seed: u64) -> u64 {
            steps(seed, count)
        }
    };
}

case!(even, even_twin);
case!(ramp, ramp_twin);
case!(pareto, pareto_twin);
case!(heavy_first, heavy_first_twin);
case!(few, few_twin);
case!(burst, burst_twin);
case!(burst_100, burst_100_twin);
case!(burst_200, burst_200_twin);
case!(single_100, single_100_twin);
case!(single_200, single_200_twin);
case!(single_500, single_500_twin);
case!(work_20, work_20_twin);
case!(work_50, work_50_twin);
case!(work_100, work_100_twin);
case!(tiny, tiny_twin);
case!(alternating, alternating_twin);
case!(inner, inner_twin);

#[parallelize(over = row, name = outer_twin)]
fn outer(row: u64, columns: &[u64]) -> u64 {
    inner_twin(columns.iter().copied(), row).into_iter().fold(0, u64::wrapping_add)
}

#[parallelize(over = x, name = cheap_twin)]
#[inline(never)]
fn cheap(x: u64, seed: u64) -> u64 {
    (x ^ seed).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31).wrapping_mul(0xbf58_476d_1ce4_e5b9)
}

#[parallelize(over = x, name = vector_twin)]
#[inline]
fn vector(x: u32, seed: u32) -> u32 {
    (x ^ seed).wrapping_mul(0x9e37_79b9).rotate_left(13).wrapping_add(x)
}

#[parallelize(over = x, name = filtered_twin)]
#[inline(never)]
fn filtered(x: u64, seed: u64) -> u64 {
    cheap(x, seed)
}

fn turn<'a, R>(mut work: impl FnMut() -> R + 'a) -> Turn<'a> {
    Box::new(move || {
        black_box(work());
    })
}

fn report(name: &str, limit: f64, race: Race) {
    let times = race.run();
    let serial = harness::quantile(&times[0].seconds, 0.5);
    print!("{name:<34} {:>9.1?} limit {limit:.2} |", Duration::from_secs_f64(serial));
    for time in &times[1..] {
        print!(" {} {:.2} ({:.2})", time.name, time.median(), time.p10());
    }
    println!();
}

fn nanos_more(name: &str, calls: usize, race: Race) {
    let times = race.run();
    let per_call = |time: f64| time * 1e9 / calls as f64;
    let serial = &times[0].seconds;
    print!("{name:<34} {:>7.0} ns |", per_call(harness::quantile(serial, 0.5)));
    for time in &times[1..] {
        let more: Vec<f64> = serial.iter().zip(&time.seconds).map(|(serial, time)| per_call(time - serial)).collect();
        print!(" {} {:+.0} ns (p90 {:+.0})", time.name, harness::quantile(&more, 0.5), harness::quantile(&more, 0.9));
    }
    println!();
}

fn main() {
    let only = std::env::args().nth(1).unwrap_or_default();
    let micro = steps_per_micro();
    let us = |micros: f64| (micros * micro) as u64;
    let partner = Partner::new();
    println!("{micro:.0} steps a microsecond");
    let wanted = |name: &str| name.contains(&only);

    macro_rules! race {
        ($name:expr, $items:expr, $f:ident, $twin:ident, repeat $repeat:expr, pause $pause:expr, rounds $rounds:expr) => {
            if wanted($name) {
                let items: Vec<u64> = $items;
                let items = &items;
                let total: u64 = items.iter().sum::<u64>() * $repeat;
                let limit = partner.limit(total, if total > us(50_000.0) { 5 } else { 31 });
                report(
                    $name,
                    limit,
                    Race {
                        turns: vec![
                            ("loop", turn(|| for _ in 0..$repeat { black_box(items.iter().map(|count| $f(*count, 1)).collect::<Vec<u64>>()); })),
                            ("twin", turn(|| for _ in 0..$repeat { black_box($twin(items.iter().copied(), 1)); })),
                            ("rayon", turn(|| for _ in 0..$repeat { black_box(items.par_iter().map(|count| $f(*count, 1)).collect::<Vec<u64>>()); })),
                        ],
                        pause: Duration::from_micros($pause),
                        rounds: $rounds,
                    },
                );
            }
        };
    }

    race!("1000 x 1 ms", vec![us(1000.0); 1000], even, even_twin, repeat 1, pause 0, rounds 5);
    race!("ramp up 1000, 1 ms on average", (0..1000).map(|i| us(2.0 * i as f64)).collect(), ramp, ramp_twin, repeat 1, pause 0, rounds 5);
    race!("ramp down", (0..1000).rev().map(|i| us(2.0 * i as f64)).collect(), ramp, ramp_twin, repeat 1, pause 0, rounds 5);
    race!("pareto 1000", pareto_items(1000).into_iter().map(|x| us(x * 500.0)).collect(), pareto, pareto_twin, repeat 1, pause 0, rounds 5);
    race!("heavy first 50 ms + 50 x 1 ms", std::iter::once(us(50_000.0)).chain(vec![us(1000.0); 50]).collect(), heavy_first, heavy_first_twin, repeat 1, pause 0, rounds 9);
    race!("2 x 50 ms", vec![us(50_000.0); 2], few, few_twin, repeat 1, pause 0, rounds 9);
    race!("3 x 50 ms", vec![us(50_000.0); 3], few, few_twin, repeat 1, pause 0, rounds 9);
    race!("4 x 50 ms", vec![us(50_000.0); 4], few, few_twin, repeat 1, pause 0, rounds 9);
    race!("1000 x 1 us, again and again", vec![us(1.0); 1000], burst, burst_twin, repeat 20, pause 0, rounds 51);
    race!("burst of 200 us", vec![us(10.0); 20], burst_200, burst_200_twin, repeat 50, pause 0, rounds 51);
    race!("burst of 100 us", vec![us(10.0); 10], burst_100, burst_100_twin, repeat 50, pause 0, rounds 51);
    race!("single 500 us", vec![us(10.0); 50], single_500, single_500_twin, repeat 1, pause 500, rounds 301);
    race!("single 200 us", vec![us(10.0); 20], single_200, single_200_twin, repeat 1, pause 500, rounds 301);
    race!("single 100 us", vec![us(10.0); 10], single_100, single_100_twin, repeat 1, pause 500, rounds 301);
    race!("burst of 20 us", vec![us(2.0); 10], work_20, work_20_twin, repeat 50, pause 0, rounds 101);
    race!("burst of 50 us", vec![us(5.0); 10], work_50, work_50_twin, repeat 50, pause 0, rounds 101);
    race!("single 20 us", vec![us(2.0); 10], work_20, work_20_twin, repeat 1, pause 500, rounds 301);
    race!("single 50 us", vec![us(5.0); 10], work_50, work_50_twin, repeat 1, pause 500, rounds 301);

    if wanted("nested 100 x 100 x 1 us") {
        let columns = vec![us(1.0); 100];
        let columns = &columns;
        report(
            "nested 100 x 100 x 1 us",
            partner.limit(us(10_000.0), 31),
            Race {
                turns: vec![
                    ("loop", turn(|| (0..100).map(|row| columns.iter().map(|count| inner(*count, row)).collect::<Vec<u64>>()).collect::<Vec<_>>())),
                    ("twin", turn(|| outer_twin(0..100, columns))),
                    ("rayon", turn(|| (0..100_u64).into_par_iter().map(|row| columns.par_iter().map(|count| inner(*count, row)).collect::<Vec<u64>>()).collect::<Vec<_>>())),
                ],
                pause: Duration::ZERO,
                rounds: 51,
            },
        );
    }

    for (name, items) in [("tiny 100 x 5 ns", vec![us(0.005); 100]), ("tiny 10 x 20 ns", vec![us(0.02); 10]), ("tiny 20 x 100 ns", vec![us(0.1); 20]), ("tiny 1 x 1 us", vec![us(1.0); 1]), ("tiny 0", vec![])] {
        if wanted(name) {
            let items = &items;
            nanos_more(
                name,
                1000,
                Race {
                    turns: vec![
                        ("loop", turn(|| for _ in 0..1000 { black_box(items.iter().map(|count| tiny(*count, 1)).collect::<Vec<u64>>()); })),
                        ("twin", turn(|| for _ in 0..1000 { black_box(tiny_twin(items.iter().copied(), 1)); })),
                    ],
                    pause: Duration::ZERO,
                    rounds: 301,
                },
            );
        }
    }

    if wanted("alternating 50 x 20 ns") {
        let small = &vec![us(0.02); 50];
        let large = &vec![us(20.0); 50];
        let mut more = Vec::new();
        let mut ratios = Vec::new();
        for _ in 0..500 {
            use std::time::Instant;
            let mut time = |items: &[u64], twin: bool| {
                let start = Instant::now();
                if twin {
                    black_box(alternating_twin(items.iter().copied(), 1));
                } else {
                    black_box(items.iter().map(|count| alternating(*count, 1)).collect::<Vec<u64>>());
                }
                start.elapsed().as_secs_f64()
            };
            let (small_loop, small_twin) = (time(small, false), time(small, true));
            let (large_loop, large_twin) = (time(large, false), time(large, true));
            more.push((small_twin - small_loop) * 1e9);
            ratios.push(large_loop / large_twin);
        }
        let limit = partner.limit(us(1000.0), 31);
        println!("alternating 50 x 20 ns, 50 x 20 us: tiny {:+.0} ns (p90 {:+.0}), heavy {:.2} (p10 {:.2}), limit {limit:.2}", harness::quantile(&more, 0.5), harness::quantile(&more, 0.9), harness::quantile(&ratios, 0.5), harness::quantile(&ratios, 0.1));
    }

    const MANY: u64 = 10_000_000;
    let numbers: Vec<u64> = (0..MANY).collect();
    let small: Vec<u32> = (0..MANY as u32).collect();
    if wanted("10^7 x 2 ns") {
        report("10^7 x 2 ns, not inlined", f64::NAN, Race {
            turns: vec![
                ("loop", turn(|| numbers.iter().map(|x| cheap(*x, 1)).collect::<Vec<u64>>())),
                ("twin", turn(|| cheap_twin(numbers.iter().copied(), 1))),
                ("rayon", turn(|| numbers.par_iter().map(|x| cheap(*x, 1)).collect::<Vec<u64>>())),
            ],
            pause: Duration::ZERO,
            rounds: 21,
        });
    }
    if wanted("10^7 vectorised") {
        report("10^7 vectorised", f64::NAN, Race {
            turns: vec![
                ("loop", turn(|| small.iter().map(|x| vector(*x, 1)).collect::<Vec<u32>>())),
                ("twin", turn(|| vector_twin(small.iter().copied(), 1))),
                ("rayon", turn(|| small.par_iter().map(|x| vector(*x, 1)).collect::<Vec<u32>>())),
            ],
            pause: Duration::ZERO,
            rounds: 21,
        });
    }
    if wanted("10^7 filtered") {
        report("10^7 filtered", f64::NAN, Race {
            turns: vec![
                ("loop", turn(|| numbers.iter().copied().filter(|x| x % 3 > 0).map(|x| filtered(x, 1)).collect::<Vec<u64>>())),
                ("twin", turn(|| filtered_twin(numbers.iter().copied().filter(|x| x % 3 > 0), 1))),
                ("rayon", turn(|| numbers.par_iter().copied().filter(|x| x % 3 > 0).map(|x| filtered(x, 1)).collect::<Vec<u64>>())),
            ],
            pause: Duration::ZERO,
            rounds: 21,
        });
    }
}

/// Work that follows a Pareto distribution of shape 1.5, from fixed quantiles in a shuffled order; the mean is about 3.
fn pareto_items(count: usize) -> Vec<f64> {
    let quantile = |i: usize| (1.0 - (i as f64 + 0.5) / count as f64).powf(-1.0 / 1.5);
    (0..count).map(|i| quantile(i * 617 % count)).collect()
}
