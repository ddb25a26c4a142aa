//! An open file with its writer, and what its calls share.

use crate::checkpoint::error::{CheckpointError, Problem};
use crate::checkpoint::failing::Failure;
use crate::checkpoint::file::ResultsFile;
use crate::checkpoint::key::SweepKey;
use crate::checkpoint::queue::Queue;
use crate::checkpoint::summary::Summary;
use crate::checkpoint::sweep::{Sweep, now};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Instant;

/// What the calls and the writer share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) path: Arc<Path>,
    pub(super) file: ResultsFile,
    pub(super) queue: Queue,
    /// Why nothing can be read or written any more.
    pub(super) failure: Failure,
    sweeps: Mutex<BTreeMap<u128, Entry>>,
    pub(super) latest: Mutex<Latest>,
}

/// A sweep, and what the file does not say about it.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) sweep: Sweep,
    /// Whether the next commit must write the header.
    pub(super) is_changed: bool,
    /// The number of calls that are under way.
    pub(super) calls: usize,
}

/// What is known about the latest call that has ended.
#[derive(Debug, Default)]
pub(super) struct Latest {
    pub(super) summary: Option<Summary>,
    pub(super) failure: Option<CheckpointError>,
}

/// An open file. It is closed when its last handle is dropped and its last call has ended.
#[derive(Debug)]
pub(super) struct Store {
    pub(super) shared: Arc<Shared>,
    writer: Option<JoinHandle<()>>,
}

/// How a call begins with its sweep.
#[derive(Debug)]
pub(super) struct Begun {
    pub(super) key: u128,
    pub(super) number: u32,
    /// Whether the file may have results for it.
    pub(super) has_results: bool,
    /// If not: what has changed since the file got results of the function.
    pub(super) changes: Vec<String>,
    /// The groups of the builds that have computed the results.
    pub(super) groups: Vec<u16>,
    /// The group of this build, if it is among them.
    pub(super) own_group: Option<u16>,
}

impl Shared {
    pub(super) fn error(&self, problem: Problem) -> CheckpointError {
        CheckpointError::new(&self.path, problem)
    }

    /// Lets the file and all its calls fail. The first error counts.
    pub(super) fn fail(&self, problem: Problem) {
        let _ = self.failure.set(self.error(problem));
        self.queue.end();
    }

    pub(super) fn sweeps(&self) -> MutexGuard<'_, BTreeMap<u128, Entry>> {
        self.sweeps.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn latest(&self) -> MutexGuard<'_, Latest> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a call on a sweep, which is created if the file does not have it.
    pub(super) fn begin(&self, key: &SweepKey, executable: Option<u64>) -> Begun {
        let hash = key.hash();
        let mut sweeps = self.sweeps();
        let has_results = sweeps.contains_key(&hash);
        let mut changes = Vec::new();
        if !has_results {
            changes = changes_since(&sweeps, key);
            let number = sweeps.values().map(|entry| entry.sweep.number + 1).max().unwrap_or(0);
            sweeps.insert(hash, Entry { sweep: Sweep::new(number, key), is_changed: true, calls: 0 });
        }
        let entry = sweeps.get_mut(&hash).expect("it is there by now");
        entry.calls += 1;
        entry.sweep.last_used = now();
        // It is written with the next commit, and not important enough for one.
        entry.is_changed = true;
        Begun {
            key: hash,
            number: entry.sweep.number,
            has_results,
            changes,
            groups: entry.sweep.groups(),
            own_group: executable.and_then(|executable| entry.sweep.group_of(executable)),
        }
    }

    /// Changes the header of a sweep of a call that is under way.
    pub(super) fn change<T>(&self, key: u128, change: impl FnOnce(&mut Entry) -> T) -> Option<T> {
        self.sweeps().get_mut(&key).map(change)
    }

    /// Writes what waits, until the file is closed or fails.
    fn write_all(&self) {
        loop {
            let mut batch = self.queue.take();
            let start = Instant::now();
            let changed = || {
                let mut sweeps = self.sweeps();
                let changed = sweeps.iter_mut().filter(|(_, entry)| entry.is_changed);
                changed
                    .map(|(&key, entry)| {
                        entry.is_changed = false;
                        (key, entry.sweep.clone())
                    })
                    .collect()
            };
            if let Err(problem) = self.file.commit(&mut batch.puts, changed) {
                self.fail(problem);
                return;
            }
            if !self.queue.commit_ended(&batch, start.elapsed()) {
                return;
            }
        }
    }
}

/// Returns what differs between a sweep and the most similar one of the same function.
fn changes_since(sweeps: &BTreeMap<u128, Entry>, key: &SweepKey) -> Vec<String> {
    let of_function = sweeps.values().map(|entry| &entry.sweep).filter(|sweep| sweep.path == key.path);
    let differences = of_function.map(|sweep| (sweep.differences(key), sweep.last_used));
    let nearest = differences.min_by_key(|(differences, last_used)| (differences.len(), u64::MAX - last_used));
    nearest.map(|(differences, _)| differences).unwrap_or_default()
}

impl Store {
    pub(super) fn open(
        path: &Path,
        open: impl FnOnce() -> Result<(ResultsFile, BTreeMap<u128, Sweep>), Problem>,
    ) -> Result<Self, CheckpointError> {
        let path: Arc<Path> = path.into();
        let failed = |problem| CheckpointError::new(&path, problem);
        let (file, sweeps) = open().map_err(failed)?;
        let sweeps = sweeps.into_iter().map(|(key, sweep)| (key, Entry { sweep, is_changed: false, calls: 0 }));
        let shared = Arc::new(Shared {
            path: Arc::clone(&path),
            file,
            queue: Queue::new(),
            failure: Failure::default(),
            sweeps: Mutex::new(sweeps.collect()),
            latest: Mutex::default(),
        });
        let writer = thread::Builder::new().name("parallelize-checkpoint".to_owned());
        let writer = writer.spawn({
            let shared = Arc::clone(&shared);
            move || shared.write_all()
        });
        let writer = writer.map_err(|error| failed(error.into()))?;
        Ok(Store { shared, writer: Some(writer) })
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.shared.queue.close();
        if let Some(writer) = self.writer.take() {
            // It does not panic: the file does not let panics through.
            let _ = writer.join();
        }
    }
}
