//! What is reported of a call while it runs and when it ends: a progress bar, a `tracing` span.
//!
//! A `progress` becomes a `meter`, whose `count` one thread of the process, the `ticker`, draws.
//! `trace` has the span of a call; without the cargo feature `tracing`, `untraced` has the same names
//! with nothing behind them.
//!
//! May import `unwind` only. A report never changes what a call returns, and a bar or a subscriber
//! that fails is not the call's failure.

#[cfg(feature = "progress")]
pub(crate) mod count;
#[cfg(feature = "progress")]
pub(crate) mod meter;
#[cfg(feature = "progress")]
pub(crate) mod progress;
#[cfg(feature = "progress")]
mod ticker;
#[cfg_attr(not(feature = "tracing"), path = "untraced.rs")]
pub(crate) mod trace;
