//! What a checkpoint costs: time per item, and bytes per result.

use parallelize::{Checkpoint, parallelize};
use serde::{Deserialize, Serialize};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Out {
    x: f64,
    steps: u32,
}

#[parallelize(over = x, checkpoint)]
fn simulate(x: f64, steps: u32) -> Out {
    Out { x: (0..steps).fold(x, |x, _| x.sin()), steps }
}

#[parallelize(over = n, checkpoint)]
fn sample(n: u64, bytes: usize) -> Vec<u8> {
    n.to_le_bytes().into_iter().cycle().take(bytes).collect()
}

/// Prints a row per measurement.
pub(crate) fn run() {
    let folder = env::temp_dir().join(format!("parallelize-measure-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join("sweep.redb");
    for steps in [0, 100, 2_000] {
        for threads in [1, 2] {
            per_item(&path, steps, threads);
        }
    }
    open_after_kill(&path);
    for bytes in [8, 100, 1_000, 10_000] {
        file_size(&path, bytes);
    }
    fs::remove_dir_all(&folder).expect("the folder");
}

fn new_file(path: &PathBuf) -> Checkpoint {
    let _ = fs::remove_file(path);
    Checkpoint::open(path).expect("a new file")
}

/// Returns the time of a run per item.
#[allow(clippy::cast_precision_loss, reason = "a number of items is small")]
fn micros<T>(items: u32, run: impl FnOnce() -> T) -> (f64, T) {
    let start = Instant::now();
    let value = run();
    (start.elapsed().as_secs_f64() * 1e6 / f64::from(items), value)
}

/// Measures the serial loop, a call that computes all items, and one that finds all of them.
fn per_item(path: &PathBuf, steps: u32, threads: usize) {
    let items = if steps > 1_000 { 30_000 } else { 100_000 };
    let xs = || (0..items).map(f64::from);
    let (serial, expected) = micros(items, || xs().map(|x| simulate(x, steps)).collect::<Vec<_>>());
    let (mut computed, mut found) = (f64::MAX, f64::MAX);
    for _ in 0..3 {
        let store = new_file(path);
        let call = || simulate_parallel_iter(xs(), steps).threads(threads).checkpoint(&store).collect::<Vec<_>>();
        let (time, results) = micros(items, call);
        assert_eq!(results.as_ref(), Ok(&expected));
        computed = computed.min(time);
        let (time, results) = micros(items, call);
        assert_eq!(results.as_ref(), Ok(&expected));
        found = found.min(time);
    }
    println!(
        "{items} items, {threads} threads: serial loop {serial:.2} us per item, computed and kept {computed:.2} us, \
         all from the file {found:.2} us"
    );
}

/// Measures the file after many commits of a result each.
fn file_size(path: &PathBuf, bytes: usize) {
    let commits: u32 = if bytes == 100 { 100_000 } else { 10_000 };
    let store = new_file(path);
    let start = Instant::now();
    for n in 0..u64::from(commits) {
        let results = sample_parallel_iter([n], bytes).checkpoint(&store).collect::<Vec<_>>();
        assert_eq!(results.expect("space")[0].len(), bytes);
    }
    let took = start.elapsed().as_secs_f64();
    let open = length(path);
    drop(store);
    let encoded = u64::from(commits) * bytes as u64;
    #[allow(clippy::cast_precision_loss, reason = "a ratio")]
    let ratio = |length: u64| length as f64 / encoded as f64;
    println!(
        "{commits} commits of {bytes} bytes: {:.2} times the results, {:.2} once closed; {:.2} ms per commit",
        ratio(open),
        ratio(length(path)),
        took * 1e3 / f64::from(commits),
    );
}

fn length(path: &Path) -> u64 {
    path.metadata().expect("a file").len()
}

/// Measures how long it takes to open a file that was not closed.
fn open_after_kill(path: &PathBuf) {
    for results in [10_000, 1_000_000] {
        let store = new_file(path);
        let call = sample_parallel_iter(0..results, 100).checkpoint(&store);
        assert!(call.collect::<Vec<_>>().is_ok());
        // A copy of an open file is what a kill leaves.
        let copy = path.with_extension("copy");
        fs::copy(path, &copy).expect("a copy");
        drop(store);
        let open = |path: &Path| {
            let start = Instant::now();
            let store = Checkpoint::open(path).expect("a file that can be read");
            (start.elapsed(), store)
        };
        let (closed, _): (Duration, _) = open(path);
        let (killed, _) = open(&copy);
        println!(
            "{results} results, {} MB: opened in {} ms, after a kill in {} ms",
            length(path) / 1_000_000,
            closed.as_millis(),
            killed.as_millis()
        );
    }
}
