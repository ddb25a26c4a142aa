//! Types of lazy calls.
//!
//! A call of the lazy version `f_parallel_iter` returns a [`ParallelIter`], and a `for` loop turns
//! it into an [`IntoIter`]. That of an async function returns a [`ConcurrentIter`]. You do not need
//! to name the other types and traits: they appear in signatures.

pub use crate::concurrent::{
    concurrent_iter::ConcurrentIter,
    settle::{Caught, Settle, Uncaught, WithNone},
    until::{StopSignal, Until},
};
#[cfg(feature = "checkpoint")]
pub use crate::lazy::kept::{Checkpointed, Kept};
#[cfg(feature = "progress")]
#[doc(hidden)]
pub use crate::lazy::watched::{Counting, Watched};
pub use crate::lazy::{
    apply::{Apply, CatchPanics, StreamState},
    background::Background,
    item_token::{Cancellable, WithToken},
    parallel_iter::ParallelIter,
    stop::{Never, Stop, Stops},
    stream::IntoIter,
    yields::{Every, Optional, SkipNone, Yield},
};
#[cfg(feature = "distributed")]
pub use crate::lazy::{
    distributed::Distributed,
    spread::{HereOrThere, Spread},
};
