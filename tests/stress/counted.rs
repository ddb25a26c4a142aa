//! Items and results that are counted, so that a value that is lost or dropped twice is found.

use crate::plan::Fate;
use crate::watch::fail;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicIsize, AtomicUsize, Ordering};

/// The values of one call.
#[derive(Default)]
pub(crate) struct Count {
    alive: AtomicIsize,
    /// The number of results that the reader of a stream holds.
    taken: AtomicIsize,
    /// The maximum number of values that the call may hold at a time, if it is limited.
    limit: Option<usize>,
    states: AtomicIsize,
    /// The number of items that have run, by their fates.
    finished: [AtomicUsize; 4],
}

impl Count {
    pub(crate) fn new(limit: Option<usize>) -> Arc<Count> {
        Arc::new(Count { limit, ..Count::default() })
    }

    pub(crate) fn alive(&self) -> isize {
        self.alive.load(Ordering::SeqCst)
    }

    pub(crate) fn states(&self) -> isize {
        self.states.load(Ordering::SeqCst)
    }

    /// Records that the reader of a stream has taken a result, and returns it.
    pub(crate) fn take(&self, values: usize) {
        self.taken.fetch_add(values.cast_signed(), Ordering::SeqCst);
    }

    pub(crate) fn finish(&self, fate: Fate) {
        self.finished[fate as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// Returns the number of items that have run and had one of these fates.
    pub(crate) fn finished(&self, fates: &[Fate]) -> usize {
        fates.iter().map(|fate| self.finished[*fate as usize].load(Ordering::SeqCst)).sum()
    }
}

/// Marks a value that has not been dropped.
const ALIVE: u64 = 0x0A11_5E11_0A11_5E11;

/// An item or a result.
pub(crate) struct Counted {
    mark: u64,
    pub(crate) index: usize,
    pub(crate) value: u64,
    count: Arc<Count>,
}

impl Counted {
    pub(crate) fn new(count: &Arc<Count>, index: usize) -> Counted {
        let alive = count.alive.fetch_add(1, Ordering::SeqCst) + 1;
        if let Some(limit) = count.limit {
            let held = alive - count.taken.load(Ordering::SeqCst);
            // The item that is being created is one more.
            if held > limit.cast_signed() + 1 {
                fail(&format!("{held} values are alive, and {limit} may be in flight"));
            }
        }
        Counted { mark: ALIVE, index, value: index as u64, count: Arc::clone(count) }
    }

    /// Fails if the value has been dropped or belongs to another call.
    pub(crate) fn check(&self, count: &Arc<Count>) {
        if self.mark != ALIVE || !Arc::ptr_eq(&self.count, count) {
            fail(&format!("item {} has been dropped, or is of another call", self.index));
        }
    }
}

impl Clone for Counted {
    fn clone(&self) -> Self {
        self.count.alive.fetch_add(1, Ordering::SeqCst);
        Counted { count: Arc::clone(&self.count), ..*self }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        if self.mark != ALIVE {
            fail(&format!("value {} is dropped twice", self.index));
        }
        self.mark = 0;
        self.count.alive.fetch_sub(1, Ordering::SeqCst);
    }
}

/// The payload of a panic.
pub(crate) struct Thrown {
    pub(crate) item: Counted,
    pub(crate) of_input: bool,
}

/// A value of `per_thread`.
pub(crate) struct State {
    count: Arc<Count>,
    is_used: AtomicBool,
    pub(crate) buffer: Vec<usize>,
}

impl State {
    pub(crate) fn new(count: &Arc<Count>) -> State {
        count.states.fetch_add(1, Ordering::SeqCst);
        State { count: Arc::clone(count), is_used: AtomicBool::new(false), buffer: Vec::new() }
    }

    /// Fails if two threads use the state at once, or if `start` and `stop` do not alternate.
    pub(crate) fn set_used(&self, is_used: bool) {
        if self.is_used.swap(is_used, Ordering::SeqCst) == is_used {
            fail("two threads use one value of `per_thread`");
        }
    }
}

impl Drop for State {
    fn drop(&mut self) {
        self.count.states.fetch_sub(1, Ordering::SeqCst);
    }
}
