//! The engine: runs one function for every item of an input, serially as long as that is best, then
//! on several threads, and puts the results in input order.
//!
//! A call comes in through `drive`. It runs `serial` loops and measures them; if worker threads pay,
//! it opens the `gate` for them, and each thread takes chunks from the `source` under one lock
//! (`share`), fills their `slots`, and reports to the `outcome`. `settings`, `work`, `step` and
//! `retain` are what a caller of the engine says; `memory` is what a function's past calls tell.
//!
//! May import `report` (whom it tells what happens) and `unwind`. It knows nothing of lazy calls,
//! options or messages, and it never runs an item on top of another item's stack.

pub(crate) mod drive;
mod gate;
mod grain;
pub(crate) mod memory;
mod outcome;
pub(crate) mod retain;
mod seat;
mod serial;
pub(crate) mod settings;
mod share;
mod slots;
mod source;
pub(crate) mod step;
mod sync;
pub(crate) mod team;
mod wake;
pub(crate) mod work;
