//! The handle of a file that keeps results.

use crate::checkpoint::error::CheckpointError;
use crate::checkpoint::if_changed::IfChanged;
use crate::checkpoint::key::SweepKey;
use crate::checkpoint::run::Run;
use crate::checkpoint::summary::Summary;
use crate::checkpoint::sweep_info::SweepInfo;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A file that keeps the results of calls. Needs the Cargo feature
/// `checkpoint`.
#[derive(Clone, Debug)]
pub struct Checkpoint {
    path: Arc<PathBuf>,
    if_changed: IfChanged,
}

impl Checkpoint {
    /// Opens a file, or creates it.
    ///
    /// # Errors
    ///
    /// The error names the file and says what to do.
    pub fn open(path: impl AsRef<Path>) -> Result<Checkpoint, CheckpointError> {
        Ok(Checkpoint { path: Arc::new(path.as_ref().to_owned()), if_changed: IfChanged::Compare })
    }

    /// Sets what happens to results of another build of the program.
    #[must_use]
    pub fn if_changed(self, if_changed: IfChanged) -> Self {
        Checkpoint { if_changed, ..self }
    }

    /// Returns the path of the file, as it was passed to [`open`](Self::open).
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns why the latest call was stopped, if the checkpoint stopped it.
    #[must_use]
    pub fn failure(&self) -> Option<CheckpointError> {
        todo!()
    }

    /// Returns how many results of the latest call came from the file.
    #[must_use]
    pub fn summary(&self) -> Option<Summary> {
        todo!()
    }

    /// Returns what the file has: an entry per function, version and set of
    /// fixed arguments.
    ///
    /// # Errors
    ///
    /// If the file cannot be read.
    pub fn sweeps(&self) -> Result<Vec<SweepInfo>, CheckpointError> {
        todo!()
    }

    /// Removes the results of all sweeps that are not needed. Returns how many
    /// results were removed.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub fn prune(&self, is_needed: impl FnMut(&SweepInfo) -> bool) -> Result<u64, CheckpointError> {
        let _ = is_needed;
        todo!()
    }

    /// Begins a call.
    pub(crate) fn begin(&self, key: SweepKey) -> Run {
        let _ = (key, self.if_changed);
        todo!()
    }
}
