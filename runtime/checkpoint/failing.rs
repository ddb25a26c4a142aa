//! Whether a call must stop because its checkpoint has failed.

use crate::checkpoint::error::CheckpointError;
use std::sync::{Arc, OnceLock};

/// The failure of a file, or of one call. There is none at first.
pub(super) type Failure = Arc<OnceLock<CheckpointError>>;

/// Tells whether a call must stop because its checkpoint has failed.
#[derive(Clone, Debug)]
pub(super) struct Failing {
    /// The failure of the file, which all calls share.
    pub(super) file: Failure,
    /// The failure of the call.
    pub(super) call: Failure,
}

impl Failing {
    /// Returns whether it has failed. Cheap enough for each item.
    #[inline]
    pub(crate) fn has_failed(&self) -> bool {
        self.call.get().is_some() || self.file.get().is_some()
    }

    pub(super) fn error(&self) -> Option<CheckpointError> {
        self.call.get().or(self.file.get()).cloned()
    }

    /// Lets the call fail. The first error counts.
    pub(super) fn fail_call(&self, error: CheckpointError) {
        let _ = self.call.set(error);
    }
}
