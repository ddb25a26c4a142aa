//! Lazy calls: the type that `f_parallel_iter` returns, its options and its terminals.
//!
//! A call starts as a `ParallelIter` (`parallel_iter`), which `map` creates for
//! a closure. Its methods set what items yield (`yields`, `apply`,
//! `item_panic`), what may stop the call (`stop`, `cancel_token`, `stopped`)
//! and whether a progress bar counts its items (`watched`). Items may have
//! tokens (`item_token`), and a checkpoint can keep results (`kept`, `keeping`,
//! `keeper`). Then `terminals` runs it to its end, `search` to its first match,
//! or `stream` in blocks; all pass `calls` to the engine. A stream of `cheap`
//! items goes on without blocks. `try_trait` describes results that may end a
//! call. A `running` is spawned work, such as a call that goes on in the
//! background.
//!
//! May import `engine`, `input`, `report`, `checkpoint` and `unwind`. It never
//! starts a thread and contains no `unsafe`.

pub(crate) mod apply;
pub(crate) mod background;
pub(crate) mod calls;
pub(crate) mod cancel_token;
mod cheap;
#[cfg(feature = "distributed")]
pub(crate) mod courier;
#[cfg(feature = "distributed")]
pub(crate) mod distributed;
pub(crate) mod item_panic;
pub(crate) mod item_token;
#[cfg_attr(not(feature = "checkpoint"), path = "no_keeper.rs")]
pub(crate) mod keeper;
#[cfg(feature = "checkpoint")]
pub(crate) mod keeping;
#[cfg(feature = "checkpoint")]
pub(crate) mod kept;
pub(crate) mod map;
#[cfg(feature = "distributed")]
pub(crate) mod open_call;
pub(crate) mod parallel_iter;
pub(crate) mod running;
mod search;
#[cfg(feature = "distributed")]
pub(crate) mod spread;
pub(crate) mod start;
pub(crate) mod stop;
pub(crate) mod stopped;
pub(crate) mod stream;
mod terminals;
#[cfg(feature = "distributed")]
mod travels;
pub(crate) mod try_trait;
mod unordered;
#[cfg(feature = "progress")]
pub(crate) mod watched;
pub(crate) mod yields;
