//! The end of calls with a checkpoint: the task waits until all results are on the disk, without
//! blocking the executor.

use crate::lazy::keeper::Keeper;
use crate::unwind::catch;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread;

/// The last commit of a checkpoint, for which a thread waits.
pub(crate) struct Commit(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    /// Whether all results are on the disk; `None` while the commit runs.
    end: Option<bool>,
    /// The task to wake at the end.
    waker: Option<Waker>,
}

impl Commit {
    /// Begins to wait on another thread. Without a thread, it waits here.
    pub(crate) fn begin(keeper: &Keeper) -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        let wait = {
            let (state, keeper) = (Arc::clone(&state), keeper.clone());
            move || {
                // The closure drops the keeper: the task may open the file again.
                let end = catch(move || keeper.finish()).unwrap_or(false);
                let mut state = lock(&state);
                state.end = Some(end);
                let waker = state.waker.take();
                drop(state);
                if let Some(waker) = waker {
                    waker.wake();
                }
            }
        };
        let thread = thread::Builder::new().name("parallelize-commit".to_owned());
        if thread.spawn(wait).is_err() {
            lock(&state).end = Some(keeper.finish());
        }
        Commit(state)
    }

    /// Returns whether all results are on the disk.
    pub(crate) fn poll(&self, cx: &mut Context<'_>) -> Poll<bool> {
        // Cloned here because that runs code of the executor.
        let waker = cx.waker().clone();
        let mut state = lock(&self.0);
        match state.end {
            Some(end) => Poll::Ready(end),
            None => {
                let before = state.waker.replace(waker);
                drop(state);
                drop(before);
                Poll::Pending
            }
        }
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
