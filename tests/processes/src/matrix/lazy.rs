//! Terminals of the lazy version: streams, sinks, searches, work in the background.

use crate::matrix::{Case, Run, panic_of, same, steps};
use parallelize::indicatif::ProgressBar;
use parallelize::parallelize;

pub(super) const CASES: &[Case] = &[
    ("collect", collect),
    ("streams", streams),
    ("streams that are left early", left_streams),
    ("streams whose body panics", panicking_body),
    ("for_each", for_each),
    ("unordered", unordered),
    ("searches", searches),
    ("background", background),
    ("progress", progress),
];

#[parallelize(over = n, distributed)]
fn mix(n: u64, count: u64) -> u64 {
    steps(n, count)
}

fn serial(count: u64) -> Vec<u64> {
    (0..800).map(|n| mix(n, count)).collect()
}

fn collect(_: Run) {
    same("vector", mix_parallel_iter(0..800, 90).collect::<Vec<_>>(), serial(90));
    let set = mix_parallel_iter(0..800, 90).collect::<std::collections::BTreeSet<_>>();
    same("set", set, serial(90).into_iter().collect());
    let mut results = vec![1, 2];
    mix_parallel_iter(0..800, 90).collect_into_vec(&mut results);
    same("into a vector", results, serial(90));
}

fn streams(_: Run) {
    for count in [1, 300, 20_000] {
        let mut results = Vec::new();
        for result in mix_parallel_iter(0..800, count) {
            results.push(result);
        }
        same("for", results, serial(count));
    }
    let few = mix_parallel_iter(0..800, 2_000).in_flight(3).into_iter().collect::<Vec<_>>();
    same("in_flight", few, serial(2_000));
}

fn left_streams(_: Run) {
    for taken in [0, 1, 5, 300] {
        let results: Vec<u64> = mix_parallel_iter(0.., 500).into_iter().take(taken).collect();
        same("endless", results, (0..).map(|n| mix(n, 500)).take(taken).collect());
    }
    // Two streams in turns: one of them has the processes.
    let mut first = mix_parallel_iter(0..800, 90).into_iter();
    let mut second = mix_parallel_iter(0..800, 91).into_iter();
    let (mut firsts, mut seconds) = (vec![], vec![]);
    loop {
        let next = (first.next(), second.next());
        firsts.extend(next.0);
        seconds.extend(next.1);
        if next == (None, None) {
            break;
        }
    }
    same("in turns", (firsts, seconds), (serial(90), serial(91)));
}

fn panicking_body(_: Run) {
    let message = panic_of(|| {
        for (i, _) in mix_parallel_iter(0..800, 900).into_iter().enumerate() {
            assert!(i < 30, "the body panics");
        }
    });
    same("body", message, "the body panics".to_owned());
    // The processes are free again.
    same("next call", mix_parallel(0..800, 90), serial(90));
}

fn for_each(_: Run) {
    let mut results = Vec::new();
    mix_parallel_iter(0..800, 700).for_each(|result| results.push(result));
    same("for_each", results, serial(700));
    let mut count = 0;
    let result = mix_parallel_iter(0..800, 700).try_for_each(|_| {
        count += 1;
        if count == 100 { Err(count) } else { Ok(()) }
    });
    same("try_for_each", (result, count), (Err(100), 100));
}

fn unordered(_: Run) {
    let mut results = vec![None; 800];
    mix_parallel_iter(0..800, 700).for_each_unordered(|index, result| results[index] = Some(result));
    same("unordered", results, serial(700).into_iter().map(Some).collect());
}

fn searches(_: Run) {
    let serial = serial(400);
    let is_match = |result: &u64| result % 97 == 5;
    let calls = || mix_parallel_iter(0..800, 400);
    same("find", calls().find(is_match), serial.iter().copied().find(is_match));
    same("position", calls().position(|result| is_match(&result)), serial.iter().position(is_match));
    same(
        "find_map",
        calls().find_map(|result| is_match(&result).then_some(result / 2)),
        serial.iter().copied().find(is_match).map(|result| result / 2),
    );
    same("any", calls().any(|result| result == serial[799]), true);
    same("all", calls().all(|result| result != serial[799]), false);
    same("first", calls().first(), serial.first().copied());
    same("no match", calls().find(|_| false), None);
}

fn background(_: Run) {
    let results: Vec<u64> = mix_parallel_iter(0..800, 700).background().collect();
    same("background", results, serial(700));
    let running = parallelize::spawn(|| mix_parallel(0..800, 500));
    same("meanwhile", mix_parallel(0..800, 90), serial(90));
    same("spawn", running.join(), serial(500));
}

#[parallelize(over = n, progress = "mixing", distributed)]
fn mix_with_bar(n: u64, count: u64) -> u64 {
    steps(n, count)
}

fn progress(_: Run) {
    let bar = ProgressBar::hidden();
    same("counted", mix_parallel_iter(0..800, 90).progress(bar.clone()).collect::<Vec<_>>(), serial(90));
    same("bar", (bar.position(), bar.length()), (800, Some(800)));
    same("option", mix_with_bar_parallel(0..800, 90), serial(90));
}
