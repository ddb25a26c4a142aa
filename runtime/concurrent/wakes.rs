//! The calls that want to be polled, and the task that polls them.

use crate::engine::sync::{Mutex, MutexGuard};
use std::collections::VecDeque;
use std::mem;
use std::sync::{Arc, PoisonError};
use std::task::{Wake, Waker};

/// Which slots have been woken. Wakers may be used on any thread.
pub(crate) struct Wakes(Mutex<Woken>);

struct Woken {
    /// The slots that want to be polled, in the order in which they were woken.
    queue: VecDeque<usize>,
    /// Whether a slot is in the queue, by slot.
    is_queued: Vec<bool>,
    /// The task, while it waits for a slot to be woken.
    task: Option<Waker>,
}

impl Wakes {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Wakes(Mutex::new(Woken { queue: VecDeque::new(), is_queued: Vec::new(), task: None })))
    }

    /// Adds a slot. Returns the waker of the calls in it.
    pub(crate) fn add_slot(self: &Arc<Self>) -> Waker {
        let mut woken = self.lock();
        let slot = woken.is_queued.len();
        woken.is_queued.push(false);
        drop(woken);
        Waker::from(Arc::new(SlotWaker { slot, wakes: Arc::clone(self) }))
    }

    /// Moves the slots that want to be polled to `slots`, which is empty. Returns whether there are
    /// any.
    pub(crate) fn take(&self, slots: &mut VecDeque<usize>) -> bool {
        let mut woken = self.lock();
        mem::swap(&mut woken.queue, slots);
        // From now on, they can be woken again.
        for slot in &*slots {
            woken.is_queued[*slot] = false;
        }
        !slots.is_empty()
    }

    /// Lets the next slot that wants to be polled wake `task`. Returns whether there is none yet.
    pub(crate) fn wait(&self, task: &Waker) -> bool {
        let woken = self.lock();
        if !woken.queue.is_empty() {
            return false;
        }
        if woken.task.as_ref().is_some_and(|known| known.will_wake(task)) {
            return true;
        }
        drop(woken);
        let task = task.clone();
        let mut woken = self.lock();
        let replaced = woken.task.replace(task);
        let is_empty = woken.queue.is_empty();
        drop(woken);
        drop(replaced);
        is_empty
    }

    fn wake(&self, slot: usize) {
        let mut woken = self.lock();
        if mem::replace(&mut woken.is_queued[slot], true) {
            return;
        }
        woken.queue.push_back(slot);
        let task = woken.task.take();
        drop(woken);
        if let Some(task) = task {
            task.wake();
        }
    }

    /// Locks the queue. No code of the user or of the executor runs under this lock.
    fn lock(&self) -> MutexGuard<'_, Woken> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Wakes the call in one slot.
struct SlotWaker {
    slot: usize,
    wakes: Arc<Wakes>,
}

impl Wake for SlotWaker {
    fn wake(self: Arc<Self>) {
        self.wakes.wake(self.slot);
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.wakes.wake(self.slot);
    }
}

#[cfg(test)]
mod tests {
    use super::Wakes;
    use std::collections::VecDeque;
    use std::task::Waker;

    #[test]
    fn a_slot_is_queued_once_until_it_is_taken() {
        let wakes = Wakes::new();
        let (first, second) = (wakes.add_slot(), wakes.add_slot());
        let mut slots = VecDeque::new();
        assert!(!wakes.take(&mut slots) && wakes.wait(Waker::noop()));
        second.wake_by_ref();
        first.wake_by_ref();
        second.wake_by_ref();
        assert!(!wakes.wait(Waker::noop()));
        assert!(wakes.take(&mut slots));
        assert_eq!(slots, [1, 0]);
        second.wake();
        slots.clear();
        assert!(wakes.take(&mut slots));
        assert_eq!(slots, [1]);
    }
}

#[cfg(all(test, loom))]
mod models {
    use super::Wakes;
    use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    use std::collections::VecDeque;
    use std::sync::Arc;
    use std::task::{Wake, Waker};

    /// A task that records that it was woken.
    #[derive(Default)]
    struct Task(AtomicBool);

    impl Wake for Task {
        fn wake(self: Arc<Self>) {
            self.0.store(true, Ordering::Relaxed);
        }
    }

    /// Lets `threads` threads do a part of the work each and wake a slot, while the task polls.
    fn wake_from(threads: usize, slots: usize) {
        let wakes = Wakes::new();
        let wakers: Vec<Waker> = (0..slots).map(|_| wakes.add_slot()).collect();
        let work = Arc::new(AtomicUsize::new(0));
        let others: Vec<_> = (0..threads)
            .map(|thread| {
                let (work, waker) = (Arc::clone(&work), wakers[thread % slots].clone());
                loom::thread::spawn(move || {
                    work.fetch_add(1, Ordering::Relaxed);
                    waker.wake();
                })
            })
            .collect();
        let task = Arc::new(Task::default());
        let waker = Waker::from(Arc::clone(&task));
        let (mut woken, mut seen) = (VecDeque::new(), 0);
        // The task polls until it would wait, once.
        while wakes.take(&mut woken) || !wakes.wait(&waker) {
            woken.clear();
            seen = work.load(Ordering::Relaxed);
        }
        others.into_iter().for_each(|other| other.join().expect("no panic"));
        // What it has not seen has woken it.
        assert!(seen == threads || task.0.load(Ordering::Relaxed));
        woken.clear();
        assert_eq!(wakes.take(&mut woken), seen < threads || !woken.is_empty());
    }

    #[test]
    fn a_call_that_is_woken_is_polled_after_that() {
        loom::model(|| wake_from(1, 1));
    }

    #[test]
    fn two_threads_wake_one_call() {
        loom::model(|| wake_from(2, 1));
    }

    #[test]
    fn two_threads_wake_two_calls() {
        loom::model(|| wake_from(2, 2));
    }
}
