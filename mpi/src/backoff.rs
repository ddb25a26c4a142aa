//! How long the thread of MPI waits before it asks for letters again.

use std::hint;
use std::thread;
use std::time::{Duration, Instant};

/// Target time between two questions while letters go back and forth: MPI's own waiting would take
/// a core from the items.
const MIN_SLEEP: Duration = Duration::from_micros(20);

/// The maximum time between two questions, which a letter to an idle process waits for.
const MAX_SLEEP: Duration = Duration::from_millis(1);

/// The time after a letter during which questions follow each other at once, because the answer to
/// a short letter often comes at once.
const MAX_SPIN: Duration = Duration::from_micros(10);

/// The time after a letter during which other threads may run between two questions.
const MAX_YIELD: Duration = Duration::from_micros(40);

/// A letter that comes while nobody asks waits for at most this part of the time since the last
/// one. So chunks that take long cost few questions, and little of their time.
const SLEEPS_PER_IDLE_TIME: u32 = 32;

/// What to do before the next question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rest {
    Spin,
    Yield,
    Sleep(Duration),
}

/// The time since something has happened.
pub(crate) struct Backoff {
    last: Instant,
}

impl Backoff {
    pub(crate) fn new() -> Self {
        Backoff { last: Instant::now() }
    }

    /// Notes that a letter has come or gone.
    pub(crate) fn reset(&mut self) {
        self.last = Instant::now();
    }

    pub(crate) fn rest(&self) -> Rest {
        Rest::after(self.last.elapsed())
    }
}

impl Rest {
    /// Returns the rest while a letter is being sent, which may need this thread for each part.
    pub(crate) fn while_sending(self) -> Self {
        match self {
            Rest::Sleep(_) => Rest::Sleep(MIN_SLEEP),
            rest => rest,
        }
    }

    /// Waits for that time.
    pub(crate) fn take(self) {
        match self {
            Rest::Spin => hint::spin_loop(),
            Rest::Yield => thread::yield_now(),
            Rest::Sleep(time) => thread::sleep(time),
        }
    }

    fn after(idle: Duration) -> Self {
        if idle < MAX_SPIN {
            Rest::Spin
        } else if idle < MAX_YIELD {
            Rest::Yield
        } else {
            Rest::Sleep((idle / SLEEPS_PER_IDLE_TIME).clamp(MIN_SLEEP, MAX_SLEEP))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sleeps_grow_with_the_idle_time() {
        assert_eq!(Rest::after(Duration::ZERO), Rest::Spin);
        assert_eq!(Rest::after(Duration::from_micros(20)), Rest::Yield);
        assert_eq!(Rest::after(Duration::from_micros(50)), Rest::Sleep(MIN_SLEEP));
        assert_eq!(Rest::after(Duration::from_millis(16)), Rest::Sleep(Duration::from_micros(500)));
        assert_eq!(Rest::after(Duration::from_secs(60)), Rest::Sleep(MAX_SLEEP));
    }
}
