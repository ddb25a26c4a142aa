//! An attribute that generates parallel functions: [`#[parallelize]`](macro@parallelize).
//!
// Link targets for rustdoc. They come before README, because the first definition of a link counts.
#![cfg_attr(doc, doc = include_str!("../guide/links.md"), doc = include_str!("../guide/pictures.md"))]
// The rest is README. The comment that opens here hides the title, whose line ends with `-->`.
// Some examples show a progress bar, so README is tested only with that feature.
#![cfg_attr(
    not(all(doctest, not(feature = "progress"))),
    doc = "<!--",
    doc = include_str!("../README.md")
)]
// docs.rs sets `docsrs` and builds with nightly, so items that need a feature are marked there.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![deny(unsafe_code)]

mod arguments;
mod async_arguments;
mod async_results;
mod attribute;
#[cfg(feature = "checkpoint")]
mod checkpoint;
#[cfg(feature = "checkpoint")]
mod checkpoint_arguments;
mod concurrent;
#[cfg(feature = "distributed")]
mod distributed;
#[cfg(feature = "distributed")]
mod distributed_arguments;
#[cfg(feature = "distributed")]
mod distributed_bytes;
#[cfg(feature = "distributed")]
mod distributed_chunks;
mod engine;
mod evidence;
#[cfg(any(doc, doctest))]
pub mod guide;
mod input;
pub mod iter;
mod lazy;
mod report;
mod unwind;
mod variables;

#[doc(inline)]
pub use attribute::parallelize;

#[cfg(feature = "checkpoint")]
pub use checkpoint::checkpoint::Checkpoint;
#[cfg(feature = "checkpoint")]
pub use checkpoint::error::CheckpointError;
#[cfg(feature = "checkpoint")]
pub use checkpoint::if_changed::IfChanged;
#[cfg(feature = "checkpoint")]
pub use checkpoint::summary::Summary;
#[cfg(feature = "checkpoint")]
pub use checkpoint::sweep_info::SweepInfo;
#[cfg(feature = "distributed")]
pub use distributed::cluster::Cluster;
#[cfg(feature = "distributed")]
pub use distributed::processes::processes;
pub use input::items::Items;
#[doc(inline)]
pub use iter::{ConcurrentIter, ParallelIter};
pub use lazy::cancel_token::{CancelToken, DropGuard};
pub use lazy::item_panic::ItemPanic;
pub use lazy::item_token::ItemToken;
pub use lazy::map::map;
pub use lazy::running::{Running, spawn};
pub use lazy::stopped::{Interrupted, StopReason, Stopped};
pub use lazy::try_trait::Try;
#[cfg(feature = "progress")]
pub use report::log::ProgressLine;
#[cfg(feature = "progress")]
pub use report::progress::Progress;

/// Re-exports the crate that draws the progress bars, so that custom bars use the same version.
#[cfg(feature = "progress")]
pub use indicatif;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
