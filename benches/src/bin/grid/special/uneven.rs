//! Few, heavy or expensive items: who runs them, and when.

use super::row::{Figures, Row, once};
use parallelize::parallelize;
use parallelize_benches::harness::{Call, quantile, steps};
use std::thread;
use std::time::{Duration, Instant};

/// Size of an expensive item, in bytes.
const ITEM_BYTES: usize = 200_000;

#[parallelize(over = bytes)]
fn first_byte(bytes: Vec<u8>, add: u8) -> u8 {
    bytes[0].wrapping_add(add)
}

/// Defines functions that sleep, so that they need no core.
macro_rules! waiting {
    ($($name:ident)*) => { $(
        #[parallelize(over = millis)]
        fn $name(millis: u64, seed: u64) -> u64 {
            if millis > 0 {
                thread::sleep(Duration::from_millis(millis));
            }
            millis ^ seed
        }
    )* };
}

waiting! { neighbor streamed few }

#[parallelize(over = count)]
fn inner(count: u64, seed: u64) -> u64 {
    steps(seed, count)
}

#[parallelize(over = seed)]
fn outer(seed: u64, count: u64) -> u64 {
    steps(seed, count)
}

pub fn rows() -> Vec<Row> {
    vec![
        Row::new("A3: 1000 items of 200 kB, one byte read", |_| {
            let items = || (0..1000).map(|n| vec![n as u8; ITEM_BYTES]);
            let serial: Call<(), Vec<u8>> = &|()| items().map(|bytes| first_byte(bytes, 1)).collect();
            Figures::of(&[("loop", serial), ("parallelize", &|()| first_byte_parallel(items(), 1))], once(21), || ())
                .at_most_loop(1.1)
        })
        .with_default_allocator(),
        Row::new("A12: fed by the stream of another call, 200 x 2 x 100 us", |bench| {
            let count = bench.steps(100.0);
            let items = vec![count; 200];
            let serial: Call<(), Vec<u64>> =
                &|()| items.iter().map(|count| inner(*count, 1)).map(|seed| outer(seed, count)).collect();
            let ours: Call<(), Vec<u64>> = &|()| outer_parallel(inner_parallel_iter(items.iter().copied(), 1), count);
            let mut figures = Figures::of(&[("loop", serial), ("parallelize", ours)], once(21), || ());
            figures.limit = Some(bench.partner.limit(400 * count));
            figures
        }),
        Row::new("A6: 16 neighbors of 20 ms among 10^5 cheap items, 8 threads", |_| {
            let mut items = vec![0; 100_000];
            items[50_000..50_016].fill(20);
            let serial: Call<(), Vec<u64>> = &|()| items.iter().map(|millis| neighbor(*millis, 1)).collect();
            let ours: Call<(), Vec<u64>> = &|()| neighbor_parallel_iter(items.iter().copied(), 1).threads(8).collect();
            let figures = Figures::of(&[("loop", serial), ("parallelize", ours)], once(5), || ());
            let millis = quantile(&figures.ours().seconds, 0.5) * 1e3;
            figures.note(format!("{millis:.0} ms")).at_most_loop(1.1).goal("at most 60 ms", millis <= 60.0)
        }),
        Row::new("A7: stream of 16 x 30 ms, 16 threads", |_| {
            let items = [30; 16];
            let lazy = || streamed_parallel_iter(items, 1).threads(16);
            let serial: Call<(), Vec<u64>> = &|()| items.iter().map(|millis| streamed(*millis, 1)).collect();
            let stream: Call<(), Vec<u64>> = &|()| lazy().into_iter().collect();
            let collected: Call<(), Vec<u64>> = &|()| lazy().collect();
            let contenders = [("loop", serial), ("parallelize", stream), ("collected", collected)];
            let figures = Figures::of(&contenders, once(9), || ());
            let [stream, collected] = [1, 2].map(|index| quantile(&figures.times[index].seconds, 0.5));
            let share = stream / collected;
            let text = format!("{:.0} ms, collected {:.0} ms", stream * 1e3, collected * 1e3);
            figures.note(text).at_most_loop(1.1).goal("at most 1.1 x the time of collecting", share <= 1.1)
        }),
        Row::new("A9: 3 items of 5 ms, 1000 threads", |_| {
            let serial: Call<(), Vec<u64>> = &|()| [5; 3].iter().map(|millis| few(*millis, 1)).collect();
            let ours: Call<(), Vec<u64>> = &|()| few_parallel_iter([5; 3], 1).threads(1000).collect();
            let start = Instant::now();
            ours(());
            let first = start.elapsed().as_secs_f64() * 1e3;
            Figures::of(&[("loop", serial), ("parallelize", ours)], once(21), || ())
                .note(format!("first call {first:.0} ms"))
                .at_most_loop(1.1)
                .goal("first call at most 1.1 x 15 ms", first <= 16.5)
        }),
    ]
}
