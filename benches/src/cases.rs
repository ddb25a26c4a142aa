//! The cases that are measured: the work, the number of calls, and the goals.

use crate::contenders::{self, Contender, Number, Peers};
use crate::harness::{Pace, race, steps};
use crate::partner::Partner;
use crate::report::{Goal, Row, Unit};
use Goal::{AtLeast, NanosMore, OfBound, OfLimit, OfRayon};
use parallelize::parallelize;
use std::time::Duration;

work! {
    even ramp pareto heavy_first few
    burst burst_20 burst_50 burst_100 burst_200
    single_20 single_50 single_100 single_200 single_500
    tiny alternating inner swept
    streamed streamed_mixed
}

#[parallelize(over = pair)]
fn prepared(pair: (u64, u64)) -> u64 {
    steps(pair.1, pair.0)
}

#[parallelize(over = zip(count, seed))]
fn zipped(count: u64, seed: u64) -> u64 {
    steps(seed, count)
}

#[parallelize(over = product(count, seed))]
fn combined(count: u64, seed: u64) -> u64 {
    steps(seed, count)
}

#[parallelize(over = row)]
fn outer(row: u64, columns: &[u64]) -> u64 {
    sum(inner_parallel(columns.iter().copied(), row))
}

#[parallelize(over = x)]
#[inline(never)]
fn cheap(x: u64, seed: u64) -> u64 {
    (x ^ seed).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31).wrapping_mul(0xbf58_476d_1ce4_e5b9)
}

#[parallelize(over = x)]
#[inline]
fn vector(x: u32, seed: u32) -> u32 {
    (x ^ seed).wrapping_mul(0x9e37_79b9).rotate_left(13).wrapping_add(x)
}

#[parallelize(over = x)]
#[inline(never)]
fn filtered(x: u64, seed: u64) -> u64 {
    cheap(x, seed)
}

/// One input of a case, which becomes a row of a table.
struct Input<T> {
    name: String,
    items: Vec<T>,
    /// Steps per call, if the row shows the limit.
    work: Option<u64>,
    unit: Unit,
    goals: Vec<Goal>,
}

/// A function and its inputs. If there are several inputs, each contender runs them in sequence.
pub struct Case<'a, T> {
    inputs: Vec<Input<T>>,
    contenders: Vec<Contender<'a, T>>,
    pace: Pace,
}

impl<T: Number> Case<'_, T> {
    pub fn is_named(&self, part: &str) -> bool {
        self.inputs.iter().any(|input| input.name.contains(part))
    }

    pub fn measure(&self, partner: &Partner) -> Vec<Row> {
        let limits: Vec<_> = self.inputs.iter().map(|input| input.work.map(|work| partner.limit(work))).collect();
        let items: Vec<&[T]> = self.inputs.iter().map(|input| &input.items[..]).collect();
        let times = race(&self.contenders, &items, self.pace);
        let rows = self.inputs.iter().zip(limits).zip(times).map(|((input, limit), times)| Row {
            name: input.name.clone(),
            unit: input.unit,
            times,
            limit,
            goals: input.goals.clone(),
        });
        rows.collect()
    }
}

/// All contenders for one of the functions above.
macro_rules! lineup {
    ($peers:expr, $f:ident, $parallel:ident) => {
        $peers.lineup(|item| $f(item, 1), |items| $parallel(items.iter().copied(), 1))
    };
}

fn pace(repeat: usize, rounds: usize) -> Pace {
    Pace { repeat, pause: Duration::ZERO, rounds }
}

fn case<'a>(
    name: &str,
    items: Vec<u64>,
    contenders: Vec<Contender<'a, u64>>,
    pace: Pace,
    goals: &[Goal],
) -> Case<'a, u64> {
    let work = Some(items.iter().sum());
    let input = Input { name: name.to_string(), items, work, unit: Unit::Ratio, goals: goals.to_vec() };
    Case { inputs: vec![input], contenders, pace }
}

fn in_steps(micros: f64, per_micro: f64) -> u64 {
    (micros * per_micro) as u64
}

