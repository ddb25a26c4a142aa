//! A stored result of another build of the program, whose item runs again.

use crate::checkpoint::error::{CheckpointError, Problem};
use crate::checkpoint::failing::Failing;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// The number of results that must agree before all others are used.
const ENOUGH: u32 = 3;

/// The results of a group of other builds, as far as they have been compared.
#[derive(Debug, Default)]
pub(super) struct Suspects {
    agreed: AtomicU32,
}

impl Suspects {
    /// Whether their results can be used without a comparison.
    pub(super) fn agree(&self) -> bool {
        self.agreed.load(Relaxed) >= ENOUGH
    }
}

/// A stored result that another build has computed. The call computes it again, and settles whether
/// both agree.
///
/// Dropped without an answer, because the item panicked or returned an error, it counts for
/// nothing. Other items are compared instead.
pub(crate) struct Comparison {
    pub(super) stored: Vec<u8>,
    pub(super) suspects: Arc<Suspects>,
    pub(super) failing: Failing,
    pub(super) path: Arc<Path>,
    pub(super) function: &'static str,
}

impl Comparison {
    /// Returns the stored result, for [`decode`].
    ///
    /// [`decode`]: crate::checkpoint::encoding::decode
    pub(crate) fn stored(&self) -> &[u8] {
        &self.stored
    }

    /// Notes whether the stored and the computed result agree: whether their [`item_key`]s do,
    /// which ignore the order of maps. If they do not, the call fails with an error that contains
    /// `item`. If they do, the caller puts the computed result; otherwise the file keeps the stored
    /// one, in case that the other build is the right one.
    ///
    /// [`item_key`]: crate::checkpoint::encoding::item_key
    pub(crate) fn settle(self, agree: bool, item: impl FnOnce() -> String) {
        if agree {
            self.suspects.agreed.fetch_add(1, Relaxed);
        } else {
            let problem = Problem::Differs(self.function, item());
            self.failing.fail_call(CheckpointError::new(&self.path, problem));
        }
    }
}
