//! The progress of calls: those that are completed are counted for a bar or a log.

#[cfg(feature = "progress")]
use crate::report::{
    count::{One, Tally},
    meter::Meter,
};
#[cfg(feature = "progress")]
use std::sync::Arc;

/// The progress of the calls of one terminal.
#[derive(Default)]
pub(crate) struct Watch {
    #[cfg(feature = "progress")]
    meter: Option<Meter>,
    #[cfg(feature = "progress")]
    tally: Option<Arc<Tally>>,
}

impl Watch {
    /// Creates the progress that `meter` shows, from the first poll on.
    #[cfg(feature = "progress")]
    pub(crate) fn new(meter: Option<Meter>) -> Self {
        Watch { meter, tally: None }
    }

    /// Begins to show the progress.
    #[allow(clippy::unused_self)] // Without the feature.
    pub(crate) fn begin(&mut self) {
        #[cfg(feature = "progress")]
        if let (Some(meter), None) = (&self.meter, &self.tally) {
            self.tally = Some(meter.tally());
        }
    }

    /// Counts a call that is completed.
    #[inline]
    #[allow(clippy::unused_self)] // Without the feature.
    pub(crate) fn count(&self) {
        #[cfg(feature = "progress")]
        drop(self.tally.as_deref().map(One));
    }
}
