//! Items and results that panic when dropped, but that the serial loop would never have created.
//!
//! Such a panic must not replace the panic or error of the call.

use crate::{on_threads, spin};
use parallelize::{CancelToken, parallelize};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::thread::panicking;

/// Panics when dropped if its index, the first field, is above that of the failing item.
#[derive(Debug, PartialEq)]
struct Bomb(u64, u64);

impl Drop for Bomb {
    fn drop(&mut self) {
        if self.0 > self.1 {
            assert!(!panicking(), "two panics at once abort the process");
            resume_unwind(Box::new("a bomb"));
        }
    }
}

/// The failing item takes long, so other threads have finished later items by then.
#[parallelize(over = x)]
fn result(x: u64, fail_at: u64) -> Bomb {
    if x == fail_at {
        spin(3000);
        resume_unwind(Box::new(x));
    }
    Bomb(x, fail_at)
}

#[parallelize(over = item, try_collect)]
fn item(item: Bomb, panics: bool) -> Result<u64, u64> {
    spin(1);
    let (index, fail_at) = (item.0, item.1);
    if index == fail_at && panics {
        resume_unwind(Box::new(index));
    }
    std::mem::forget(item);
    if index == fail_at { Err(index) } else { Ok(index) }
}

/// Returns the payload of the panic of `call`: the index of the item that panicked.
fn panicked_at<R>(call: impl FnOnce() -> R) -> u64 {
    let payload = catch_unwind(AssertUnwindSafe(|| drop(call()))).expect_err("an item panics");
    *payload.downcast().unwrap_or_else(|_| panic!("another panic"))
}

#[test]
fn results_after_a_panic() {
    on_threads(|| {
        for _ in 0..10 {
            assert_eq!(panicked_at(|| result_parallel(0..50, 5)), 5);
            assert_eq!(panicked_at(|| result_parallel_iter(0..50, 5).into_iter().for_each(drop)), 5);
            assert_eq!(panicked_at(|| result_parallel_iter(0..50, 5).collect_into_vec(&mut Vec::new())), 5);
            let calls = result_parallel_iter(0..50, 5).cancel_with(&CancelToken::new());
            assert_eq!(panicked_at(|| calls.collect::<Vec<_>>()), 5);
        }
    });
}

#[test]
fn items_after_an_error_or_a_panic() {
    on_threads(|| {
        for fail_at in [0, 10, 1000] {
            let input = || (0..2000).map(|index| Bomb(index, fail_at));
            assert_eq!(item_parallel(input(), false), Err(fail_at));
            assert_eq!(panicked_at(|| item_parallel(input(), true)), fail_at);
        }
    });
}

#[test]
fn a_payload_that_is_never_resumed() {
    #[parallelize(over = x)]
    fn at(x: u64, fail_at: u64) -> u64 {
        spin(1);
        if x == fail_at {
            resume_unwind(Box::new(x));
        }
        x
    }
    on_threads(|| {
        let input = || {
            (0..2000).inspect(|x| {
                if *x == 1002 {
                    resume_unwind(Box::new(Bomb(1, 0)));
                }
            })
        };
        assert_eq!(panicked_at(|| at_parallel(input(), 1000)), 1000);
        // A stream that is dropped before it resumes the panic.
        let mut results = at_parallel_iter(input(), u64::MAX).into_iter();
        assert!((0..990).all(|x| results.next() == Some(x)));
        drop(results);
    });
}
