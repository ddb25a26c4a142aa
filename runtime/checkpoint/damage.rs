//! Tests of files that fail, are damaged, or are something else.

use crate::checkpoint::checkpoint::Checkpoint;
use crate::checkpoint::encoding::encode;
use crate::checkpoint::fixture::{Folder, key, open, sweep};
use crate::checkpoint::key::SweepKey;
use redb::StorageBackend;
use redb::backends::InMemoryBackend;
use serde::ser::Error;
use serde::{Deserialize, Serialize, Serializer};
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

fn message(path: &Path) -> String {
    Checkpoint::open(path).expect_err("no checkpoint").to_string()
}

#[test]
fn a_file_has_one_process() {
    let folder = Folder::new();
    let store = open(&folder.file());
    assert!(message(&folder.file()).contains("sweep.redb is in use: wait for the process"));
    let other = store.clone();
    drop(store);
    assert!(message(&folder.file()).contains("is in use"));
    drop(other);
    open(&folder.file());
}

#[test]
fn other_files_are_left_alone() {
    let folder = Folder::new();
    let path = folder.file();
    for content in
        ["Some notes.".into(), "\0".repeat(9) + "Some notes.", "notes ".repeat(10_000), "\0".repeat(8192) + "Notes."]
    {
        fs::write(&path, &content).expect("a file");
        assert!(message(&path).ends_with("sweep.redb is not a checkpoint: choose another path"));
        assert_eq!(fs::read(&path).expect("the file"), content.into_bytes());
    }
    fs::remove_file(&path).expect("the file");

    // A database of another program.
    let database = redb::Database::create(&path).expect("a database");
    let transaction = database.begin_write().expect("a transaction");
    transaction.open_table(redb::TableDefinition::<&str, u64>::new("sweeps")).expect("a table");
    transaction.commit().expect("space");
    drop(database);
    assert!(message(&path).ends_with("is not a checkpoint: choose another path"));
}

#[test]
fn files_of_other_versions_are_named() {
    let folder = Folder::new();
    for (version, words) in [(2, "format 2, of a newer version"), (0, "format 0, of an older version")] {
        drop(open(&folder.file()));
        let database = redb::Database::create(folder.file()).expect("a database");
        let transaction = database.begin_write().expect("a transaction");
        let formats = redb::TableDefinition::<&str, u64>::new("parallelize");
        transaction.open_table(formats).expect("a table").insert("format", version).expect("space");
        transaction.commit().expect("space");
        drop(database);
        assert!(message(&folder.file()).contains(words));
        fs::remove_file(folder.file()).expect("the file");
    }
}

#[test]
fn folders_and_missing_folders_are_errors() {
    let folder = Folder::new();
    let path = folder.file();
    let missing = message(&path.join("deeper"));
    assert!(missing.contains("deeper cannot be created ("), "{missing}");
    assert!(missing.ends_with("): create its folder first"), "{missing}");
    fs::create_dir(&path).expect("a folder");
    assert!(message(&path).contains("sweep.redb cannot be used ("));
}

#[test]
fn files_that_cannot_be_written_are_named() {
    // Tests may run as a user who may write everything.
    for kind in [io::ErrorKind::PermissionDenied, io::ErrorKind::ReadOnlyFilesystem] {
        let error = Checkpoint::open_with(Path::new("a/sweep.redb"), |_| Err(io::Error::from(kind).into()));
        let message = error.expect_err("no checkpoint").to_string();
        assert!(message.starts_with("a/sweep.redb cannot be written ("), "{message}");
        assert!(message.ends_with("): change its permissions, or choose another path"), "{message}");
    }
}

#[test]
fn a_creation_that_was_killed_is_repeated() {
    let folder = Folder::new();
    drop(open(&folder.file()));
    let created = fs::read(folder.file()).expect("the file");
    // The database writes the first bytes last.
    let mut with_header = vec![0; created.len()];
    with_header[9..320].copy_from_slice(&created[9..320]);
    for unfinished in [Vec::new(), vec![0; created.len()], with_header] {
        fs::write(folder.file(), unfinished).expect("a file");
        let store = open(&folder.file());
        sweep(&store.begin(key()), [1, 2], |x| x + 1).assert(&[2, 3], 2);
    }
}

/// Writes a file with the squares of 500 numbers, and returns its content.
fn squares(path: &Path) -> Vec<u8> {
    let store = open(path);
    for version in 0..3 {
        let run = store.begin(SweepKey::new("tests::simulate", 1, version));
        assert_eq!(sweep(&run, 0..500_u64, |x| (x * x, vec![*x; 4])).computed, 500);
    }
    drop(store);
    fs::read(path).expect("the file")
}

/// Opens a damaged file, and uses it. Returns how many results were computed again, or the message.
fn use_damaged(path: &Path) -> Result<usize, String> {
    let store = Checkpoint::open(path).map_err(|error| error.to_string())?;
    let done = sweep(&store.begin(SweepKey::new("tests::simulate", 1, 1)), 0..500_u64, |x| (x * x, vec![*x; 4]));
    for (x, (square, copies)) in (0..).zip(&done.results) {
        assert_eq!((*square, &copies[..]), (x * x, &[x; 4][..]), "a wrong result");
    }
    match done.end {
        Ok(()) => {
            assert_eq!(done.results.len(), 500);
            Ok(done.computed)
        }
        Err(_) => Err(store.failure().expect("a failure").to_string()),
    }
}