/// Calls of many milliseconds.
pub fn long(peers: &Peers, per_micro: f64) -> Vec<Case<'_, u64>> {
    let us = |micros: f64| in_steps(micros, per_micro);
    let goals = [OfLimit(0.97), OfRayon(0.98)];
    let up: Vec<u64> = (0..1000).map(|i| us(2.0 * f64::from(i))).collect();
    let down: Vec<u64> = up.iter().rev().copied().collect();
    let uneven = pareto_items(1000).into_iter().map(|x| us(x * 300.0)).collect();
    let heavy = std::iter::once(us(50_000.0)).chain(vec![us(1000.0); 50]).collect();
    let mut cases = vec![
        case("1000 x 1 ms", vec![us(1000.0); 1000], lineup!(peers, even, even_parallel), pace(1, 5), &goals),
        case("ramp up 1000, 1 ms on average", up, lineup!(peers, ramp, ramp_parallel), pace(1, 5), &goals),
        case("ramp down", down, lineup!(peers, ramp, ramp_parallel), pace(1, 5), &goals),
        case("pareto 1000", uneven, lineup!(peers, pareto, pareto_parallel), pace(1, 5), &goals),
        case(
            "heavy first 50 ms + 50 x 1 ms",
            heavy,
            lineup!(peers, heavy_first, heavy_first_parallel),
            pace(1, 9),
            &goals,
        ),
    ];
    for count in 2_usize..=4 {
        let bound = count as f64 / count.div_ceil(peers.threads) as f64;
        let items = vec![us(50_000.0); count];
        let name = format!("{count} x 50 ms");
        cases.push(case(&name, items, lineup!(peers, few, few_parallel), pace(1, 9), &[OfBound(0.95, bound)]));
    }
    cases.push(nested(peers, us(1.0)));
    cases
}

/// A call within each item of a call.
///
/// chili and paralight cannot express this with one pool. orx-parallel 4.1 can, but its threads
/// sometimes deadlock.
fn nested(peers: &Peers, column: u64) -> Case<'_, u64> {
    let threads = peers.threads;
    let columns = vec![column; 100];
    let within = move |call: &dyn Fn(&[u64]) -> Vec<u64>| sum(call(&[column; 100]));
    let contenders = vec![
        Contender::new("loop", move |rows: &[u64]| {
            let row = |row: &u64| within(&|columns| columns.iter().map(|count| inner(*count, *row)).collect());
            rows.iter().map(row).collect()
        }),
        Contender::new("parallelize", move |rows| outer_parallel(rows.iter().copied(), &columns)),
        Contender::new("rayon", move |rows| {
            contenders::rayon(rows, |row| within(&|columns| contenders::rayon(columns, |count| inner(count, row))))
        }),
        Contender::new("rayon min_len", move |rows| {
            use contenders::rayon_min_len as map;
            map(rows, threads, |row| within(&|columns| map(columns, threads, |count| inner(count, row))))
        }),
        Contender::new("std scope", move |rows| {
            use contenders::std_scope as map;
            map(rows, threads, |row| within(&|columns| map(columns, threads, |count| inner(count, row))))
        }),
    ];
    let mut case = case("nested 100 x 100 x 1 us", (0..100).collect(), contenders, pace(1, 51), &[OfLimit(0.90)]);
    case.inputs[0].work = Some(10_000 * column);
    case
}

/// Results that are streamed instead of collected. Only this crate can do this in input order.
pub fn streams(_: &Peers, per_micro: f64) -> Vec<Case<'_, u64>> {
    /// The serial loop and the stream of the lazy version.
    macro_rules! lineup {
        ($f:ident, $parallel:ident) => {
            vec![
                Contender::new("loop", |items: &[u64]| items.iter().map(|item| $f(*item, 1)).collect()),
                Contender::new("parallelize", |items| $parallel(items.iter().copied(), 1).into_iter().collect()),
            ]
        };
    }
    let us = |micros: f64| in_steps(micros, per_micro);
    let mut mixed = vec![us(100.0); 1000];
    mixed.iter_mut().skip(25).step_by(50).for_each(|item| *item = us(5000.0));
    let numbers = (0..10_000_000).collect();
    let mut cheap = case("stream 10^7 x 2 ns", numbers, lineup!(cheap, cheap_parallel_iter), pace(1, 11), &[]);
    cheap.inputs[0].work = None;
    vec![
        case(
            "stream 10^5 x 10 us",
            vec![us(10.0); 100_000],
            lineup!(streamed, streamed_parallel_iter),
            pace(1, 9),
            &[OfLimit(0.93)],
        ),
        case(
            "stream 1000, one in 50 of 5 ms, else 100 us",
            mixed,
            lineup!(streamed_mixed, streamed_mixed_parallel_iter),
            pace(1, 31),
            &[OfLimit(0.90)],
        ),
        cheap,
    ]
}

