//! Async functions: one task runs several calls at a time.
//!
//! The calls start as a `ConcurrentIter` (`concurrent_iter`). Its methods set what items yield
//! (`settle`), how many calls are under way at a time, what stops them (`until`), and whether their
//! progress is counted (`watch`). Their results can be `kept` in a checkpoint, for whose `commit`
//! the task waits at the end. The `terminals` return a future: `collect`, or `for_each` with a
//! sink. It polls a `run`, whose calls are in `flight`. Those that want to be polled are queued in
//! `wakes`, and results that wait for others are in `arrivals`.
//!
//! May import `lazy`, `engine`, `input`, `report`, `checkpoint` and `unwind`.
//! It runs in the task of its caller, and contains no `unsafe`. Only a progress
//! bar and a checkpoint have threads, as for other calls.

mod arrivals;
mod collect;
mod commit;
pub(crate) mod concurrent_iter;
mod flight;
mod for_each;
#[cfg(feature = "checkpoint")]
pub(crate) mod kept;
mod run;
pub(crate) mod settle;
mod terminals;
pub(crate) mod until;
mod wakes;
mod watch;
