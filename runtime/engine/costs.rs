//! What a thread has measured of a pull or of a chunk.

/// What a pull tells about the input.
#[derive(Clone, Copy)]
pub(crate) struct PullCosts {
    /// Whether the input has ended.
    pub(crate) has_ended: bool,
    /// Whether the input has waited for its last item.
    pub(crate) has_waited: bool,
    /// The minimum number of remaining items, according to the size hint of the input.
    pub(crate) min_remaining: usize,
    /// The time that pulling took, in nanoseconds.
    pub(crate) nanos: u64,
}

/// What a thread has measured of a chunk.
#[derive(Clone, Copy)]
pub(crate) struct ChunkCosts {
    /// Whether the chunk had several items.
    pub(crate) is_divisible: bool,
    /// The time that running the items took, in nanoseconds.
    pub(crate) run_nanos: u64,
    /// The time that pulling took per item, in nanoseconds; 0 for items that another thread pulled.
    pub(crate) pull_item_nanos: f64,
}

/// The part of a chunk that has run.
#[derive(Clone, Copy)]
pub(crate) struct Done {
    /// The index of the first item.
    pub(crate) start: usize,
    /// The number of items.
    pub(crate) items: usize,
    /// Whether items behind these have been given back.
    pub(crate) has_stopped: bool,
}