/// Two mapped parameters. The column "loop" is a parallel function over tuples that exist already.
pub fn several(_: &Peers, per_micro: f64) -> Vec<Case<'_, u64>> {
    let mut cases = Vec::new();
    for (count, micros) in [(1_000_000, 0.02), (100_000, 1.0)] {
        let steps = in_steps(micros, per_micro);
        let tuples: Vec<(u64, u64)> = (0..count).map(|seed| (steps, seed)).collect();
        let prepared = || {
            let tuples = tuples.clone();
            Contender::new("loop", move |_: &[u64]| prepared_parallel(tuples.iter().copied()))
        };
        let zip = Contender::new("parallelize", |items: &[u64]| {
            zipped_parallel(items.iter().copied(), 0..items.len() as u64)
        });
        let name = |kind: &str| format!("{kind} of {count} x {:.0} ns, against tuples", micros * 1e3);
        let items = vec![steps; count as usize];
        let product = Contender::new("parallelize", move |items: &[u64]| {
            combined_parallel(items[..10].iter().copied(), 0..items.len() as u64 / 10)
        });
        let tuples: Vec<(u64, u64)> = (0..count).map(|seed| (steps, seed % (count / 10))).collect();
        let rows = Contender::new("loop", move |_: &[u64]| prepared_parallel(tuples.iter().copied()));
        cases.push(case(&name("zip"), items.clone(), vec![prepared(), zip], pace(1, 31), &[AtLeast(0.95)]));
        cases.push(case(&name("product"), items, vec![rows, product], pace(1, 31), &[AtLeast(0.95)]));
    }
    cases.iter_mut().for_each(|case| case.inputs[0].work = None);
    cases
}

/// Calls without a pause between them.
pub fn bursts(peers: &Peers, per_micro: f64) -> Vec<Case<'_, u64>> {
    let items = |micros: f64, count| vec![in_steps(micros, per_micro); count];
    let contenders = lineup!(peers, burst, burst_parallel);
    vec![
        case("1000 x 1 us, again and again", items(1.0, 1000), contenders, pace(20, 51), &[OfLimit(0.90)]),
        case(
            "burst of 200 us",
            items(10.0, 20),
            lineup!(peers, burst_200, burst_200_parallel),
            pace(50, 51),
            &[AtLeast(1.5)],
        ),
        case(
            "burst of 100 us",
            items(10.0, 10),
            lineup!(peers, burst_100, burst_100_parallel),
            pace(50, 51),
            &[AtLeast(1.5)],
        ),
        case(
            "burst of 50 us",
            items(5.0, 10),
            lineup!(peers, burst_50, burst_50_parallel),
            pace(50, 51),
            &[AtLeast(0.95)],
        ),
        case(
            "burst of 20 us",
            items(2.0, 10),
            lineup!(peers, burst_20, burst_20_parallel),
            pace(50, 51),
            &[AtLeast(0.95)],
        ),
    ]
}

/// One call after a pause, in which all threads fall asleep.
pub fn singles(peers: &Peers, per_micro: f64) -> Vec<Case<'_, u64>> {
    let items = |micros: f64, count| vec![in_steps(micros, per_micro); count];
    let pace = Pace { repeat: 1, pause: Duration::from_micros(500), rounds: 301 };
    vec![
        case("single 500 us", items(10.0, 50), lineup!(peers, single_500, single_500_parallel), pace, &[OfLimit(0.85)]),
        case("single 200 us", items(10.0, 20), lineup!(peers, single_200, single_200_parallel), pace, &[OfLimit(0.70)]),
        case("single 100 us", items(10.0, 10), lineup!(peers, single_100, single_100_parallel), pace, &[AtLeast(0.95)]),
        case("single 50 us", items(5.0, 10), lineup!(peers, single_50, single_50_parallel), pace, &[AtLeast(0.95)]),
        case("single 20 us", items(2.0, 10), lineup!(peers, single_20, single_20_parallel), pace, &[AtLeast(0.95)]),
    ]
}

/// Calls that are too small to become faster, and short and long calls of one function in turn.
pub fn tiny_calls(peers: &Peers, per_micro: f64) -> Vec<Case<'_, u64>> {
    let items = |micros: f64, count| vec![in_steps(micros, per_micro); count];
    let input = |name: &str, items, unit, goal| {
        let name = name.to_string();
        Input { name, items, work: None, unit, goals: vec![goal] }
    };
    let inputs = [
        ("tiny 0", vec![]),
        ("tiny 100 x 5 ns", items(0.005, 100)),
        ("tiny 10 x 20 ns", items(0.02, 10)),
        ("tiny 20 x 100 ns", items(0.1, 20)),
        ("tiny 1 x 1 us", items(1.0, 1)),
    ];
    let mut cases: Vec<_> = (inputs.into_iter())
        .map(|(name, items)| Case {
            inputs: vec![input(name, items, Unit::NanosMore, NanosMore(60.0))],
            contenders: lineup!(peers, tiny, tiny_parallel),
            pace: pace(200, 101),
        })
        .collect();
    let small = input("alternating, tiny 50 x 20 ns", items(0.02, 50), Unit::NanosMore, NanosMore(400.0));
    let mut large = input("alternating, heavy 50 x 20 us", items(20.0, 50), Unit::Ratio, OfLimit(0.85));
    large.work = Some(large.items.iter().sum());
    let contenders = lineup!(peers, alternating, alternating_parallel);
    cases.push(Case { inputs: vec![small, large], contenders, pace: pace(1, 501) });
    cases
}

