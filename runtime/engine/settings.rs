//! The settings of a call: what the engine knows about it besides its input and its function.

use crate::engine::memory::Memory;

/// What the engine knows about a call besides its input and its function.
#[derive(Clone, Copy)]
pub(crate) struct Settings {
    /// The memory of the function.
    pub(crate) memory: &'static Memory,
    /// The maximum number of threads, including the calling thread; `None` for those of the pool.
    pub(crate) threads: Option<usize>,
    /// The number of results after which the call may end although its input goes on, or
    /// `usize::MAX` to run the whole input. A call that may end so is a block of a stream. It
    /// returns more results if threads would otherwise be idle, and fewer if it takes too long.
    pub(crate) enough: usize,
    /// Whether the input may wait, so that a block looks at the clock for each item. A range, a
    /// slice or a vector never waits.
    pub(crate) may_wait: bool,
    /// Whether the call ends at a match, so that the length of its input does not tell how much
    /// work there is.
    pub(crate) is_search: bool,
}

impl Settings {
    /// Creates the settings of a call that runs its whole input on all threads of the pool.
    #[inline]
    pub(crate) fn new(memory: &'static Memory) -> Self {
        Settings { memory, threads: None, enough: usize::MAX, may_wait: true, is_search: false }
    }

    /// Sets that the call ends at a match.
    pub(crate) fn search(self) -> Self {
        Settings { is_search: true, ..self }
    }

    /// Limits the call to `threads` threads, including the calling thread.
    ///
    /// # Panics
    ///
    /// If `threads` is 0, with the location of the caller.
    #[track_caller]
    pub(crate) fn threads(self, threads: usize) -> Self {
        assert!(threads > 0, "`threads` must be at least 1 (the calling thread counts)");
        Settings { threads: Some(threads), ..self }
    }
}
