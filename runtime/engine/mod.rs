//! The engine: runs one function for every item of an input, and returns the results in input
//! order. It works serially as long as that is best, and then on several threads.
//!
//! A call starts in `drive`. Its course is `known` if its input is known by its type, else
//! `pulled`: the calling thread runs batches and measures them. If worker threads pay, `share`
//! opens the `gate` for them. Each thread then takes chunks from the `source` under one lock, fills
//! the `slots` of its chunks, and reports to the `outcome`. `estimate`, with `grain`, `wake` and
//! `memory`, tells whether worker threads pay, and the `ledger` of the source whether they have
//! paid. `team` and `seat` tell which threads are available, and `launch` starts jobs on them. A
//! caller of the engine provides `settings`, `work` (with its `step`) and `retain`. `memories` has
//! a memory for each closure. Spawned work is a `handover`, which is launched like a worker.
//!
//! May import `input`, to split inputs, `report`, to tell it what happens, and `unwind`. It knows
//! nothing of lazy calls, options or messages, and it never runs an item on top of another item's
//! stack.

mod chunk;
pub(crate) mod clock;
mod costs;
mod crew;
pub(crate) mod desk;
pub(crate) mod drive;
mod estimate;
mod feed;
mod gate;
mod grain;
pub(crate) mod handover;
mod judge;
pub(crate) mod known;
pub(crate) mod launch;
mod ledger;
mod lent;
mod linger;
mod loaded;
pub(crate) mod memories;
pub(crate) mod memory;
pub(crate) mod outcome;
pub(crate) mod pool;
mod presence;
mod pulled;
pub(crate) mod results;
pub(crate) mod retain;
pub(crate) mod seat;
mod serial;
pub(crate) mod settings;
mod share;
pub(crate) mod sink;
mod slots;
mod source;
mod spare;
pub(crate) mod stack;
pub(crate) mod step;
pub(crate) mod sync;
pub(crate) mod team;
mod tiny;
mod wake;
mod window;
pub(crate) mod work;
