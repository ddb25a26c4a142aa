//! Reports about a call: its progress bar, and its `tracing` span.
//!
//! A `progress` becomes a `meter`, which joins a bar or a `log` with the `count` of the call.
//! The `ticker` is the one thread of the process that draws the bars and writes the lines of a
//! log. `trace` has the span of a call; without the Cargo feature `tracing`, `untraced` has the
//! same names with nothing behind them.
//!
//! May import `unwind` only. A report never changes what a call returns, and a panic of a bar is
//! not a panic of the call.

#[cfg(feature = "progress")]
pub(crate) mod count;
#[cfg(feature = "progress")]
pub(crate) mod log;
#[cfg(feature = "progress")]
pub(crate) mod meter;
#[cfg(feature = "progress")]
pub(crate) mod progress;
#[cfg(feature = "progress")]
mod ticker;
#[cfg_attr(not(feature = "tracing"), path = "untraced.rs")]
pub(crate) mod trace;
