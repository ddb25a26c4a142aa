//! A stored result of another build of the program, whose item runs again.

use crate::checkpoint::error::{CheckpointError, Problem};
use crate::checkpoint::failing::Failing;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

/// The number of items whose results must agree before all others are used.
const ENOUGH: usize = 3;

/// The results of a group of other builds, as far as they have been compared.
#[derive(Debug, Default)]
pub(super) struct Suspects {
    /// The items whose results agreed. The same item twice says nothing new.
    agreed: Mutex<BTreeSet<u128>>,
    /// Whether these are enough.
    agree: AtomicBool,
}

impl Suspects {
    /// Whether their results can be used without a comparison.
    pub(super) fn agree(&self) -> bool {
        self.agree.load(Relaxed)
    }

    fn add(&self, item: u128) {
        let mut agreed = self.agreed.lock().unwrap_or_else(PoisonError::into_inner);
        agreed.insert(item);
        self.agree.store(agreed.len() >= ENOUGH, Relaxed);
    }
}

/// A stored result that another build has computed. The call computes it again, and settles whether
/// both agree.
///
/// Dropped without an answer, because the item panicked or returned an error, it counts for
/// nothing. Other items are compared instead.
pub(crate) struct Comparison {
    pub(super) item: u128,
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
            self.suspects.add(self.item);
        } else {
            let problem = Problem::Differs(self.function, item());
            self.failing.fail_call(CheckpointError::new(&self.path, problem));
        }
    }
}