/// Number of items in the cases with cheap items.
const MANY: u32 = 10_000_000;

fn many<T>(name: &str, items: impl Iterator<Item = T>, goal: Goal) -> Vec<Input<T>> {
    let (name, goals) = (name.to_string(), vec![goal]);
    vec![Input { name, items: items.collect(), work: None, unit: Unit::Ratio, goals }]
}

/// Items that take hardly longer than assigning them.
pub fn cheap_items(peers: &Peers, _: f64) -> Vec<Case<'_, u64>> {
    let threads = peers.threads;
    let kept = |x: &u64| !x.is_multiple_of(3);
    // paralight and chili write each result to the index of its item, so they cannot filter.
    let contenders = vec![
        Contender::new("loop", move |items: &[u64]| {
            items.iter().copied().filter(kept).map(|x| filtered(x, 1)).collect()
        }),
        Contender::new("parallelize", move |items| filtered_parallel(items.iter().copied().filter(kept), 1)),
        Contender::new("rayon", move |items| {
            use rayon::prelude::*;
            items.par_iter().copied().filter(kept).map(|x| filtered(x, 1)).collect()
        }),
        Contender::new("rayon min_len", move |items| {
            use rayon::prelude::*;
            let min_len = contenders::min_len(items.len(), threads);
            items.par_iter().with_min_len(min_len).copied().filter(kept).map(|x| filtered(x, 1)).collect()
        }),
        Contender::new("std scope", move |items| {
            let work = |chunk: &[u64]| chunk.iter().copied().filter(kept).map(|x| filtered(x, 1)).collect();
            contenders::std_scope_chunks(items, threads, work)
        }),
        Contender::new("orx", move |items| {
            use orx_parallel::*;
            items.par().copied().filter(kept).map(|x| filtered(x, 1)).collect()
        }),
    ];
    let numbers = || (0..MANY).map(u64::from);
    let inputs = many("10^7 x 2 ns, not inlined", numbers(), OfRayon(0.95));
    vec![
        Case { inputs, contenders: lineup!(peers, cheap, cheap_parallel), pace: pace(1, 21) },
        Case { inputs: many("10^7 filtered", numbers(), AtLeast(0.95)), contenders, pace: pace(1, 21) },
    ]
}

/// Cheap items that the compiler vectorizes in the serial loop.
pub fn vector_items(peers: &Peers) -> Vec<Case<'_, u32>> {
    let inputs = many("10^7 vectorized", 0..MANY, AtLeast(1.2));
    vec![Case { inputs, contenders: lineup!(peers, vector, vector_parallel), pace: pace(1, 21) }]
}

/// Calls for the chart, with far too little to more than enough work, each after a pause. Each case
/// comes with its work in microseconds.
pub fn sweep(peers: &Peers, per_micro: f64) -> Vec<(f64, Case<'_, u64>)> {
    let decades = [1.0, 10.0, 100.0, 1e3, 1e4, 1e5].into_iter();
    let works =
        decades.flat_map(|decade| [decade, 2.0 * decade, 5.0 * decade]).filter(|work| (2.0..=1e5).contains(work));
    let case = |work: f64| {
        // About 1.5 s per point for all contenders together, but at least 5 rounds.
        let rounds = (1.5e6 / (8.0 * (600.0 + work))).clamp(5.0, 201.0) as usize;
        let pace = Pace { repeat: 1, pause: Duration::from_micros(500), rounds };
        let name = format!("sweep {:.0?}, 20 items", Duration::from_secs_f64(work / 1e6));
        let items = vec![in_steps(work / 20.0, per_micro); 20];
        (work, case(&name, items, lineup!(peers, swept, swept_parallel), pace, &[]))
    };
    works.map(case).collect()
}

fn sum(values: Vec<u64>) -> u64 {
    values.into_iter().fold(0, u64::wrapping_add)
}

/// Work with a Pareto distribution of shape 1.5: fixed quantiles in a shuffled order. The mean is
/// about 3.
fn pareto_items(count: usize) -> Vec<f64> {
    let quantile = |i: usize| (1.0 - (i as f64 + 0.5) / count as f64).powf(-1.0 / 1.5);
    (0..count).map(|i| quantile(i * 617 % count)).collect()
}
