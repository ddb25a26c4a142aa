//! The settings of a call: everything that is known of it besides its input.

use crate::engine::memory::Memory;

/// What is known of a call besides its input.
#[derive(Clone, Copy)]
pub(crate) struct Settings {
    pub(crate) memory: &'static Memory,
    /// At most so many threads, the caller counted.
    pub(crate) threads: Option<usize>,
    /// The call may end when it has so many results, or somewhat more where all threads are better kept at work; where it does not end before the
    /// input, all are run.
    pub(crate) enough: usize,
}

impl Settings {
    /// Of a call of the function that `memory` is of, with all its input.
    #[inline]
    pub(crate) fn new(memory: &'static Memory) -> Self {
        Settings { memory, threads: None, enough: usize::MAX }
    }

    /// With at most so many threads.
    #[track_caller]
    pub(crate) fn threads(self, threads: usize) -> Self {
        assert!(threads > 0, "`threads` is 0, and the caller alone is 1");
        Settings { threads: Some(threads), ..self }
    }
}
