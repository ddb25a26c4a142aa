//! Results that go to a sink while other threads work, and bursts of short calls.

use super::row::{Figures, Row};
use parallelize::parallelize;
use parallelize_benches::harness::{Call, Pace, steps};
use std::hint::black_box;
use std::ops::ControlFlow;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

parallelize_benches::work! {
    in_order unordered background beside burst_10 burst_20 burst_50 burst_100 burst_200
}

#[parallelize(over = x)]
#[inline(never)]
fn cheap(x: u64, seed: u64) -> u64 {
    (x ^ seed).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31).wrapping_mul(0xbf58_476d_1ce4_e5b9)
}

#[parallelize(over = index)]
#[inline(never)]
fn searched(index: u64, count: u64) -> u64 {
    // The result is the index, and the compiler does not know that.
    index + u64::from(black_box(steps(1, count)) == 0)
}

fn is_match(result: u64, at: u64) -> bool {
    result == at
}

/// The time of a mirror, as a wait and not as work.
#[parallelize(over = millis)]
fn answer(millis: u64) -> u64 {
    thread::sleep(Duration::from_millis(millis));
    millis
}

fn pace(repeat: usize, rounds: usize) -> Pace {
    Pace { repeat, pause: Duration::ZERO, rounds }
}

/// The time of an item and of the sink per result, in microseconds, the number of items, and the
/// speed-up to reach. `None` if only the other forms are wanted.
const SINKS: [(f64, f64, usize, Option<f64>); 7] = [
    (100.0, 50.0, 200, Some(1.90)),
    (10.0, 10.0, 2_000, Some(1.90)),
    (100.0, 100.0, 200, Some(1.90)),
    (1_000.0, 300.0, 20, Some(1.80)),
    (10.0, 50.0, 500, Some(1.17)),
    (10.0, 1.0, 2_000, None),
    (1.0, 1.0, 20_000, None),
];