#[test]
fn a_file_without_its_end_is_damaged() {
    let folder = Folder::new();
    let content = squares(&folder.file());
    let mut words = BTreeSet::new();
    for twentieth in 1..20 {
        fs::write(folder.file(), &content[..content.len() * twentieth / 20]).expect("a file");
        let message = use_damaged(&folder.file()).expect_err("damage");
        words.insert(message.split(" is damaged").count());
    }
    assert_eq!(words, BTreeSet::from([2]), "each message says so");
}

#[test]
fn a_damaged_result_is_computed_again() {
    let folder = Folder::new();
    let content = squares(&folder.file());
    let mut found = 0;
    for x in (300..500_u64).step_by(9) {
        // Freed pages may have older copies, which nobody reads.
        let encoded = encode(&(x * x, vec![x; 4])).expect("bytes");
        let mut changed = content.clone();
        for start in (0..content.len() - encoded.len()).filter(|&start| content[start..].starts_with(&encoded)) {
            changed[start + encoded.len() / 2] ^= 1 << (x % 8);
            found += 1;
        }
        fs::write(folder.file(), changed).expect("a file");
        assert_eq!(use_damaged(&folder.file()), Ok(1));
        assert_eq!(use_damaged(&folder.file()), Ok(0), "it has been written again");
    }
    // One of each version.
    assert!(found >= 3 * 23, "{found} results");
}

/// A disk with room for a number of writes.
#[derive(Debug)]
struct SmallDisk(InMemoryBackend, Arc<AtomicI64>);

impl StorageBackend for SmallDisk {
    fn len(&self) -> io::Result<u64> {
        self.0.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.0.read(offset, out)
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.0.set_len(length)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        if self.1.fetch_sub(1, Relaxed) <= 0 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.0.write(offset, data)
    }
}

#[test]
fn a_full_disk_stops_the_call() {
    let room = Arc::new(AtomicI64::new(i64::MAX));
    let disk = SmallDisk(InMemoryBackend::new(), Arc::clone(&room));
    let store = Checkpoint::open_with(Path::new("full.redb"), |builder| builder.create_with_backend(disk));
    let store = store.expect("a checkpoint");
    assert_eq!(sweep(&store.begin(key()), 0..10_u32, |x| *x).computed, 10);
    assert!(store.failure().is_none());

    room.store(20, Relaxed);
    let done = sweep(&store.begin(key()), 0..1_000_000_u32, |x| *x);
    assert!(done.end.is_err());
    // It stops soon, and has what it has computed until then.
    assert!(done.computed < 1_000_000, "{} items", done.computed);
    assert!(done.results.iter().copied().eq(0..u32::try_from(done.results.len()).expect("a small number")));
    let message = store.failure().expect("a failure").to_string();
    assert!(message.starts_with("there is no space left for full.redb ("), "{message}");
    assert!(message.contains("free some, and run the program again"), "{message}");

    // Later calls fail at once.
    let done = sweep(&store.begin(key()), 0..10_u32, |x| *x);
    assert!(done.end.is_err());
    assert!(done.computed <= 1);
    assert!(store.sweeps().is_err());
}

/// A value that cannot be serialized.
struct Refusing;

impl Serialize for Refusing {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(S::Error::custom("it is locked"))
    }
}

#[test]
fn what_cannot_be_serialized_is_named() {
    let folder = Folder::new();
    let store = open(&folder.file());
    let failure = || store.failure().expect("a failure").to_string();
    let done = sweep(&store.begin(key().with::<_, Refusing>("table", &Refusing)), [1], |x| *x);
    assert!(done.end.is_err());
    assert!(failure().contains("the fixed argument `table` cannot be serialized (it is locked)"), "{}", failure());
    let done = sweep(&store.begin(key()), [Refusing], |_| 1);
    assert!(done.end.is_err());
    assert!(failure().contains("an item of `simulate` cannot be serialized (it is locked)"), "{}", failure());
    sweep(&store.begin(key()), [1], |x| *x).assert(&[1], 1);
    assert!(store.failure().is_none());
}

/// A type whose values do not all have the same fields.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Sparse {
    #[serde(skip_serializing_if = "Option::is_none")]
    first: Option<u32>,
    second: Option<u32>,
}

/// A type that needs a format that describes itself.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Either {
    Number(u32),
    Text(String),
}

#[test]
fn results_that_cannot_be_read_back_are_noticed() {
    let folder = Folder::new();
    let store = open(&folder.file());
    // The first result is written in full, the others are not.
    let sparse = |x: &u32| Sparse { first: (*x == 0).then_some(1), second: Some(*x) };
    let done = sweep(&store.begin(key()), 0..3, sparse);
    assert!(done.end.is_err() && done.computed == 2);
    let message = store.failure().expect("a failure").to_string();
    assert!(message.contains("`skip_serializing_if` leaves its field `first` out"), "{message}");
    let run = store.begin(SweepKey::new("tests::other", 1, 0));
    assert!(sweep(&run, 1..3, |x| Either::Number(*x)).end.is_err(), "at the first result");
    let message = store.failure().expect("a failure").to_string();
    assert!(message.contains("without `flatten` or `untagged`"), "{message}");
}
