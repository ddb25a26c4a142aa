//! Items learn through their tokens that they are no longer needed, and only then.

use crate::alive::Alive;
use crate::{on_threads, spin, within_seconds};
use parallelize::{CancelToken, ItemToken, StopReason, parallelize};
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicIsize, AtomicUsize, Ordering};
use std::thread::{self, ThreadId};
use std::time::Duration;

/// More than any pool has, so that all items of a short call run at the same time.
const THREADS: usize = 1_000;

/// Waits until the item is cancelled.
fn wait(token: &ItemToken) {
    while !token.is_cancelled() {
        thread::yield_now();
    }
}

/// Returns at once if it is the winner, and waits until it is cancelled otherwise.
#[parallelize(over = mirror, cancel = token)]
fn fetch(mirror: usize, winner: usize, token: &ItemToken) -> usize {
    if mirror == winner {
        thread::sleep(Duration::from_millis(2));
        return mirror;
    }
    wait(token);
    usize::MAX
}

#[test]
fn losers_of_a_race_end_early() {
    within_seconds(60, || {
        for winner in (0..4).cycle().take(40) {
            let race = || fetch_parallel_iter(0..4, winner).threads(THREADS);
            let first = race().try_for_each_unordered(|_, mirror| ControlFlow::<_, ()>::Break(mirror));
            assert_eq!(first, ControlFlow::Break(winner));
        }
    });
}

/// What items have seen.
#[derive(Default)]
struct Seen {
    /// Whether an item that the serial loop runs was cancelled.
    wrongly: AtomicBool,
    /// The number of cancelled items.
    cancelled: AtomicUsize,
}

/// Fails at `fail_at`. Later items wait until they are cancelled, and fail as well.
#[parallelize(over = x, cancel = token, try_collect)]
fn fail(x: usize, fail_at: usize, panics: bool, seen: &Seen, token: &ItemToken) -> Result<usize, usize> {
    for _ in 0..x % 5 {
        spin(3);
        if token.is_cancelled() {
            seen.cancelled.fetch_add(1, Ordering::Relaxed);
            seen.wrongly.fetch_or(x <= fail_at, Ordering::Relaxed);
            if panics {
                resume_unwind(Box::new(x));
            }
            return Err(x);
        }
    }
    if x % 100 == fail_at % 100 && x >= fail_at {
        spin(100);
        if panics {
            resume_unwind(Box::new(x));
        }
        return Err(x);
    }
    Ok(x)
}

#[test]
fn the_first_failure_stays_that_of_the_serial_loop() {
    let seen = Seen::default();
    on_threads(|| {
        for round in 0..10 {
            let fail_at = round * 7919 % 700;
            let input = || 0..1_000;
            assert_eq!(fail_parallel(input(), fail_at, false, &seen), Err(fail_at));
            let odd = input().filter(|_| true);
            assert_eq!(fail_parallel(odd, fail_at, false, &seen), Err(fail_at));
            let calls = || fail_parallel_iter(input(), fail_at, true, &seen);
            let panic = |call: &mut dyn FnMut()| {
                let payload = catch_unwind(AssertUnwindSafe(call)).expect_err("an item panics");
                assert_eq!(payload.downcast_ref(), Some(&fail_at));
            };
            panic(&mut || drop(calls().collect::<Vec<_>>()));
            panic(&mut || drop(calls().timeout(Duration::from_secs(600)).collect::<Vec<_>>()));
            let mut results = Vec::new();
            panic(&mut || calls().collect_into_vec(&mut results));
            for is_stream in [false, true] {
                let mut next = 0;
                let mut sink = |result| {
                    assert_eq!(result, Ok(next));
                    next += 1;
                };
                panic(&mut || {
                    if is_stream { calls().into_iter().for_each(&mut sink) } else { calls().for_each(&mut sink) }
                });
                assert_eq!(next, fail_at);
            }
            let caught = calls().catch_panics().try_collect::<Vec<_>>().expect_err("an item panics");
            assert_eq!(caught.index(), fail_at);
            let errors = fail_parallel_iter(input(), fail_at, false, &seen).timeout(Duration::from_secs(600));
            assert_eq!(errors.try_collect::<Vec<_>>(), Ok(Err(fail_at)));
            panic(&mut || calls().for_each_unordered(|index, result| assert_eq!(result, Ok(index))));
        }
    });
    assert!(!seen.wrongly.into_inner());
}

