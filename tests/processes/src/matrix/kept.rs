//! Results in a checkpoint: the first process keeps those that come from others.

use crate::matrix::{Case, Run, same, steps};
use parallelize::{Checkpoint, parallelize};
use std::path::Path;
use std::{env, fs, process};

pub(super) const CASES: &[Case] = &[("checkpoints", checkpoints), ("checkpoints and errors", errors)];

#[parallelize(over = n, distributed, checkpoint)]
fn mix(n: u64, count: u64, names: &[String]) -> String {
    format!("{}{}", names[n as usize % names.len()], steps(n, count))
}

/// Opens a file, and removes it afterwards.
fn with_file(name: &str, test: impl FnOnce(&Path)) {
    let path = env::temp_dir().join(format!("parallelize-{name}-{}.redb", process::id()));
    let _ = fs::remove_file(&path);
    test(&path);
    fs::remove_file(&path).expect("the file");
}

fn checkpoints(_: Run) {
    let names = ["a".to_owned(), "b".to_owned()];
    let serial: Vec<String> = (0..300).map(|n| mix(n, 200, &names)).collect();
    same("without", mix_parallel(0..300, 200, &names), serial.clone());
    with_file("matrix", |path| {
        for (length, computed) in [(100, 100), (300, 200), (300, 0)] {
            let store = Checkpoint::open(path).expect("a file");
            let results = mix_parallel_iter(0..length, 200, &names).checkpoint(&store).collect::<Vec<_>>();
            same("kept", results.expect("a disk"), serial[..length as usize].to_vec());
            same("computed", store.summary().expect("a call").computed, computed);
        }
    });
}

#[parallelize(over = n, distributed, checkpoint, try_collect)]
fn check(n: u64, end: u64) -> Result<u64, String> {
    if n < end { Ok(steps(n, 50)) } else { Err(format!("{n} is too large")) }
}

fn errors(_: Run) {
    with_file("matrix-errors", |path| {
        let store = Checkpoint::open(path).expect("a file");
        for end in [60, 100, 200] {
            let serial: Result<Vec<u64>, String> = (0..150).map(|n| check(n, end)).collect();
            let calls = check_parallel_iter(0..150, end).checkpoint(&store);
            same("kept", calls.try_collect::<Vec<u64>>().expect("a disk"), serial);
        }
    });
}
