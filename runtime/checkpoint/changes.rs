//! Tests of results of other builds of the program.

use crate::checkpoint::checkpoint::Checkpoint;
use crate::checkpoint::encoding::item_key;
use crate::checkpoint::fixture::{Done, Folder, key, open, sweep};
use crate::checkpoint::if_changed::IfChanged;
use crate::checkpoint::run::Found;
use std::collections::HashMap;

/// Runs a build of the program over the numbers below 10, each of which it multiplies.
fn build(executable: u64, store: &Checkpoint, factor: u32) -> Done<u32> {
    sweep(&store.begin_as(Some(executable), key()), 0..10_u32, |x| x * factor)
}

fn multiples(factor: u32) -> Vec<u32> {
    (0..10).map(|x| x * factor).collect()
}

#[test]
fn three_results_of_another_build_are_compared() {
    let folder = Folder::new();
    let store = open(&folder.file());
    build(1, &store, 3).assert(&multiples(3), 10);
    build(1, &store, 3).assert(&multiples(3), 0);
    build(2, &store, 3).assert(&multiples(3), 3);
    build(2, &store, 3).assert(&multiples(3), 0);
    // Results of both builds are there now, and both are known to agree.
    build(1, &store, 3).assert(&multiples(3), 0);
    drop(store);
    let store = open(&folder.file());
    build(2, &store, 3).assert(&multiples(3), 0);
    build(3, &store, 3).assert(&multiples(3), 3);
}

#[test]
fn a_difference_is_an_error_that_names_the_item() {
    let folder = Folder::new();
    let store = open(&folder.file());
    build(1, &store, 3).assert(&multiples(3), 10);
    // The multiple of 0 is the same, and belongs to the second build later on.
    for computed in [2, 1] {
        let done = build(2, &store, 4);
        assert_eq!((done.results, done.computed), (vec![0], computed));
        assert!(done.end.is_err());
        let message = store.failure().expect("a failure").to_string();
        assert!(message.starts_with("the result of `simulate` for 1 is not the one in "), "{message}");
    }
    // Nothing of the first build is lost.
    build(1, &store, 3).assert(&multiples(3), 1);

    build(2, &store.clone().if_changed(IfChanged::Recompute), 4).assert(&multiples(4), 10);
    assert!(store.failure().is_none());
    build(2, &store, 4).assert(&multiples(4), 0);
}

#[test]
fn another_build_is_recomputed_or_used() {
    let folder = Folder::new();
    let store = open(&folder.file());
    build(1, &store, 3).assert(&multiples(3), 10);
    build(2, &store.clone().if_changed(IfChanged::Reuse), 4).assert(&multiples(3), 0);
    build(2, &store.clone().if_changed(IfChanged::Recompute), 4).assert(&multiples(4), 10);
    let summary = store.summary().expect("a call").to_string();
    assert!(summary.ends_with(": the program has changed"), "{summary}");
    // Its own results are not computed again.
    build(2, &store.clone().if_changed(IfChanged::Recompute), 4).assert(&multiples(4), 0);
}

#[test]
fn fewer_than_three_do_not_vouch_for_the_rest() {
    let folder = Folder::new();
    let store = open(&folder.file());
    build(1, &store, 3).assert(&multiples(3), 10);
    for _ in 0..2 {
        // Two items are compared once. They then belong to the second build.
        let run = store.begin_as(Some(2), key());
        let computed = sweep(&run, 8..10_u32, |x| x * 3).computed;
        assert!(computed == 2 || computed == 0);
    }
    build(2, &store, 3).assert(&multiples(3), 3);
}

#[test]
fn programs_that_cannot_read_themselves_compare_each_time() {
    let folder = Folder::new();
    let store = open(&folder.file());
    let run = |computed| {
        let done = sweep(&store.begin_as(None, key()), 0..10_u32, |x| x * 3);
        done.assert(&multiples(3), computed);
    };
    run(10);
    run(3);
    run(3);
    build(1, &store, 3).assert(&multiples(3), 3);
}

#[test]
fn the_order_of_a_map_is_no_difference() {
    let folder = Folder::new();
    let store = open(&folder.file());
    let map = |x: &u32| -> HashMap<u32, u32> { (0..50).map(|n| (n, n * x)).collect() };
    for (executable, computed) in [(1, 10), (2, 3)] {
        let done = sweep(&store.begin_as(Some(executable), key()), 0..10, map);
        assert!(done.end.is_ok());
        assert_eq!(done.computed, computed);
    }
}

#[test]
fn an_item_that_agrees_often_does_not_vouch_for_others() {
    let folder = Folder::new();
    let store = open(&folder.file());
    build(1, &store, 3).assert(&multiples(3), 10);
    // 0 is the same for both builds.
    let done = sweep(&store.begin_as(Some(2), key()), [0, 0, 0, 0, 1, 2_u32], |x| x * 4);
    assert!(done.end.is_err());
    assert_eq!(done.results, [0; 4]);
}

#[test]
fn a_failed_call_overwrites_no_result() {
    let folder = Folder::new();
    let store = open(&folder.file());
    build(1, &store, 3).assert(&multiples(3), 10);
    let run = store.begin_as(Some(2), key());
    assert!(sweep(&run, 1..2_u32, |x| x * 4).end.is_err());
    // Calls that are under way go on for some items.
    assert!(matches!(run.find(item_key(&2_u32).expect("a key")), Found::Failed));
    build(1, &store, 3).assert(&multiples(3), 0);
}
