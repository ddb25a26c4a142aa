//! The stacks of threads: the size of those that this crate creates, and whether a thread of a pool
//! is in the middle of other work.

use crate::variables::stack_bytes;
use std::cell::Cell;
use std::hint::black_box;
use std::thread;
use std::time::{Duration, Instant};

/// Returns a builder of threads with the stack size of all threads of this crate.
pub(crate) fn builder() -> thread::Builder {
    thread::Builder::new().stack_size(stack_bytes())
}

/// What is known of the stack of a pool's thread.
#[derive(Clone, Copy)]
struct Seen {
    /// The address at which the thread itself started; 0 if this crate has not started its pool.
    thread_start: usize,
    /// The highest address at which a worker has started.
    highest: usize,
    /// The number of workers that have started, up to [`MIN_STARTS`]. Of those that start shortly
    /// after each other, only the first counts.
    starts: u8,
    /// When the last of these started.
    last: Option<Instant>,
}

thread_local! {
    static SEEN: Cell<Seen> = const { Cell::new(Seen { thread_start: 0, highest: 0, starts: 0, last: None }) };
}

/// Minimum number of workers after which the highest start is taken for one in the main loop of the
/// thread. Each of them may have started on top of other work.
const MIN_STARTS: u8 = 3;

/// Minimum time between two starts that count, because a thread may wait inside one task for long.
pub(crate) const START_INTERVAL: Duration = Duration::from_micros(200);

/// Maximum distance between two workers that start in the main loop of a thread, in bytes. The same
/// functions lead to both. (On top of other work they were at least 300 bytes lower.)
const MAX_START_DISTANCE_BYTES: usize = 128;

/// Maximum distance from the start of a thread to a worker in its main loop, in bytes. (Measured:
/// 423 in release mode, 1,008 in debug mode.)
const MAX_FIRST_DISTANCE_BYTES: usize = if cfg!(debug_assertions) { 2_048 } else { 576 };

/// Records where the stack of the current thread begins, when its pool starts it.
#[inline(never)]
pub(crate) fn note_thread_start() {
    SEEN.set(Seen { thread_start: address(), ..SEEN.get() });
}

/// Where a worker starts on the stack of a pool's thread.
#[derive(PartialEq)]
pub(crate) enum Place {
    /// In the main loop of the thread.
    MainLoop,
    /// On the stack of a task that waits inside rayon. The task may hold a lock that an item needs,
    /// so no item must run there.
    OtherWork,
    /// Not known yet. It is known if the worker starts again a few times, each after
    /// [`START_INTERVAL`].
    Unknown,
}

/// Returns where the worker starts that calls this at its beginning.
///
/// rayon does not tell. So the address of the stack is compared with earlier ones. If this crate
/// has not started the pool, and a thread waits inside a task from its first worker on for some
/// time, the answer can be wrong.
#[inline(never)]
pub(crate) fn place() -> Place {
    let here = address();
    let seen = SEEN.get();
    let mut now = Seen { highest: seen.highest.max(here), ..seen };
    if seen.starts < MIN_STARTS && seen.last.is_none_or(|last| last.elapsed() >= START_INTERVAL) {
        now = Seen { starts: seen.starts + 1, last: Some(Instant::now()), ..now };
    }
    SEEN.set(now);
    // Stacks grow down. An unknown start of the thread is 0.
    let is_near_start = seen.thread_start > 0 && here + MAX_FIRST_DISTANCE_BYTES >= seen.thread_start;
    if here + MAX_START_DISTANCE_BYTES < now.highest {
        Place::OtherWork
    } else if is_near_start || now.starts >= MIN_STARTS {
        Place::MainLoop
    } else {
        Place::Unknown
    }
}

/// Returns an address in the current frame.
#[inline(always)]
#[allow(clippy::inline_always)] // The frame must be that of the function that calls this.
fn address() -> usize {
    let local = 0_u8;
    black_box(&raw const local) as usize
}
