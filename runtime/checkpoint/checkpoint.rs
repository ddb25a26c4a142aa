//! The handle of a file that keeps results.

use crate::checkpoint::error::CheckpointError;
use crate::checkpoint::executable;
use crate::checkpoint::file::ResultsFile;
use crate::checkpoint::if_changed::IfChanged;
use crate::checkpoint::key::SweepKey;
use crate::checkpoint::run::Run;
use crate::checkpoint::store::{Entry, Store};
use crate::checkpoint::summary::Summary;
use crate::checkpoint::sweep_info::SweepInfo;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Debug, Formatter};
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

/// A file that keeps the results of calls, so that a later run of the program does not compute them
/// again. Needs the Cargo feature `checkpoint` and Rust 1.90.
///
/// Pass it to the method `checkpoint` of a lazy call whose function has the option `checkpoint`.
/// One file can have the results of many functions and calls, also of calls at the same time. Its
/// clones are the same file.
///
/// * A result is safe once it is committed, which usually takes a tenth of a second. If the process
///   is killed, the results since the latest commit are lost.
/// * A terminal that returns `Ok` has committed all results of its call.
/// * Only one process at a time can have the file open.
/// * The file is closed when the last clone of the handle has been dropped.
/// * The file takes about twice the space of results of 1,000 bytes, and about 100 bytes for a
///   number. It may be larger after many results in a short time; [`prune`](Self::prune) makes it
///   smaller.
///
/// # Examples
///
/// ```
/// use parallelize::{Checkpoint, parallelize};
///
/// #[parallelize(over = x, checkpoint)]
/// fn simulate(x: f64, steps: u32) -> f64 {
///     (0..steps).fold(x, |x, _| x.sin())
/// }
///
/// # let name = format!("handle-{}.redb", std::process::id());
/// # let path = std::env::temp_dir().join(name);
/// # let _ = std::fs::remove_file(&path);
/// let store = Checkpoint::open(&path)?; // For example "sweep.redb".
/// let xs = (0..100).map(f64::from);
/// let calls = simulate_parallel_iter(xs, 1_000).checkpoint(&store);
/// let ends: Vec<f64> = calls.collect()?;
/// assert_eq!(ends.len(), 100);
///
/// for sweep in store.sweeps()? {
///     println!("{} has {} results", sweep.function, sweep.results);
/// }
/// # assert_eq!(store.sweeps()?[0].results, 100);
/// # drop(store);
/// # let _ = std::fs::remove_file(&path);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Checkpoint {
    store: Arc<Store>,
    if_changed: IfChanged,
}

impl Checkpoint {
    /// Opens a file, or creates it. Its folder must exist.
    ///
    /// After a kill, the file is repaired, which reads it once.
    ///
    /// # Errors
    ///
    /// If the file is in use, cannot be written, is no checkpoint or is damaged. The error names
    /// the file and says what to do.
    pub fn open(path: impl AsRef<Path>) -> Result<Checkpoint, CheckpointError> {
        let path = path.as_ref();
        let store = Store::open(path, || ResultsFile::open(path))?;
        Ok(Checkpoint { store: Arc::new(store), if_changed: IfChanged::default() })
    }

    /// Opens a database that is not at its path.
    #[cfg(test)]
    pub(super) fn open_with(
        path: &Path,
        create: impl FnOnce(&redb::Builder) -> Result<redb::Database, redb::DatabaseError>,
    ) -> Result<Checkpoint, CheckpointError> {
        let store = Store::open(path, || ResultsFile::open_with(create))?;
        Ok(Checkpoint { store: Arc::new(store), if_changed: IfChanged::default() })
    }

    /// Sets what happens to results of another build of the program. By default, some of them are
    /// computed again and compared.
    ///
    /// Other clones of the handle keep what they have.
    #[must_use]
    pub fn if_changed(self, if_changed: IfChanged) -> Self {
        Checkpoint { if_changed, ..self }
    }

