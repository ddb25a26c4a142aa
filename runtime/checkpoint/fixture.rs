//! What the tests of this wing share: a folder, and a loop that keeps results.

use crate::checkpoint::checkpoint::Checkpoint;
use crate::checkpoint::encoding::{decode, describe, encode, item_key};
use crate::checkpoint::key::SweepKey;
use crate::checkpoint::run::{Failed, Found, Run};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// A folder that is removed in the end.
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("parallelize-checkpoint-{}-{}", std::process::id(), COUNT.fetch_add(1, Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).expect("a folder");
        Folder(path)
    }

    pub(super) fn file(&self) -> PathBuf {
        self.0.join("sweep.redb")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

pub(super) fn open(path: &Path) -> Checkpoint {
    Checkpoint::open(path).expect("a checkpoint")
}

/// The key of a function without fixed arguments.
pub(super) fn key() -> SweepKey {
    SweepKey::new("tests::simulate", 1, 0)
}

/// What a loop over items has done.
#[derive(Debug)]
pub(super) struct Done<R> {
    pub(super) results: Vec<R>,
    /// The number of items that were computed.
    pub(super) computed: usize,
    pub(super) end: Result<(), Failed>,
}

impl<R: PartialEq + std::fmt::Debug> Done<R> {
    /// Checks that the loop has ended well.
    pub(super) fn assert(self, results: &[R], computed: usize) {
        assert!(self.end.is_ok(), "the call has failed");
        assert_eq!(self.results, results);
        assert_eq!(self.computed, computed, "items were computed");
    }
}

/// Runs a function for each item, unless its result is stored. Ends at a failure.
pub(super) fn sweep<T: Serialize, R: Serialize + DeserializeOwned>(
    run: &Run,
    items: impl IntoIterator<Item = T>,
    function: impl Fn(&T) -> R,
) -> Done<R> {
    let mut computed = 0;
    let mut results = Vec::new();
    let compute = |item: &T, computed: &mut usize| {
        *computed += 1;
        run.computed();
        function(item)
    };
    for item in items {
        let key = match item_key(&item) {
            Ok(key) => key,
            Err(error) => {
                run.fail(&error);
                break;
            }
        };
        let (stored, comparison) = match run.find(key) {
            Found::Nothing | Found::Failed => (None, None),
            Found::Stored(bytes) => (Some(bytes), None),
            Found::Compare(comparison) => (Some(comparison.stored().to_vec()), Some(comparison)),
        };
        let decoded = stored.as_deref().and_then(decode::<R>);
        let result = match (stored, decoded, comparison) {
            (_, Some(result), None) => {
                run.used();
                result
            }
            (_, Some(old), Some(comparison)) => {
                let result = compute(&item, &mut computed);
                let agree = item_key(&old) == item_key(&result);
                comparison.settle(agree, || describe(&item));
                if agree {
                    run.put(key, encode(&result), |bytes| decode::<R>(bytes).is_some());
                }
                result
            }
            (Some(_), None, _) => {
                let result = compute(&item, &mut computed);
                run.replace(key, encode(&result), |bytes| decode::<R>(bytes).is_some());
                result
            }
            (None, None, _) => {
                let result = compute(&item, &mut computed);
                run.put(key, encode(&result), |bytes| decode::<R>(bytes).is_some());
                result
            }
        };
        if run.has_failed() {
            break;
        }
        results.push(result);
    }
    Done { results, computed, end: run.finish() }
}