/// The item 0 fails. The others wait until they are cancelled.
#[parallelize(over = x, cancel = token, try_collect)]
fn fail_first(x: usize, panics: bool, token: &ItemToken) -> Result<usize, usize> {
    if x == 0 {
        thread::sleep(Duration::from_millis(2));
    } else {
        wait(token);
    }
    if panics { resume_unwind(Box::new(x)) } else { Err(x) }
}

#[test]
fn a_failure_cancels_the_items_above_it() {
    within_seconds(60, || {
        for _ in 0..10 {
            let calls = |panics| fail_first_parallel_iter(0..4, panics).threads(THREADS);
            assert_eq!(calls(false).try_collect::<Vec<_>>(), Err(0));
            let panic = |call: &dyn Fn()| {
                let payload = catch_unwind(AssertUnwindSafe(call)).expect_err("an item panics");
                assert_eq!(payload.downcast_ref(), Some(&0_usize));
            };
            panic(&|| drop(calls(true).collect::<Vec<_>>()));
            panic(&|| drop(calls(true).timeout(Duration::from_secs(600)).collect::<Vec<_>>()));
            panic(&|| calls(true).for_each(drop));
            panic(&|| calls(true).into_iter().for_each(drop));
            panic(&|| calls(true).for_each_unordered(|_, result| _ = result));
        }
    });
}

#[test]
fn on_one_thread_no_item_is_cancelled_by_a_failure() {
    let seen = Seen::default();
    for fail_at in [0, 7, 999] {
        let calls = || fail_parallel_iter(0..1_000, fail_at, false, &seen).threads(1);
        assert_eq!(calls().try_collect::<Vec<_>>(), Err(fail_at));
        let end = calls().try_for_each(|result| result.map(drop));
        assert_eq!(end, Err(fail_at));
    }
    assert_eq!(seen.cancelled.into_inner(), 0);
}

/// Cancels the call at `cancel_at`. That item and those above wait until they are cancelled, and
/// then return an item that is not theirs, or panic.
#[parallelize(over = item, cancel = token)]
fn stop_at<'a>(
    item: Alive<'a>,
    cancel_at: usize,
    panics: bool,
    cancel: &CancelToken,
    token: &ItemToken,
) -> Result<Alive<'a>, usize> {
    spin(item.1 as u64 % 7);
    if item.1 < cancel_at {
        return Ok(item);
    }
    cancel.cancel();
    wait(token);
    if panics { resume_unwind(Box::new(item.1)) } else { Err(item.1) }
}

#[test]
fn an_item_that_knows_of_a_stop_has_no_result() {
    within_seconds(120, || {
        on_threads(|| {
            for round in 0..40 {
                let (cancel_at, panics) = (round * 7919 % 2_000, round % 2 == 0);
                let (alive, token) = (AtomicIsize::new(0), &CancelToken::new());
                let calls = || {
                    let input = (0..3_000).map(|index| Alive::new(&alive, index));
                    stop_at_parallel_iter(input, cancel_at, panics, token).cancel_with(token)
                };
                let interrupted = calls().collect::<Vec<_>>().expect_err("the token is cancelled");
                assert_eq!(interrupted.reason, StopReason::Cancelled);
                assert!(interrupted.completed.len() <= cancel_at);
                assert!(interrupted.completed.iter().all(Result::is_ok));
                assert!(interrupted.out_of_order.iter().all(|(_, result)| result.is_ok()));
                drop(interrupted);
                assert_eq!(alive.into_inner(), 0);
            }
        });
    });
}