    /// Returns the path of the file, as it was passed to [`open`](Self::open).
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.store.shared.path
    }

    /// Returns why the latest call was stopped with [`StopReason::CheckpointFailed`], or `None` if
    /// that was not its end.
    ///
    /// [`StopReason::CheckpointFailed`]: crate::StopReason
    #[must_use]
    pub fn failure(&self) -> Option<CheckpointError> {
        let shared = &self.store.shared;
        let failure = shared.latest().failure.clone();
        failure.or_else(|| shared.failure.get().cloned())
    }

    /// Returns how many results of the latest call that has ended came from the file.
    #[must_use]
    pub fn summary(&self) -> Option<Summary> {
        self.store.shared.latest().summary.clone()
    }

    /// Returns what the file has: an entry per function, version and set of fixed arguments. Reads
    /// the whole file.
    ///
    /// # Errors
    ///
    /// If the file cannot be read.
    pub fn sweeps(&self) -> Result<Vec<SweepInfo>, CheckpointError> {
        Ok(self.infos()?.into_values().collect())
    }

    /// Removes the results of all sweeps that are not needed, and makes the file smaller. Returns
    /// the number of removed results.
    ///
    /// Sweeps of calls that are under way are kept. Other calls wait until it has returned.
    ///
    /// # Errors
    ///
    /// If the file cannot be read or written.
    ///
    /// # Examples
    ///
    /// ```
    /// use parallelize::Checkpoint;
    /// use std::time::{Duration, SystemTime};
    ///
    /// # let folder =
    /// #     std::env::temp_dir().join("parallelize-checkpoint-prune");
    /// # std::fs::create_dir_all(&folder).unwrap();
    /// # let path = folder.join("sweep.redb");
    /// # let _ = std::fs::remove_file(&path);
    /// let store = Checkpoint::open(&path)?;
    /// let month = Duration::from_secs(30 * 24 * 60 * 60);
    /// let oldest = SystemTime::now() - month;
    /// let removed = store.prune(|sweep| sweep.last_used > oldest)?;
    /// assert_eq!(removed, 0);
    /// # Ok::<(), parallelize::CheckpointError>(())
    /// ```
    pub fn prune(&self, mut is_needed: impl FnMut(&SweepInfo) -> bool) -> Result<u64, CheckpointError> {
        let infos = self.infos()?;
        let unneeded: BTreeSet<u128> =
            infos.into_iter().filter(|(_, info)| !is_needed(info)).map(|(key, _)| key).collect();
        let shared = &self.store.shared;
        let removed = shared.file.remove(|| {
            let mut sweeps = shared.sweeps();
            let chosen = unneeded.into_iter().filter(|key| sweeps.get(key).is_some_and(|entry| entry.calls == 0));
            let chosen: Vec<u128> = chosen.collect();
            let removed = chosen.into_iter().filter_map(|key| Some((key, sweeps.remove(&key)?.sweep.number)));
            removed.collect()
        });
        removed.map_err(|problem| shared.error(problem))
    }

    fn infos(&self) -> Result<BTreeMap<u128, SweepInfo>, CheckpointError> {
        let shared = &self.store.shared;
        if let Some(failure) = shared.failure.get() {
            return Err(failure.clone());
        }
        shared.queue.flush(false);
        let counts = shared.file.count().map_err(|problem| shared.error(problem))?;
        let info = |(&key, Entry { sweep, .. }): (&u128, &Entry)| {
            let info = SweepInfo {
                function: sweep.path.clone(),
                version: sweep.version,
                arguments: sweep.arguments.iter().map(|(name, _)| name.clone()).collect(),
                results: counts.get(&sweep.number).copied().unwrap_or(0),
                created: UNIX_EPOCH + Duration::from_secs(sweep.created),
                last_used: UNIX_EPOCH + Duration::from_secs(sweep.last_used),
            };
            (key, info)
        };
        Ok(shared.sweeps().iter().map(info).collect())
    }

    /// Begins a call.
    pub(crate) fn begin(&self, key: SweepKey) -> Run {
        self.begin_as(executable::hash_of_this(), key)
    }

    /// Begins a call of a build of the program, by a hash of its file.
    pub(super) fn begin_as(&self, executable: Option<u64>, key: SweepKey) -> Run {
        Run::begin(executable, &self.store, key, self.if_changed)
    }
}

/// A panic leaves nothing half done in the file: only complete results are kept.
impl UnwindSafe for Checkpoint {}
impl RefUnwindSafe for Checkpoint {}

impl Debug for Checkpoint {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Checkpoint").field("path", &self.path()).finish_non_exhaustive()
    }
}
