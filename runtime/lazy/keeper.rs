//! The checkpoint of a call, as far as it can stop the call.

use crate::checkpoint::run::Run;
use std::fmt::{self, Debug, Formatter};
use std::panic::{RefUnwindSafe, UnwindSafe};

#[cfg(feature = "progress")]
use std::sync::Arc;
#[cfg(feature = "progress")]
use std::sync::atomic::AtomicU64;

/// The checkpoint of a call, if it has one.
#[derive(Clone, Default)]
pub(crate) struct Keeper(Option<Run>);

impl Keeper {
    pub(crate) fn new(run: Run) -> Self {
        Keeper(Some(run))
    }

    /// Returns whether the checkpoint has failed.
    #[inline]
    pub(crate) fn has_failed(&self) -> bool {
        self.0.as_ref().is_some_and(Run::has_failed)
    }

    /// Returns whether the call has a checkpoint.
    pub(crate) fn is_there(&self) -> bool {
        self.0.is_some()
    }

    /// Returns what counts the results that come from the file.
    #[cfg(feature = "progress")]
    pub(crate) fn stored(&self) -> Option<Arc<AtomicU64>> {
        self.0.as_ref().map(Run::stored)
    }

    /// Waits until all results of the call are in the file. Returns whether they are.
    pub(crate) fn finish(&self) -> bool {
        self.0.as_ref().is_none_or(|run| run.finish().is_ok())
    }
}

/// A panic leaves nothing half done in the file: only complete results are kept.
impl UnwindSafe for Keeper {}
impl RefUnwindSafe for Keeper {}

impl Debug for Keeper {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Keeper").field(&self.is_there()).finish()
    }
}