#[test]
fn no_terminal_reports_what_a_stopped_item_returns() {
    within_seconds(120, || {
        on_threads(|| {
            for terminal in 0..8 {
                for threads in [1, 2, 4] {
                    let (alive, token, count) = (AtomicIsize::new(0), &CancelToken::new(), AtomicUsize::new(0));
                    let input = (0..3_000).map(|index| Alive::new(&alive, index));
                    let panics = terminal % 2 == 0;
                    let calls = stop_at_parallel_iter(input, 400, panics, token).threads(threads).cancel_with(token);
                    let sink = |result: Result<Alive<'_>, usize>| {
                        assert!(result.is_ok());
                        count.fetch_add(1, Ordering::Relaxed);
                    };
                    match terminal {
                        0 => _ = calls.for_each(sink).expect_err("stopped"),
                        1 => {
                            let mut stream = calls.into_iter();
                            stream.by_ref().for_each(sink);
                            assert!(stream.stopped().is_some());
                        }
                        2 => _ = calls.for_each_unordered(|_, result| sink(result)).expect_err("stopped"),
                        3 => {
                            let mut results = Vec::new();
                            calls.collect_into_vec(&mut results).expect_err("stopped");
                            results.into_iter().for_each(sink);
                        }
                        4 => {
                            let values = calls.try_collect::<Vec<_>>().expect_err("stopped").completed;
                            values.into_iter().map(Ok).for_each(sink);
                        }
                        5 => {
                            let end = calls.try_for_each_unordered(|_, result| result.map(|item| sink(Ok(item))));
                            end.expect_err("stopped");
                        }
                        6 => {
                            let caught = calls.catch_panics().collect::<Vec<_>>().expect_err("stopped");
                            caught.completed.into_iter().for_each(|result| sink(result.expect("no panic")));
                        }
                        _ => {
                            let end = calls.try_for_each(|result| result.map(|item| sink(Ok(item))));
                            end.expect_err("stopped");
                        }
                    }
                    assert!(count.into_inner() <= 400);
                    assert_eq!(alive.into_inner(), 0, "terminal {terminal}");
                }
            }
        });
    });
}

#[test]
fn a_timeout_cancels_running_items() {
    within_seconds(60, || {
        on_threads(|| {
            let end = fetch_parallel_iter(0..4, usize::MAX).timeout(Duration::from_millis(5)).collect::<Vec<_>>();
            let interrupted = end.expect_err("no item wins");
            assert_eq!((interrupted.reason, interrupted.completed.len()), (StopReason::TimedOut, 0));
            assert!(interrupted.out_of_order.is_empty());
        });
    });
}

#[test]
fn a_dropped_iterator_cancels_running_items() {
    static BEGUN: AtomicUsize = AtomicUsize::new(0);
    static ENDED: AtomicUsize = AtomicUsize::new(0);

    #[parallelize(over = x, cancel = token)]
    fn endless(x: usize, token: &ItemToken) -> usize {
        BEGUN.fetch_add(1, Ordering::Relaxed);
        wait(token);
        ENDED.fetch_add(1, Ordering::Relaxed);
        x
    }

    within_seconds(60, || {
        let results = endless_parallel_iter(0..10).background();
        while BEGUN.load(Ordering::Relaxed) == 0 {
            thread::yield_now();
        }
        drop(results);
        while ENDED.load(Ordering::Relaxed) == 0 {
            thread::yield_now();
        }
    });
}

/// The sink gets the item 0, and ends the call. The others wait until they are cancelled, except on
/// the calling thread, which may have to call the sink.
#[parallelize(over = x, cancel = token)]
fn wait_for_the_sink(x: usize, caller: Option<ThreadId>, token: &ItemToken) -> usize {
    if x == 0 {
        thread::sleep(Duration::from_millis(2));
    } else if caller != Some(thread::current().id()) {
        wait(token);
        if x % 2 == 0 {
            resume_unwind(Box::new(x));
        }
    }
    x
}

