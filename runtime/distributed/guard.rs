//! Whether `main` has begun with a guard.

use std::cell::Cell;
use std::env;
use std::sync::atomic::{AtomicU8, Ordering};

/// Nobody has asked yet, and there was no guard.
const UNKNOWN: u8 = 0;
/// Calls run in this process.
const ALONE: u8 = 1;
/// There is a guard of several processes.
const SEVERAL: u8 = 2;

static STATE: AtomicU8 = AtomicU8::new(UNKNOWN);

/// What starts a program in several processes tells their number in one of these.
const SIZES: [&str; 3] = ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"];

/// And the number of this process in one of these.
const RANKS: [&str; 3] = ["OMPI_COMM_WORLD_RANK", "PMI_RANK", "SLURM_PROCID"];

/// The guard of such a run.
const GUARD: &str = "`let _cluster = parallelize_mpi::cluster();`";

/// Notes that there is a guard of several processes, or none any more.
pub(crate) fn set_several(several: bool) {
    STATE.store(if several { SEVERAL } else { ALONE }, Ordering::Release);
}

/// Notes that calls run in this process, unless there is a guard of several.
pub(crate) fn set_alone() {
    let _ = STATE.compare_exchange(UNKNOWN, ALONE, Ordering::AcqRel, Ordering::Acquire);
}

/// Returns whether there is a guard of several processes.
///
/// # Panics
///
/// If the program runs in several processes and there has been no guard.
#[track_caller]
#[inline]
pub(crate) fn is_several() -> bool {
    match STATE.load(Ordering::Acquire) {
        ALONE => false,
        SEVERAL => true,
        _ => {
            if let Some(size) = size_of_run() {
                panic!(
                    "this program runs in {size} processes, each of which would do all the work: begin `main` with {GUARD}"
                );
            }
            set_alone();
            STATE.load(Ordering::Acquire) == SEVERAL
        }
    }
}

/// Warns on standard error if something else has started the program in several processes, whose
/// guard is not the one of children. Only one of these processes does so.
pub(crate) fn warn_of_ranks() {
    let is_first = RANKS.into_iter().find_map(|name| env::var(name).ok()).is_none_or(|rank| rank.trim() == "0");
    if let Some(size) = size_of_run().filter(|_| is_first) {
        eprintln!(
            "parallelize: this program runs in {size} processes, each of which does all the work in children of its \
             own. To share the work, begin `main` with {GUARD}"
        );
    }
}

thread_local! {
    /// Whether this thread runs an item for the first process.
    static IS_INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// As long as it exists, this thread runs an item for the first process, whose own calls run here.
///
/// Otherwise, an item that runs on after its call has ended could take the processes.
pub(crate) struct Inside {
    was_inside: bool,
}

impl Inside {
    #[inline]
    pub(crate) fn enter() -> Self {
        Inside { was_inside: IS_INSIDE.replace(true) }
    }
}

impl Drop for Inside {
    #[inline]
    fn drop(&mut self) {
        IS_INSIDE.set(self.was_inside);
    }
}

/// Returns whether this thread runs an item for the first process.
pub(crate) fn is_inside() -> bool {
    IS_INSIDE.get()
}

/// Returns the number of processes in which something else has started the program, if there are
/// several.
fn size_of_run() -> Option<usize> {
    several(&SIZES.into_iter().find_map(|name| env::var(name).ok())?)
}

fn several(size: &str) -> Option<usize> {
    size.trim().parse().ok().filter(|size| *size > 1)
}

#[cfg(test)]
mod tests {
    use super::{Inside, is_inside, several};

    #[test]
    fn items_of_the_first_process_may_nest() {
        let outer = Inside::enter();
        drop(Inside::enter());
        assert!(is_inside());
        drop(outer);
        assert!(!is_inside());
    }

    #[test]
    fn a_run_of_several_processes_has_more_than_one() {
        assert_eq!(several("3"), Some(3));
        for size in ["1", "0", "", "many"] {
            assert_eq!(several(size), None, "{size:?}");
        }
    }
}
