//! Calls that run in several processes, with the Cargo feature `distributed`: which process runs
//! which chunk, and how they talk. Knows no types of items, only their bytes.
//!
//! The first process of a run drives: its [`cluster`] is the guard, which keeps the `others` while
//! no call has them. A `Transport` carries each `letter` to them, and what they say is an event.
//! All others `serve`. They know each function by its entry in the `registry`, which the first
//! process compares with its own in the `handshake`. With MPI, a thread `here` runs items as well.
//! A call takes the processes as a `dispatch`, which sizes chunks by the `plan` and gives those of
//! a process that has died to another. `guard` notices a program without one.
//!
//! `processes` starts `children` on this machine: each `child` comes in at the `entrance`, and its
//! letters are in a `stream`. `ending` says how it died, `threads` how many threads it has. `wire`
//! and `answer` are the format of arguments and results.

pub(crate) mod answer;
#[cfg(test)]
mod behavior;
mod child;
mod children;
pub(crate) mod cluster;
pub(crate) mod dispatch;
mod ending;
mod entrance;
#[cfg(test)]
mod fixture;
pub(crate) mod guard;
mod handshake;
mod here;
mod letter;
mod others;
mod plan;
pub(crate) mod processes;
pub(crate) mod registry;
pub(crate) mod serve;
mod stream;
mod threads;
pub(crate) mod transport;
pub(crate) mod wire;
