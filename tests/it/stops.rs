//! A stopped call returns all finished results, in order up to the first gap, and the reason.

use crate::alive::Alive;
use crate::{on_threads, spin};
use parallelize::{CancelToken, Interrupted, StopReason, Stopped, parallelize};
use std::sync::Mutex;
use std::sync::atomic::{AtomicIsize, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Records the index of each finished item.
#[parallelize(over = item)]
fn sweep<'a>(item: Alive<'a>, cancel_at: usize, token: &CancelToken, finished: &Mutex<Vec<usize>>) -> Alive<'a> {
    if item.1 == cancel_at {
        token.cancel();
    }
    spin(item.1 as u64 % 7);
    finished.lock().expect("no panic").push(item.1);
    item
}

#[test]
fn no_finished_result_is_lost_wherever_the_call_stops() {
    // 7919 and 9,000 have no common divisor, so the stops are spread. They leave out the last
    // items, which other threads may have finished when the token is cancelled.
    for cancel_at in (0..200).map(|round| round * 7919 % 9_000) {
        let (token, finished, alive) = (CancelToken::new(), Mutex::new(Vec::new()), AtomicIsize::new(0));
        let input = (0..10_000).map(|index| Alive::new(&alive, index));
        let calls = sweep_parallel_iter(input, cancel_at, &token, &finished).cancel_with(&token);
        let interrupted = calls.collect::<Vec<_>>().expect_err("the token is cancelled");
        let Interrupted { completed: prefix, out_of_order, reason, .. } = &interrupted;
        assert_eq!(*reason, StopReason::Cancelled);
        assert!(prefix.iter().map(|result| result.1).eq(0..prefix.len()), "the first results of the serial loop");
        assert!(out_of_order.iter().all(|(index, result)| *index == result.1), "each with its index");
        assert!(out_of_order.iter().map(|(index, _)| *index).is_sorted_by(|a, b| a < b));
        assert!(out_of_order.first().is_none_or(|(index, _)| *index > prefix.len()), "there is a gap");
        let mut returned: Vec<usize> = (0..prefix.len()).chain(out_of_order.iter().map(|(index, _)| *index)).collect();
        let mut finished = finished.into_inner().expect("no panic");
        returned.sort_unstable();
        finished.sort_unstable();
        assert_eq!(returned, finished, "each finished result is returned exactly once");
        drop(interrupted);
        assert_eq!(alive.into_inner(), 0);
    }
}

#[test]
fn each_thread_stops_after_its_current_item() {
    on_threads(|| {
        let (token, finished, alive) = (CancelToken::new(), Mutex::new(Vec::new()), AtomicIsize::new(0));
        let runs = AtomicUsize::new(0);
        let input = (0..).map(|index| {
            runs.fetch_add(usize::from(token.is_cancelled()), Ordering::Relaxed);
            Alive::new(&alive, index)
        });
        sweep_parallel_iter(input, 500, &token, &finished)
            .cancel_with(&token)
            .collect::<Vec<_>>()
            .expect_err("cancelled");
        let finished = finished.into_inner().expect("no panic");
        let after = finished.iter().skip_while(|index| **index != 500).count();
        assert!(after <= 2 * rayon::current_num_threads() + 2, "{after} items finished after the stop");
    });
}

#[parallelize(over = x)]
fn slow(x: u64, micros: u64) -> u64 {
    spin(micros);
    x
}

#[test]
fn a_timeout_stops_an_endless_call() {
    on_threads(|| {
        let start = Instant::now();
        let interrupted = slow_parallel_iter(0.., 10).timeout(Duration::from_millis(20)).collect::<Vec<_>>();
        let interrupted = interrupted.expect_err("the input has no end");
        assert_eq!(interrupted.reason, StopReason::TimedOut);
        assert!(start.elapsed() >= Duration::from_millis(20));
        assert!(interrupted.completed.iter().copied().eq(0..interrupted.completed.len() as u64));
        let text = format!("{interrupted:?}: {interrupted}");
        assert!(text.contains("TimedOut") && text.contains("timed out after"), "{text}");
    });
}

