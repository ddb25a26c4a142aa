//! Calls with a checkpoint: results are those of the serial loop, and a second run computes only
//! what is new.

use crate::on_threads;
use parallelize::{Checkpoint, parallelize};
use serde::{Deserialize, Serialize};
use std::env::temp_dir;
use std::fs;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A new file, which is removed in the end.
pub(crate) struct File(PathBuf);

impl File {
    pub(crate) fn new() -> Self {
        static FILES: AtomicUsize = AtomicUsize::new(0);
        let number = FILES.fetch_add(1, Ordering::Relaxed);
        let path = temp_dir().join(format!("parallelize-calls-{}-{number}.redb", process::id()));
        let _ = fs::remove_file(&path);
        File(path)
    }

    pub(crate) fn open(&self) -> Checkpoint {
        Checkpoint::open(&self.0).expect("a new file")
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// Counts the calls of a function.
#[derive(Default)]
pub(crate) struct Calls(AtomicUsize);

impl Calls {
    pub(crate) fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// Returns the number of calls since the last time.
    pub(crate) fn take(&self) -> usize {
        self.0.swap(0, Ordering::Relaxed)
    }
}

/// A counter is the same argument in every run.
impl Serialize for Calls {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}

#[derive(Serialize)]
struct Table {
    factors: Vec<f64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Out {
    value: f64,
    steps: u32,
}

#[parallelize(over = x, checkpoint)]
fn simulate(x: f64, steps: u32, table: &Table, calls: &Calls) -> Out {
    calls.add();
    Out { value: (0..steps).fold(x, |x, _| x * table.factors[0]), steps }
}

fn table() -> Table {
    Table { factors: vec![0.5, 0.25] }
}

/// Runs the serial loop and, in the same file, the call. Returns the number of items that the call
/// has computed.
fn run(xs: &[f64], steps: u32, table: &Table, store: &Checkpoint) -> usize {
    let calls = Calls::default();
    let expected: Vec<Out> = xs.iter().map(|x| simulate(*x, steps, table, &Calls::default())).collect();
    let outs: Vec<Out> =
        simulate_parallel_iter(xs.to_vec(), steps, table, &calls).checkpoint(store).collect().expect("a working file");
    // The bits, because NaN is not equal to itself.
    let bits = |outs: &[Out]| outs.iter().map(|out| (out.value.to_bits(), out.steps)).collect::<Vec<_>>();
    assert_eq!(bits(&outs), bits(&expected));
    let computed = calls.take();
    let summary = store.summary().expect("a call has ended");
    assert_eq!((summary.computed, summary.stored), (computed as u64, (xs.len() - computed) as u64));
    computed
}

#[test]
fn only_new_items_are_computed() {
    on_threads(|| {
        let file = File::new();
        let table = table();
        let xs: Vec<f64> = (0..100).map(f64::from).collect();
        assert_eq!(run(&xs, 3, &table, &file.open()), 100);
        assert_eq!(run(&xs, 3, &table, &file.open()), 0);
        // Inserted, removed and reordered.
        let mut others = xs.clone();
        others.reverse();
        others.remove(7);
        others.insert(20, -0.0);
        others.insert(40, f64::NAN);
        others.insert(60, 1.5);
        assert_eq!(run(&others, 3, &table, &file.open()), 3);
        assert_eq!(run(&others, 3, &table, &file.open()), 0);
        // Doubled: found from the second time on.
        let twice = [&others[..], &others[..]].concat();
        assert_eq!(run(&twice, 3, &table, &file.open()), 0);
        // Other fixed arguments.
        assert_eq!(run(&xs, 4, &table, &file.open()), 100);
        assert_eq!(run(&xs, 3, &Table { factors: vec![0.5, 0.75] }, &file.open()), 100);
        assert_eq!(run(&xs, 3, &table, &file.open()), 0);
    });
}

#[test]
fn one_handle_serves_several_calls() {
    let file = File::new();
    let (store, table) = (file.open(), table());
    let xs: Vec<f64> = (0..50).map(f64::from).collect();
    assert_eq!(run(&xs[..30], 3, &table, &store), 30);
    assert_eq!(run(&xs, 3, &table, &store), 20);
    assert_eq!(run(&xs, 3, &table, &store.clone()), 0);
    assert_eq!(store.path(), file.path());
    let simultaneous = std::thread::scope(|scope| {
        let other = scope.spawn(|| {
            let calls = Calls::default();
            let calls_of_other = simulate_parallel_iter(xs.clone(), 4, &table, &calls).checkpoint(&store);
            calls_of_other.collect::<Vec<_>>().expect("a working file").len()
        });
        let calls = Calls::default();
        let outs = simulate_parallel_iter(xs.clone(), 5, &table, &calls).checkpoint(&store);
        (outs.collect::<Vec<_>>().expect("a working file").len(), other.join().expect("no panic"))
    });
    assert_eq!(simultaneous, (50, 50));
}

#[test]
fn a_call_without_a_checkpoint_keeps_nothing() {
    let calls = Calls::default();
    for _ in 0..2 {
        let outs: Vec<Out> = simulate_parallel_iter([1.0, 2.0], 3, &table(), &calls).collect();
        assert_eq!((outs.len(), calls.take()), (2, 2));
    }
    assert_eq!(simulate_parallel([1.0, 2.0], 3, &table(), &calls).len(), 2);
}

mod versions {
    use super::Calls;
    use parallelize::parallelize;

    pub(crate) mod first {
        use super::{Calls, parallelize};

        #[parallelize(over = x, checkpoint)]
        pub(crate) fn f(x: u32, calls: &Calls) -> u32 {
            calls.add();
            x + 1
        }
    }

    pub(crate) mod second {
        use super::{Calls, parallelize};

        #[parallelize(over = x, checkpoint(version = 2))]
        pub(crate) fn f(x: u32, calls: &Calls) -> u32 {
            calls.add();
            x + 1
        }
    }
}

#[test]
fn functions_are_told_apart_by_their_paths() {
    let (file, calls) = (File::new(), Calls::default());
    let store = file.open();
    for computed in [3, 0] {
        let outs = versions::first::f_parallel_iter(0..3, &calls).checkpoint(&store).collect::<Vec<_>>();
        assert_eq!((outs.expect("a working file"), calls.take()), (vec![1, 2, 3], computed));
        let outs = versions::second::f_parallel_iter(0..3, &calls).checkpoint(&store).collect::<Vec<_>>();
        assert_eq!((outs.expect("a working file"), calls.take()), (vec![1, 2, 3], computed));
    }
    drop(store);
    let sweeps = file.open().sweeps().expect("a readable file");
    let mut names: Vec<(String, u64)> = sweeps.into_iter().map(|sweep| (sweep.function, sweep.version)).collect();
    names.sort();
    let name = |module: &str| format!("integration::checkpoint::versions::{module}::f");
    assert_eq!(names, [(name("first"), 0), (name("second"), 2)]);
}
