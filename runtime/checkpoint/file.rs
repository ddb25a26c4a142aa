//! The tables of the file.

use crate::checkpoint::error::Problem;
use crate::checkpoint::sweep::Sweep;
use redb::{
    Builder, Database, DatabaseError, Durability, ReadableDatabase, ReadableTable, ReadableTableMetadata,
    TableDefinition, TableHandle,
};
use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{self, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{PoisonError, RwLock};

/// Says that the file is a checkpoint, and of which format.
const FORMATS: TableDefinition<&str, u64> = TableDefinition::new("parallelize");

/// The headers of the sweeps, by the hashes of their keys.
const SWEEPS: TableDefinition<u128, &[u8]> = TableDefinition::new("sweeps");

/// The results, by the number of the sweep and the key of the item.
const RESULTS: TableDefinition<(u32, u128), &[u8]> = TableDefinition::new("results");

const FORMAT_NAME: &str = "format";

/// The version of what the tables contain.
const FORMAT: u64 = 1;

/// The maximum memory for pages of the file. The operating system caches them as well.
const CACHE_BYTES: usize = 64 << 20;

/// An open file.
#[derive(Debug)]
pub(super) struct ResultsFile {
    /// Locked for writing only to make the file smaller, which needs the database alone. There
    /// until it is dropped.
    database: RwLock<Option<Database>>,
}

/// A result on its way to the file.
#[derive(Debug)]
pub(super) struct Put {
    pub(super) sweep: u32,
    pub(super) item: u128,
    pub(super) value: Vec<u8>,
}

/// Runs what uses the database. A damaged file makes it panic in some places.
fn guarded<T>(run: impl FnOnce() -> Result<T, redb::Error>) -> Result<T, Problem> {
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(result) => result.map_err(Problem::from),
        Err(panic) => {
            let words = panic.downcast_ref::<&str>().map(|&words| words.to_owned());
            let words = words.or_else(|| panic.downcast_ref::<String>().cloned());
            Err(Problem::Damaged(words.unwrap_or_else(|| "the database cannot read it".to_owned())))
        }
    }
}

impl ResultsFile {
    /// Opens the file with this path, or creates it. Returns its headers too.
    pub(super) fn open(path: &Path) -> Result<(Self, BTreeMap<u128, Sweep>), Problem> {
        empty_unfinished(path)?;
        Self::open_with(|builder| builder.create(path))
    }

    /// Opens a database.
    pub(super) fn open_with(
        create: impl FnOnce(&Builder) -> Result<Database, DatabaseError>,
    ) -> Result<(Self, BTreeMap<u128, Sweep>), Problem> {
        let mut builder = Database::builder();
        builder.set_cache_size(CACHE_BYTES);
        let database = guarded(|| Ok(create(&builder)?))?;
        let file = ResultsFile { database: RwLock::new(Some(database)) };
        match file.with(format_of)? {
            Format::New => file.with(initialize)?,
            Format::Version(FORMAT) => {}
            Format::Version(newer @ FORMAT..) => return Err(Problem::Newer(newer)),
            Format::Version(older) => return Err(Problem::Older(older)),
            Format::Foreign => return Err(Problem::NotACheckpoint),
        }
        let sweeps = file.with(headers)?.into_iter().map(|(key, header)| match postcard::from_bytes(&header) {
            Ok(sweep) => Ok((key, sweep)),
            Err(_) => Err(Problem::Damaged("a header cannot be read".to_owned())),
        });
        let sweeps = sweeps.collect::<Result<_, _>>()?;
        Ok((file, sweeps))
    }

    /// Runs what needs the database. It must not keep a transaction: pages that somebody may read
    /// are not used again, and the file grows.
    fn with<T>(&self, run: impl FnOnce(&Database) -> Result<T, redb::Error>) -> Result<T, Problem> {
        let database = self.database.read().unwrap_or_else(PoisonError::into_inner);
        let database = database.as_ref().expect("it is there until it is dropped");
        guarded(|| run(database))
    }

    /// Returns a result that has been committed.
    pub(super) fn get(&self, sweep: u32, item: u128) -> Result<Option<Vec<u8>>, Problem> {
        self.with(|database| {
            let results = database.begin_read()?.open_table(RESULTS)?;
            let found = results.get((sweep, item))?;
            Ok(found.map(|value| value.value().to_vec()))
        })
    }

    /// Writes results, and the headers that `changed` returns.
    pub(super) fn commit(&self, puts: &mut [Put], changed: impl FnOnce() -> Vec<(u128, Sweep)>) -> Result<(), Problem> {
        // Neighbors in the file are written one after the other.
        puts.sort_by_key(|put| (put.sweep, put.item));
        self.with(|database| {
            let mut transaction = database.begin_write()?;
            transaction.set_durability(Durability::Immediate)?;
            {
                let mut sweeps = transaction.open_table(SWEEPS)?;
                for (key, sweep) in changed() {
                    sweeps.insert(key, &header(&sweep)[..])?;
                }
                let mut results = transaction.open_table(RESULTS)?;
                for Put { sweep, item, value } in puts {
                    results.insert((*sweep, *item), &value[..])?;
                }
            }
            transaction.commit()?;
            Ok(())
        })
    }

