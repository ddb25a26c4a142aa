//! Spare threads: they run tasks that a pool would start on top of other work.

use crate::engine::handover::Task;
use crate::engine::stack;
use crate::report::trace::report_missing_threads;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

static SPARE: Mutex<Spare> = Mutex::new(Spare { tasks: VecDeque::new(), threads: 0 });

struct Spare {
    /// The tasks that no thread has taken yet.
    tasks: VecDeque<Arc<dyn Task>>,
    /// The number of threads. Each ends when there is no task left.
    threads: usize,
}

/// Runs a task on a spare thread, of which there are at most `max_threads`.
pub(crate) fn run(task: Arc<dyn Task>, max_threads: usize) {
    let mut spare = lock();
    spare.tasks.push_back(task);
    if spare.threads >= max_threads {
        return;
    }
    match stack::builder().name("parallelize-spare".to_owned()).spawn(work) {
        Ok(_) => spare.threads += 1,
        // The threads that there are run it later.
        Err(_) if spare.threads > 0 => {}
        Err(error) => {
            let task = spare.tasks.pop_back();
            drop(spare);
            report_missing_threads(&error);
            // On top of other work, as rayon itself does it. Otherwise the task would never run.
            if let Some(task) = task {
                task.run(false);
            }
        }
    }
}

/// The life of a thread.
fn work() {
    let mut spare = lock();
    while let Some(task) = spare.tasks.pop_front() {
        drop(spare);
        task.run(true);
        drop(task);
        spare = lock();
    }
    spare.threads -= 1;
}

fn lock() -> MutexGuard<'static, Spare> {
    SPARE.lock().unwrap_or_else(PoisonError::into_inner)
}
