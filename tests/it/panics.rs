//! A call panics with the payload of the first panic in input order, as the serial loop does.

use crate::{on_threads, spin};
use parallelize::parallelize;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering};

/// The payload of a panic, with the index of its item.
#[derive(Debug, PartialEq)]
struct Failed(usize);

/// Runs `call` and returns the payload of its panic.
fn payload_of<R>(call: impl FnOnce() -> R) -> Failed {
    match panic::catch_unwind(AssertUnwindSafe(call)) {
        Ok(_) => panic!("the call returned"),
        Err(payload) => *payload.downcast().expect("the payload of the item"),
    }
}

/// Panics without calling the panic hook, which would print a message.
fn fail(index: usize) -> ! {
    panic::resume_unwind(Box::new(Failed(index)))
}

#[parallelize(over = index)]
fn item(index: usize, failing: &[usize], slow: usize, runs: &AtomicUsize) -> usize {
    runs.fetch_add(1, Ordering::Relaxed);
    spin(if index == slow { 3000 } else { 10 });
    if failing.contains(&index) { fail(index) } else { index }
}

#[test]
fn the_first_panic_wins_even_when_it_is_the_slowest() {
    on_threads(|| {
        for _ in 0..10 {
            let runs = AtomicUsize::new(0);
            assert_eq!(payload_of(|| item_parallel(0..400, &[100, 300], 100, &runs)), Failed(100));
            let runs = runs.into_inner();
            assert!(runs >= 101, "all items before the first panic must run, but only {runs} did");
        }
    });
}

#[test]
fn a_panic_of_the_first_or_the_last_item() {
    on_threads(|| {
        assert_eq!(payload_of(|| item_parallel(0..100, &[0], 0, &AtomicUsize::new(0))), Failed(0));
        assert_eq!(payload_of(|| item_parallel(0..100, &[99], 0, &AtomicUsize::new(0))), Failed(99));
        assert_eq!(payload_of(|| item_parallel([5], &[5], 0, &AtomicUsize::new(0))), Failed(5));
    });
}

#[test]
fn an_endless_input_ends_with_a_panic() {
    on_threads(|| assert_eq!(payload_of(|| item_parallel(0.., &[1000], 0, &AtomicUsize::new(0))), Failed(1000)));
}

#[test]
fn a_size_hint_that_grows_beyond_memory_does_not_hide_a_panic() {
    let input = || (0..2_usize).flat_map(|part| if part == 0 { 0..10 } else { 10..usize::MAX / 2 });
    on_threads(|| {
        let runs = AtomicUsize::new(0);
        assert_eq!(payload_of(|| item_parallel(input(), &[1000], 0, &runs)), Failed(1000));
        let alone = item_parallel_iter(input(), &[1000], 0, &runs).threads(1);
        assert_eq!(payload_of(|| alone.collect::<Vec<_>>()), Failed(1000));
    });
}

#[test]
fn no_more_items_are_assigned_after_a_panic() {
    let runs = AtomicUsize::new(0);
    payload_of(|| item_parallel(0..1_000_000, &[50], usize::MAX, &runs));
    assert!(runs.into_inner() < 10_000, "the remaining items ran as well");
}

#[test]
fn a_panic_of_the_input_counts_at_its_position() {
    let input = |end: usize| {
        (0..1000).inspect(move |x| {
            if *x == end {
                fail(10_000 + x)
            }
        })
    };
    on_threads(|| {
        // The items before it run first, as in the serial loop.
        let runs = AtomicUsize::new(0);
        assert_eq!(payload_of(|| item_parallel(input(70), &[], 0, &runs)), Failed(10_070));
        assert_eq!(runs.into_inner(), 70);
        // A panic of an earlier item wins.
        assert_eq!(payload_of(|| item_parallel(input(70), &[69], 0, &AtomicUsize::new(0))), Failed(69));
        assert_eq!(payload_of(|| item_parallel(input(0), &[], 0, &AtomicUsize::new(0))), Failed(10_000));
    });
}

#[test]
fn the_pool_can_be_used_after_a_panic() {
    on_threads(|| {
        payload_of(|| item_parallel(0..100, &[3, 4, 5], 3, &AtomicUsize::new(0)));
        assert_eq!(item_parallel(0..100, &[], 0, &AtomicUsize::new(0)), (0..100).collect::<Vec<_>>());
    });
}

#[parallelize(over = row)]
fn nested(row: usize, failing: &[usize]) -> usize {
    item_parallel(row * 100..(row + 1) * 100, failing, 0, &AtomicUsize::new(0)).len()
}

#[test]
fn a_panic_goes_through_nested_calls() {
    on_threads(|| assert_eq!(payload_of(|| nested_parallel(0..20, &[730, 1999])), Failed(730)));
}

#[test]
fn a_message_is_kept() {
    #[parallelize(over = index)]
    fn checked(index: usize, values: &[u8]) -> u8 {
        assert!(index < values.len(), "no value {index}");
        values[index]
    }
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let outcome = panic::catch_unwind(|| checked_parallel(0..10, &[1, 2, 3]));
    panic::set_hook(hook);
    let payload = outcome.expect_err("an index is out of bounds");
    assert_eq!(payload.downcast_ref::<String>().map(String::as_str), Some("no value 3"));
}

#[test]
fn a_panic_of_a_discarded_result_is_not_the_panic_of_the_call() {
    #[derive(Debug)]
    struct Bomb(usize);

    impl Drop for Bomb {
        fn drop(&mut self) {
            // If the test fails, this runs while unwinding, and a second panic would abort.
            if self.0 == 3 && !std::thread::panicking() {
                fail(1_000_003);
            }
        }
    }

    #[parallelize(over = index)]
    fn arm(index: usize, failing: usize) -> Bomb {
        spin(5);
        if index == failing { fail(index) } else { Bomb(index) }
    }

    on_threads(|| assert_eq!(payload_of(|| arm_parallel(0..300, 200)), Failed(200)));
}
