//! Tests of calls that keep their results and find them again.

use crate::checkpoint::fixture::{Folder, key, open, sweep};
use crate::checkpoint::key::SweepKey;
use std::cell::Cell;
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;

/// The type whose name is that of a fixed argument.
struct Table;

fn with_table(table: &HashMap<String, f64>) -> SweepKey {
    key().with::<_, Table>("table", table)
}

#[test]
fn a_later_run_computes_only_new_items() {
    let folder = Folder::new();
    let square = |x: &f64| x * x;
    let items: Vec<f64> = (0..100).map(f64::from).collect();
    let squares: Vec<f64> = items.iter().map(square).collect();
    {
        let store = open(&folder.file());
        sweep(&store.begin(key()), items.clone(), square).assert(&squares, 100);
        assert_eq!(
            store.summary().expect("a call").to_string(),
            format!("0 of 100 results from {}", folder.file().display())
        );
    }
    let store = open(&folder.file());
    sweep(&store.begin(key()), items.clone(), square).assert(&squares, 0);
    assert!(store.summary().expect("a call").to_string().starts_with("100 of 100 results from "));

    // Removed, reordered, doubled and inserted.
    let others = [5.0, 3.0, 3.0, 99.0, 100.0, 0.5, 0.5, 0.0, -0.0];
    let squares: Vec<f64> = others.iter().map(square).collect();
    let done = sweep(&store.begin(key()), others, square);
    // 100.0, 0.5 twice or once, depending on whether the first is committed.
    assert!((3..=4).contains(&done.computed), "{} items", done.computed);
    assert_eq!(done.results, squares);
    sweep(&store.begin(key()), others, square).assert(&squares, 0);
}

#[test]
fn zeros_and_nans_keep_their_bits() {
    let folder = Folder::new();
    let store = open(&folder.file());
    let items = [0.0, -0.0, f64::NAN, f64::from_bits(0x7ff8_0000_0000_0001), f64::INFINITY];
    let bits = |x: &f64| (x.to_bits(), x.recip());
    let first = sweep(&store.begin(key()), items, bits);
    let second = sweep(&store.begin(key()), items, bits);
    assert_eq!((first.computed, second.computed), (5, 0));
    for ((one, other), item) in first.results.iter().zip(&second.results).zip(items) {
        assert_eq!(one.0, item.to_bits());
        assert_eq!((one.0, one.1.to_bits()), (other.0, other.1.to_bits()));
    }
}

#[test]
fn what_has_changed_is_told() {
    let folder = Folder::new();
    let store = open(&folder.file());
    let table = |value| HashMap::from([("a".to_owned(), 1.0), ("b".to_owned(), value)]);
    let double = |x: &u32| 2 * x;
    let run = |key: SweepKey, computed| {
        sweep(&store.begin(key), [1, 2], double).assert(&[2, 4], computed);
        let summary = store.summary().expect("a call").to_string();
        summary.split_once(" has changed").map(|(start, _)| start.rsplit_once(": ").expect("a reason").1.to_owned())
    };
    assert_eq!(run(with_table(&table(1.0)), 2), None);
    // Built again, a map has another order.
    assert_eq!(run(with_table(&table(1.0)), 0), None);
    assert_eq!(run(with_table(&table(2.0)), 2).as_deref(), Some("the fixed argument `table`"));
    let other =
        |tokens, version| SweepKey::new("tests::simulate", tokens, version).with::<_, Table>("table", &table(1.0));
    assert_eq!(run(other(2, 0), 2).as_deref(), Some("the body of `simulate`"));
    assert_eq!(run(other(1, 5), 2).as_deref(), Some("the version of `simulate`"));
    // Of another function there is nothing to tell.
    assert_eq!(run(SweepKey::new("tests::other", 1, 0), 2), None);
    // The first ones are still there.
    assert_eq!(run(with_table(&table(1.0)), 0), None);
}

#[test]
fn sweeps_can_be_listed_and_pruned() {
    let folder = Folder::new();
    let store = open(&folder.file());
    let bytes = |x: &u32| vec![*x; 500];
    for version in 0..4 {
        let run = store.begin(SweepKey::new("tests::simulate", 1, version).with::<_, Table>("table", &version));
        assert_eq!(sweep(&run, 0..1000_u32, bytes).computed, 1000);
    }
    let infos = store.sweeps().expect("sweeps");
    let mut versions: Vec<u64> = infos.iter().map(|info| info.version).collect();
    versions.sort_unstable();
    assert_eq!(versions, [0, 1, 2, 3]);
    assert!(infos.iter().all(|info| info.function == "tests::simulate" && info.results == 1000));
    assert!(infos.iter().all(|info| info.arguments == ["table"] && info.created <= info.last_used));

    let length = || folder.file().metadata().expect("a file").len();
    let before = length();
    // A call is under way on one of them.
    let busy = store.begin(SweepKey::new("tests::simulate", 1, 3).with::<_, Table>("table", &3_u64));
    assert_eq!(store.prune(|info| info.version == 0).expect("space"), 2000);
    assert!(length() < before * 2 / 3, "{} of {before} bytes are left", length());
    assert_eq!(sweep(&busy, 0..1001_u32, bytes).computed, 1);
    for (version, computed) in [(0_u64, 0), (1, 1000), (3, 0)] {
        let run = store.begin(SweepKey::new("tests::simulate", 1, version).with::<_, Table>("table", &version));
        assert_eq!(sweep(&run, 0..1000_u32, bytes).computed, computed, "version {version}");
    }
}

#[test]
fn what_was_computed_is_there_without_an_end() {
    let folder = Folder::new();
    {
        let store = open(&folder.file());
        let run = store.begin(key());
        // It panics, so nobody ends the call.
        let at = Cell::new(0);
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            sweep(&run, 0..10_u32, |x| {
                at.set(*x);
                assert!(*x < 7);
                *x
            })
        }));
        assert!(result.is_err());
        assert_eq!(at.get(), 7);
        drop(store);
    }
    let store = open(&folder.file());
    sweep(&store.begin(key()), 0..10_u32, |x| *x).assert(&(0..10).collect::<Vec<_>>(), 3);
}

#[test]
fn many_threads_share_a_call() {
    let folder = Folder::new();
    let store = open(&folder.file());
    let run = store.begin(key());
    let computed = AtomicUsize::new(0);
    let large = |x: &usize| vec![u8::try_from(x % 251).expect("a byte"); 10_000];
    thread::scope(|scope| {
        for start in 0..8 {
            let (run, computed) = (run.clone(), &computed);
            scope.spawn(move || {
                let done = sweep(&run, (start..400).step_by(8), large);
                computed.fetch_add(done.computed, Relaxed);
            });
        }
    });
    assert!(run.finish().is_ok());
    assert_eq!(computed.into_inner(), 400);
    let done = sweep(&store.begin(key()), 0..400, large);
    assert_eq!(done.computed, 0);
    assert!(done.results.iter().enumerate().all(|(x, result)| *result == large(&x)));
}