#[test]
fn a_call_that_is_not_stopped_returns_all_results() {
    on_threads(|| {
        for timeout in [Duration::from_secs(600), Duration::MAX] {
            let calls = || slow_parallel_iter(0..100, 1).timeout(timeout).cancel_with(&CancelToken::new());
            assert!(calls().collect::<Vec<_>>().expect("no stop").into_iter().eq(0..100));
            let mut results = Vec::new();
            assert_eq!(calls().collect_into_vec(&mut results), Ok(()));
            assert!(results.into_iter().eq(0..100));
            let mut sum = 0;
            assert_eq!(calls().for_each(|x| sum += x), Ok(()));
            assert_eq!(sum, 4950);
            let mut stream = calls().into_iter();
            assert!(stream.by_ref().eq(0..100));
            assert_eq!(stream.stopped(), None);
        }
    });
}

#[test]
fn a_call_that_is_stopped_before_it_starts_runs_nothing() {
    let token = CancelToken::new();
    token.clone().cancel();
    assert!(token.is_cancelled());
    on_threads(|| {
        let runs = AtomicUsize::new(0);
        let calls = || {
            let input = (0..100).inspect(|_| {
                runs.fetch_add(1, Ordering::Relaxed);
            });
            slow_parallel_iter(input, 1).cancel_with(&token).timeout(Duration::from_secs(600))
        };
        let interrupted = calls().collect::<Vec<_>>().expect_err("it is cancelled");
        assert!(interrupted.completed.is_empty() && interrupted.out_of_order.is_empty());
        assert_eq!(calls().for_each(|_| unreachable!()).map_err(|stopped| stopped.reason), Err(StopReason::Cancelled));
        let mut results = vec![1];
        calls().collect_into_vec(&mut results).expect_err("it is cancelled");
        assert!(results.is_empty());
        // With an empty input the call is complete, and not stopped.
        assert_eq!(slow_parallel_iter([], 1).cancel_with(&token).collect::<Vec<_>>(), Ok(Vec::new()));
    });
}

#[test]
fn a_stopped_stream_yields_finished_results_and_reports_the_reason() {
    on_threads(|| {
        let token = CancelToken::new();
        let mut results = slow_parallel_iter(0.., 2).cancel_with(&token).into_iter();
        assert!(results.by_ref().take(1000).eq(0..1000));
        token.cancel();
        let rest: Vec<u64> = results.by_ref().collect();
        assert!(rest.iter().copied().eq(1000..1000 + rest.len() as u64));
        assert!(rest.len() < 70_000, "at most the buffer of the stream is left");
        let stopped: Stopped = results.stopped().expect("it is stopped");
        assert_eq!(stopped.to_string(), "the call was cancelled");
        assert_eq!(results.next(), None);
        assert_eq!(results.size_hint(), (0, Some(0)));
    });
}

#[parallelize(over = x)]
fn checked(x: usize, fail_at: usize, cancel_at: usize, token: &CancelToken) -> Result<usize, usize> {
    if x == cancel_at {
        token.cancel();
    }
    spin(5);
    if x == fail_at { Err(x) } else { Ok(x) }
}

#[test]
fn an_error_wins_if_all_items_before_it_have_finished() {
    on_threads(|| {
        let calls = |fail_at, cancel_at| {
            let token = CancelToken::new();
            checked_parallel_iter(0.., fail_at, cancel_at, &token).cancel_with(&token).try_collect::<Vec<_>>()
        };
        // The error comes long before the stop, so all items before the error finish.
        assert_eq!(calls(100, 5000), Ok(Err(100)));
        let interrupted = calls(5000, 100).expect_err("cancelled before the error");
        assert!(interrupted.completed.iter().copied().eq(0..interrupted.completed.len()));
        // The two are close together, so either may win. Both outcomes must be complete.
        for cancel_at in 95..105 {
            match calls(100, cancel_at) {
                Ok(end) => assert_eq!(end, Err(100)),
                Err(interrupted) => {
                    assert!(interrupted.completed.len() <= 100, "the item with the error has no result");
                    assert!(interrupted.completed.iter().copied().eq(0..interrupted.completed.len()));
                    assert!(interrupted.out_of_order.iter().all(|(index, value)| index == value && *value != 100));
                }
            }
        }
    });
}

#[test]
fn a_token_may_be_cancelled_by_another_thread() {
    on_threads(|| {
        let token = CancelToken::new();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                std::thread::sleep(Duration::from_millis(10));
                token.cancel();
            });
            let interrupted =
                slow_parallel_iter(0.., 1).cancel_with(&token).collect::<Vec<_>>().expect_err("cancelled");
            assert!(interrupted.completed.iter().copied().eq(0..interrupted.completed.len() as u64));
        });
    });
}
