//! The count of a call together with its progress bar.

use crate::report::count::{Count, Tally};
use crate::report::ticker;
use indicatif::ProgressBar;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::{Arc, Once};

/// The count of a call and its bar.
///
/// The bar shows the count from the first item of the call until this is dropped.
pub(crate) struct Meter {
    count: Arc<Count>,
    bar: ProgressBar,
    /// Whether this crate created the bar, rather than the user.
    is_ours: bool,
    begun: Once,
}

impl Meter {
    /// Creates a meter with a new bar, or returns `None` if nobody would see the bar.
    pub(crate) fn with_label(label: String, length: Option<u64>) -> Option<Self> {
        ticker::is_attended().then(|| Meter::new(ticker::bar(label, length), true))
    }

    pub(crate) fn new(bar: ProgressBar, is_ours: bool) -> Self {
        Meter { count: Arc::default(), bar, is_ours, begun: Once::new() }
    }

    /// Returns a tally for a thread that begins to work on the call.
    ///
    /// The first of them begins to show the bar.
    pub(crate) fn tally(&self) -> Arc<Tally> {
        self.begun.call_once(|| ticker::add(&self.count, &self.bar, self.is_ours));
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
