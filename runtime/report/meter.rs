//! The count of a call together with its progress bar and its log.

use crate::report::count::{Count, Tally};
use crate::report::log::Log;
use crate::report::ticker::{self, Bar};
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Once};

/// The count of a call, its bar and its log.
///
/// They show the count from the first item of the call until this is dropped.
pub(crate) struct Meter {
    count: Arc<Count>,
    bar: Option<Bar>,
    log: Option<Arc<Log>>,
    begun: Once,
}

impl Meter {
    pub(crate) fn new(bar: Option<Bar>, log: Option<Log>) -> Self {
        Meter { count: Arc::default(), bar, log: log.map(Arc::new), begun: Once::new() }
    }

    /// Lets `stored` count the items whose results come from a checkpoint. They
    /// tell nothing of the time that the others take.
    pub(crate) fn count_stored(&self, stored: Arc<AtomicU64>) {
        self.count.count_stored(stored);
    }

    /// Returns a tally for a thread that begins to work on the call.
    ///
    /// The first of them begins to show the count.
    pub(crate) fn tally(&self) -> Arc<Tally> {
        self.begun.call_once(|| ticker::add(&self.count, self.bar.as_ref(), self.log.as_ref()));
        self.count.add_tally()
    }
}

/// A panic cannot leave anything in it half done.
impl UnwindSafe for Meter {}
impl RefUnwindSafe for Meter {}

impl Drop for Meter {
    fn drop(&mut self) {
        if self.begun.is_completed() {
            ticker::remove(&self.count);
        }
    }
}
