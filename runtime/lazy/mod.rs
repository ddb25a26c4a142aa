//! Lazy calls: what `f_parallel_iter` returns, the options that it takes, and its terminals.
//!
//! A call is a `parallel_iter` first, which its methods tell what items yield (`yields`, `apply`,
//! `item_panic`), what may stop it (`stop`, `cancel_token`, `stopped`) and who watches it
//! (`watched`). Then `terminals` run it to its end, or `stream` runs it in blocks; both pass `calls`
//! to the engine. `try_trait` describes results that may end a call.
//!
//! May import `engine`, `report` and `unwind`. It never starts a thread and contains no `unsafe`.

pub(crate) mod apply;
pub(crate) mod calls;
pub(crate) mod cancel_token;
pub(crate) mod item_panic;
pub(crate) mod parallel_iter;
pub(crate) mod stop;
pub(crate) mod stopped;
pub(crate) mod stream;
mod terminals;
pub(crate) mod try_trait;
#[cfg(feature = "progress")]
pub(crate) mod watched;
pub(crate) mod yields;
