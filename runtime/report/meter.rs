//! The count of a call together with its bar.

use crate::report::count::{Count, Tally};
use crate::report::ticker;
use indicatif::ProgressBar;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::{Arc, Once};

/// The count of a call and its bar, which is kept up to date from when the call begins until this is dropped.
pub(crate) struct Meter {
    count: Arc<Count>,
    bar: ProgressBar,
    /// Not the user's.
    is_ours: bool,
    begun: Once,
}

impl Meter {
    /// A bar of ours with that label, unless nobody would see it.
    pub(crate) fn with_label(label: String, length: Option<u64>) -> Option<Self> {
        ticker::is_attended().then(|| Meter::new(ticker::bar(label, length), true))
    }

    pub(crate) fn new(bar: ProgressBar, is_ours: bool) -> Self {
        Meter { count: Arc::default(), bar, is_ours, begun: Once::new() }
    }

    /// Where a thread that begins is to count.
    pub(crate) fn tally(&self) -> Arc<Tally> {
        self.begun.call_once(|| ticker::add(&self.count, &self.bar, self.is_ours));
        self.count.add_tally()
    }
}

/// Nothing in it can be left half done by a panic.
impl UnwindSafe for Meter {}
impl RefUnwindSafe for Meter {}

impl Drop for Meter {
    fn drop(&mut self) {
        if self.begun.is_completed() {
            ticker::remove(&self.count);
        }
    }
}
