//! What is reported of calls: those that are completed are counted, for a bar, a log or a span.

use crate::lazy::keeper::Keeper;
use crate::report::trace::Trace;
use std::sync::Arc;

#[cfg(feature = "progress")]
use crate::report::count::{One, Tally};
#[cfg(feature = "progress")]
use crate::report::meter::Meter;

/// The reports about the calls of one terminal.
#[derive(Default)]
pub(crate) struct Watch {
    trace: Option<Arc<Trace>>,
    #[cfg(feature = "progress")]
    meter: Option<Meter>,
    #[cfg(feature = "progress")]
    tally: Option<Arc<Tally>>,
}

impl Watch {
    /// Creates the reports with a progress, which `meter` shows.
    #[cfg(feature = "progress")]
    pub(crate) fn new(meter: Option<Meter>) -> Self {
        Watch { meter, ..Watch::default() }
    }

    /// Lets the progress tell the results that come from the checkpoint of the
    /// calls from those that are computed.
    #[cfg_attr(not(feature = "progress"), allow(clippy::unused_self))]
    pub(crate) fn count_stored(&self, keeper: &Keeper) {
        #[cfg(feature = "progress")]
        if let (Some(meter), Some(stored)) = (&self.meter, keeper.stored()) {
            meter.count_stored(stored);
        }
        #[cfg(not(feature = "progress"))]
        let _ = keeper;
    }

    /// Begins to report. The calls have the span of `trace`.
    pub(crate) fn begin(&mut self, trace: &Arc<Trace>) {
        self.trace = Some(Arc::clone(trace));
        #[cfg(feature = "progress")]
        {
            self.tally = self.meter.as_ref().map(Meter::tally);
        }
    }

    /// Counts a call that is completed.
    #[inline]
    pub(crate) fn count(&self) {
        if let Some(trace) = &self.trace {
            trace.finished(1);
        }
        #[cfg(feature = "progress")]
        drop(self.tally.as_deref().map(One));
    }
}