    /// Counts the results of each sweep, by its number.
    pub(super) fn count(&self) -> Result<BTreeMap<u32, u64>, Problem> {
        self.with(|database| {
            let results = database.begin_read()?.open_table(RESULTS)?;
            let mut counts = BTreeMap::new();
            for entry in results.iter()? {
                *counts.entry(entry?.0.value().0).or_insert(0) += 1;
            }
            Ok(counts)
        })
    }

    /// Removes the sweeps that `chosen` returns with their results, and makes the file smaller.
    /// Returns the number of results.
    pub(super) fn remove(&self, chosen: impl FnOnce() -> Vec<(u128, u32)>) -> Result<u64, Problem> {
        let mut database = self.database.write().unwrap_or_else(PoisonError::into_inner);
        let database = database.as_mut().expect("it is there until it is dropped");
        guarded(|| {
            let transaction = database.begin_write()?;
            let removed = {
                let mut sweeps = transaction.open_table(SWEEPS)?;
                let mut results = transaction.open_table(RESULTS)?;
                let before = results.len()?;
                for (key, number) in chosen() {
                    sweeps.remove(key)?;
                    results.retain_in((number, 0)..=(number, u128::MAX), |_, _| false)?;
                }
                before - results.len()?
            };
            transaction.commit()?;
            database.compact()?;
            Ok(removed)
        })
    }
}

impl Drop for ResultsFile {
    fn drop(&mut self) {
        let database = self.database.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        // Everything has been committed, so there is nothing to be lost.
        let _ = guarded(|| {
            drop(database);
            Ok(())
        });
    }
}

/// The maximum length of a file without tables.
const MAX_NEW_BYTES: u64 = 8 << 20;

/// The number of bytes of a page of the database.
const PAGE_BYTES: u32 = 4096;

/// Empties a file whose process was killed while it created the file. There is nothing in it yet,
/// but the database would take it for a foreign one.
fn empty_unfinished(path: &Path) -> io::Result<()> {
    let mut file = match OpenOptions::new().read(true).write(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        file => file?,
    };
    // Somebody who creates it at this moment has locked it.
    #[allow(clippy::incompatible_msrv, reason = "this feature needs Rust 1.90")]
    let is_free = file.try_lock().is_ok();
    if is_free && (1..=MAX_NEW_BYTES).contains(&file.metadata()?.len()) {
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        if is_unfinished(&bytes) {
            file.set_len(0)?;
        }
    }
    Ok(())
}

/// The database sets the length of a new file, then writes a header that begins with nine zeros and
/// has the size of pages, and writes these nine bytes last.
fn is_unfinished(bytes: &[u8]) -> bool {
    let Some((header, rest)) = bytes.split_at_checked(512) else { return false };
    let is_zero = |bytes: &[u8]| bytes.iter().all(|byte| *byte == 0);
    bytes.len() % PAGE_BYTES as usize == 0
        && is_zero(rest)
        && is_zero(&header[..9])
        && (is_zero(header) || header[12..16] == PAGE_BYTES.to_le_bytes())
}

/// What the database says about its format.
enum Format {
    /// It has no tables yet.
    New,
    Version(u64),
    /// It has tables of another program.
    Foreign,
}

fn format_of(database: &Database) -> Result<Format, redb::Error> {
    let transaction = database.begin_read()?;
    let tables: Vec<_> = transaction.list_tables()?.collect();
    if tables.is_empty() && transaction.list_multimap_tables()?.next().is_none() {
        return Ok(Format::New);
    }
    if !tables.iter().any(|table| table.name() == FORMATS.name()) {
        return Ok(Format::Foreign);
    }
    match transaction.open_table(FORMATS) {
        Ok(formats) => {
            let version = formats.get(FORMAT_NAME)?;
            Ok(version.map_or(Format::Foreign, |version| Format::Version(version.value())))
        }
        Err(redb::TableError::Storage(error)) => Err(error.into()),
        Err(_) => Ok(Format::Foreign),
    }
}

/// Creates all tables.
fn initialize(database: &Database) -> Result<(), redb::Error> {
    let transaction = database.begin_write()?;
    transaction.open_table(FORMATS)?.insert(FORMAT_NAME, FORMAT)?;
    transaction.open_table(SWEEPS)?;
    transaction.open_table(RESULTS)?;
    transaction.commit()?;
    Ok(())
}

fn headers(database: &Database) -> Result<Vec<(u128, Vec<u8>)>, redb::Error> {
    let sweeps = database.begin_read()?.open_table(SWEEPS)?;
    let mut headers = Vec::new();
    for entry in sweeps.iter()? {
        let (key, header) = entry?;
        headers.push((key.value(), header.value().to_vec()));
    }
    Ok(headers)
}

fn header(sweep: &Sweep) -> Vec<u8> {
    postcard::to_stdvec(sweep).expect("names and numbers are encoded")
}