pub fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for (item, sink, count, least) in SINKS {
        let name = format!("sink: {count} x {item} us, sink {sink} us");
        rows.push(Row::new(name, move |bench| {
            let items = vec![bench.steps(item); count];
            let sink_steps = bench.steps(sink);
            let take = |result| _ = black_box(steps(black_box(result), sink_steps));
            let serial: Call<(), ()> = &|()| items.iter().for_each(|item| take(in_order(*item, 1)));
            let ours: Call<(), ()> = &|()| in_order_parallel_iter(items.iter().copied(), 1).for_each(take);
            let blocks: Call<(), ()> =
                &|()| in_order_parallel_iter(items.iter().copied(), 1).into_iter().for_each(take);
            let at_once: Call<(), ()> =
                &|()| unordered_parallel_iter(items.iter().copied(), 1).for_each_unordered(|_, result| take(result));
            let behind: Call<(), ()> = &|()| background_parallel_iter(items.clone(), 1).background().for_each(take);
            let contenders = [
                ("loop", serial),
                ("for_each", ours),
                ("for loop", blocks),
                ("unordered", at_once),
                ("background", behind),
            ];
            let mut figures = Figures::of(&contenders, pace(1, 31), || ());
            figures.limit = Some(bench.partner.limit(count as u64 * (items[0] + sink_steps)));
            match least {
                Some(least) => figures.at_least(least),
                None => figures,
            }
        }));
    }
    rows.push(Row::new("sink: 10^7 x 2 ns", |_| {
        let add = |sum: &mut u64, x: u64| *sum = sum.wrapping_add(x);
        let numbers: Vec<u64> = (0..10_000_000).collect();
        let serial: Call<(), u64> = &|()| {
            let mut sum = 0;
            numbers.iter().for_each(|x| add(&mut sum, cheap(*x, 1)));
            sum
        };
        let ours: Call<(), u64> = &|()| {
            let mut sum = 0;
            cheap_parallel_iter(numbers.iter().copied(), 1).for_each(|x| add(&mut sum, x));
            sum
        };
        let blocks: Call<(), u64> = &|()| {
            let mut sum = 0;
            for x in cheap_parallel_iter(numbers.iter().copied(), 1) {
                add(&mut sum, x);
            }
            sum
        };
        let at_once: Call<(), u64> = &|()| {
            let mut sum = 0;
            cheap_parallel_iter(numbers.iter().copied(), 1).for_each_unordered(|_, x| add(&mut sum, x));
            sum
        };
        let contenders = [("loop", serial), ("for_each", ours), ("for loop", blocks), ("unordered", at_once)];
        let figures = Figures::of(&contenders, pace(1, 31), || ()).at_least(0.95);
        let blocks = figures.times[2].median();
        figures.goal("`for` loop 0.75", blocks >= 0.75)
    }));
    rows.push(Row::new("first of four mirrors", |_| {
        // The others go on until they end, so the time to the sink counts.
        let begin = Mutex::new(Instant::now());
        let mut nanos = Vec::new();
        for _ in 0..5 {
            *begin.lock().expect("not poisoned") = Instant::now();
            let calls = answer_parallel_iter([300, 20, 300, 300]).threads(4);
            let first = calls.try_for_each_unordered(|_, _| {
                ControlFlow::<_, ()>::Break(begin.lock().expect("not poisoned").elapsed())
            });
            if let ControlFlow::Break(time) = first {
                nanos.push(time.as_secs_f64() * 1e3);
            }
        }
        let worst = nanos.iter().copied().fold(0.0, f64::max);
        let met = worst <= 60.0;
        Figures::default().note(format!("{worst:.1} ms to the sink")).goal("at most 60 ms", met)
    }));
    for (name, at, least) in [("0.1 ms", 10, 0.95), ("0.5 ms", 50, 0.95), ("14 ms", 1_400, 1.8)] {
        rows.push(Row::new(format!("first match of 10^4 x 10 us after {name}"), move |bench| {
            let steps = bench.steps(10.0);
            let serial: Call<(), Option<u64>> = &|()| (0..10_000).find(|index| is_match(searched(*index, steps), at));
            let ours: Call<(), Option<u64>> =
                &|()| searched_parallel_iter(0..10_000, steps).find(|result| is_match(*result, at)).map(|_| at);
            Figures::of(&[("loop", serial), ("find", ours)], pace(1, 51), || ()).at_least(least)
        }));
    }
    rows.push(Row::new("`map` beside an annotated function, 10^4 x 1 us", |bench| {
        let items = vec![bench.steps(1.0); 10_000];
        let annotated: Call<(), Vec<u64>> = &|()| beside_parallel(items.iter().copied(), 1);
        let closure: Call<(), Vec<u64>> =
            &|()| parallelize::map(items.iter().copied(), |count| steps(1, count)).collect();
        Figures::of(&[("annotated", annotated), ("map", closure)], pace(1, 51), || ()).at_least(0.97)
    }));
    rows.push(Row::new("`map` beside an annotated function, 10 x 20 ns", |bench| {
        let items = vec![bench.steps(0.02); 10];
        let annotated: Call<(), Vec<u64>> = &|()| beside_parallel_iter(items.iter().copied(), 1).collect();
        let closure: Call<(), Vec<u64>> =
            &|()| parallelize::map(items.iter().copied(), |count| steps(1, count)).collect();
        Figures::of(&[("annotated", annotated), ("map", closure)], pace(200, 101), || ()).nanos_more(20.0)
    }));
    macro_rules! burst {
        ($name:literal, $micros:literal / $count:literal, $least:literal, $f:ident, $f_parallel:ident) => {
            rows.push(Row::new($name, |bench| {
                let items = vec![bench.steps($micros / f64::from($count)); $count];
                let serial: Call<(), Vec<u64>> = &|()| items.iter().map(|count| $f(*count, 1)).collect();
                let ours: Call<(), Vec<u64>> = &|()| $f_parallel(items.iter().copied(), 1);
                let rayon: Call<(), Vec<u64>> =
                    &|()| parallelize_benches::contenders::rayon(&items, |count| $f(count, 1));
                let contenders = [("loop", serial), ("parallelize", ours), ("rayon", rayon)];
                let mut figures = Figures::of(&contenders, pace(100, 51), || ());
                figures.limit = Some(bench.partner.limit(items.iter().sum()));
                figures.at_least($least)
            }));
        };
    }
    burst!("burst of 10 us", 10.0 / 10, 1.0, burst_10, burst_10_parallel);
    burst!("burst of 20 us", 20.0 / 10, 1.2, burst_20, burst_20_parallel);
    burst!("burst of 50 us", 50.0 / 10, 1.6, burst_50, burst_50_parallel);
    burst!("burst of 100 us", 100.0 / 10, 1.75, burst_100, burst_100_parallel);
    burst!("burst of 200 us", 200.0 / 20, 1.88, burst_200, burst_200_parallel);
    rows
}