#[test]
fn a_sink_that_ends_the_call_cancels_running_items() {
    within_seconds(60, || {
        for _ in 0..20 {
            let calls = |caller| wait_for_the_sink_parallel_iter(0..4, caller).threads(THREADS);
            let caller = Some(thread::current().id());
            assert_eq!(calls(caller).try_for_each(Err::<(), _>), Err(0));
            assert_eq!(calls(None).try_for_each_unordered(|_, x| Err::<(), _>(x)), Err(0));
            let in_order = || calls(caller).for_each(|x| resume_unwind(Box::new(x)));
            let unordered = || calls(None).for_each_unordered(|_, x| resume_unwind(Box::new(x)));
            for panic in [catch_unwind(in_order), catch_unwind(unordered)] {
                let payload = panic.expect_err("the sink panics");
                assert_eq!(payload.downcast_ref(), Some(&0_usize));
            }
        }
    });
}

#[test]
fn a_panic_of_the_sink_wins_over_panics_of_lower_items() {
    #[parallelize(over = x, cancel = token)]
    fn last_is_first(x: usize, token: &ItemToken) -> usize {
        if x < 3 {
            wait(token);
            resume_unwind(Box::new(x));
        }
        thread::sleep(Duration::from_millis(2));
        x
    }

    within_seconds(60, || {
        for _ in 0..20 {
            let calls = last_is_first_parallel_iter(0..4).threads(THREADS);
            assert_eq!(calls.try_for_each_unordered(|_, x| Err::<(), _>(x)), Err(3));
        }
    });
}

/// Everything at once: a zip, a state, a value per item, generics and a method.
struct Factor(u64);

impl Factor {
    #[parallelize(
        over = zip(x, y), per_thread(calls = 0_u32), per_item(at = |i| i), cancel = token, skip_none
    )]
    fn scale<T: Into<u64>>(
        &self,
        x: T,
        token: &ItemToken,
        calls: &mut u32,
        y: &str,
        at: usize,
    ) -> Option<(u64, usize)> {
        *calls += 1;
        let is_needed = *calls > 0 && !token.is_cancelled();
        (is_needed && y != "none").then(|| (self.0 * x.into(), at))
    }

    #[parallelize(over = product(x, y), cancel = token)]
    fn sum(x: u64, y: u64, token: &ItemToken) -> Self {
        Factor(if token.is_cancelled() { 0 } else { x + y })
    }
}

#[test]
fn other_options_keep_their_meaning() {
    on_threads(|| {
        let scaled = Factor(3).scale_parallel(0..4_u32, ["a", "none", "b", "c"]);
        assert_eq!(scaled, [(0, 0), (6, 2), (9, 3)]);
        let stream = Factor(3).scale_parallel_iter(vec![1_u8, 2], ["a", "b"]).into_iter();
        assert!(stream.eq([(3, 0), (6, 1)]));
        assert!(Factor::sum_parallel([1, 2], [10, 20]).iter().map(|sum| sum.0).eq([11, 21, 12, 22]));
        assert_eq!(Factor(3).scale(5_u8, &ItemToken::new(), &mut 0, "", 7), Some((15, 7)));
    });
}

#[test]
fn a_long_stream_knows_the_indices_of_its_items() {
    // Cheap items run one by one and in blocks. The failure comes late.
    let seen = Seen::default();
    on_threads(|| {
        #[parallelize(over = x, cancel = token)]
        fn cheap(x: usize, seen: &Seen, token: &ItemToken) -> usize {
            seen.wrongly.fetch_or(token.is_cancelled() && x <= 70_000, Ordering::Relaxed);
            if x == 70_000 { resume_unwind(Box::new(x)) } else { x }
        }
        let mut next = 0;
        let stream = || cheap_parallel_iter(0.., &seen).into_iter().for_each(|_| next += 1);
        catch_unwind(AssertUnwindSafe(stream)).expect_err("an item panics");
        assert_eq!(next, 70_000);
    });
    assert!(!seen.wrongly.into_inner());
}
