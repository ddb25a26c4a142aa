//! What waits to be written, and who waits for it.

use crate::checkpoint::file::Put;
use std::mem;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The minimum time from the first result of a commit to the commit.
const MIN_WAIT: Duration = Duration::from_millis(5);

/// The maximum of that time, because a kill loses what waits.
const MAX_WAIT: Duration = Duration::from_millis(100);

/// How many times longer than the latest commit took the next one waits. With 20, commits take at
/// most 5 % of a core.
const WAIT_FACTOR: u32 = 20;

/// A commit does not wait if it has as many bytes.
const COMMIT_BYTES: usize = 8 << 20;

/// Calls wait while as many bytes wait to be written.
const MAX_BYTES: usize = 64 << 20;

/// What a result takes in addition to its bytes.
const PUT_BYTES: usize = size_of::<Put>();

/// The results that wait for the next commit.
#[derive(Debug)]
pub(super) struct Queue {
    state: Mutex<State>,
    /// The writer waits here for results.
    ordered: Condvar,
    /// Calls wait here for commits.
    committed: Condvar,
}

#[derive(Debug)]
struct State {
    puts: Vec<Put>,
    bytes: usize,
    /// The time of the first of them.
    since: Option<Instant>,
    /// How many orders have been given, and how many of these are done.
    ordered: u64,
    committed: u64,
    /// How long the next commit waits.
    wait: Duration,
    /// The number of calls that wait for a commit.
    waiting: usize,
    /// Whether the writer ends after one more commit.
    is_closing: bool,
    /// Whether the writer has ended.
    has_ended: bool,
}

/// What a commit writes.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) puts: Vec<Put>,
    /// The number of the last order in it.
    end: u64,
    is_last: bool,
}

impl Queue {
    pub(super) fn new() -> Self {
        let state = State {
            puts: Vec::new(),
            bytes: 0,
            since: None,
            ordered: 0,
            committed: 0,
            wait: MIN_WAIT,
            waiting: 0,
            is_closing: false,
            has_ended: false,
        };
        Queue { state: Mutex::new(state), ordered: Condvar::new(), committed: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Orders that a result is written. Waits while too many bytes wait.
    pub(super) fn push(&self, put: Put) {
        let mut state = self.lock();
        while state.bytes >= MAX_BYTES && !state.has_ended {
            state = self.committed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.has_ended {
            return;
        }
        let bytes_before = state.bytes;
        state.bytes += put.value.len() + PUT_BYTES;
        state.puts.push(put);
        state.ordered += 1;
        let is_first = state.since.is_none();
        if is_first {
            state.since = Some(Instant::now());
        }
        // In between, the writer waits for its time.
        let must_wake = is_first || bytes_before < COMMIT_BYTES && state.bytes >= COMMIT_BYTES;
        drop(state);
        if must_wake {
            self.ordered.notify_one();
        }
    }

    /// Waits until everything that was ordered before is on the disk, or the writer has ended. With
    /// `must_write`, waits for a commit in any case.
    pub(super) fn flush(&self, must_write: bool) {
        let mut state = self.lock();
        if must_write {
            state.ordered += 1;
            state.since.get_or_insert_with(Instant::now);
        }
        let end = state.ordered;
        state.waiting += 1;
        self.ordered.notify_one();
        while state.committed < end && !state.has_ended {
            state = self.committed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.waiting -= 1;
    }

    /// Lets the writer end after one more commit.
    pub(super) fn close(&self) {
        self.lock().is_closing = true;
        self.ordered.notify_one();
    }

    /// Returns what the next commit writes, as soon as it is time for one.
    pub(super) fn take(&self) -> Batch {
        let mut state = self.lock();
        loop {
            let left = match state.since {
                _ if state.is_closing => break,
                None => None,
                Some(_) if state.waiting > 0 || state.bytes >= COMMIT_BYTES => break,
                Some(since) => match (since + state.wait).checked_duration_since(Instant::now()) {
                    None | Some(Duration::ZERO) => break,
                    left => left,
                },
            };
            state = match left {
                None => self.ordered.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(left) => self.ordered.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0,
            };
        }
        state.bytes = 0;
        state.since = None;
        Batch { puts: mem::take(&mut state.puts), end: state.ordered, is_last: state.is_closing }
    }

    /// Notes that a commit has ended, and how long it took. Returns whether there may be more.
    pub(super) fn commit_ended(&self, batch: &Batch, took: Duration) -> bool {
        let mut state = self.lock();
        state.committed = batch.end;
        state.wait = (took * WAIT_FACTOR).clamp(MIN_WAIT, MAX_WAIT);
        state.has_ended |= batch.is_last;
        drop(state);
        self.committed.notify_all();
        !batch.is_last
    }

    /// Releases everybody who waits, because nothing will be written any more.
    pub(super) fn end(&self) {
        let mut state = self.lock();
        state.has_ended = true;
        state.puts = Vec::new();
        drop(state);
        self.committed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_BYTES, Queue};
    use crate::checkpoint::file::Put;
    use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
    use std::thread;
    use std::time::Duration;

    fn put(bytes: usize) -> Put {
        Put { sweep: 0, item: 0, value: vec![0; bytes] }
    }

    #[test]
    fn calls_wait_while_too_many_bytes_wait() {
        let queue = Queue::new();
        let pushed = AtomicU32::new(0);
        thread::scope(|scope| {
            scope.spawn(|| {
                for _ in 0..5 {
                    queue.push(put(MAX_BYTES / 2));
                    pushed.fetch_add(1, SeqCst);
                }
                queue.flush(false);
                queue.close();
            });
            loop {
                let batch = queue.take();
                // With two of them, there are too many bytes.
                assert!(batch.puts.len() <= 2, "{} results", batch.puts.len());
                if !queue.commit_ended(&batch, Duration::ZERO) {
                    break;
                }
            }
        });
        assert_eq!(pushed.into_inner(), 5);
    }

    #[test]
    fn a_writer_that_ends_releases_everybody() {
        let queue = Queue::new();
        queue.push(put(MAX_BYTES));
        thread::scope(|scope| {
            scope.spawn(|| queue.push(put(1)));
            scope.spawn(|| queue.flush(true));
            queue.end();
        });
        // From now on, nothing waits.
        queue.push(put(MAX_BYTES));
        queue.push(put(MAX_BYTES));
        queue.flush(true);
    }

    #[test]
    fn a_flush_waits_for_its_commit_only() {
        let queue = Queue::new();
        queue.push(put(1));
        let batch = queue.take();
        assert_eq!(batch.puts.len(), 1);
        thread::scope(|scope| {
            let flush = scope.spawn(|| queue.flush(false));
            assert!(queue.commit_ended(&batch, Duration::ZERO));
            flush.join().expect("it has been committed");
        });
        queue.flush(false);
    }
}
