//! A call that is stopped hands over all that it has finished, in order up to the first gap, and tells why.

use crate::alive::Alive;
use crate::{on_threads, spin};
use parallelize::{CancelToken, Interrupted, StopReason, Stopped, parallelize};
use std::sync::Mutex;
use std::sync::atomic::{AtomicIsize, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Notes what it has finished.
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
fn at_any_moment_nothing_that_was_done_is_lost() {
    // A step that has no divisor in common with the count, so that all parts of the sweep come up.
    for cancel_at in (0..200).map(|round| round * 7919 % 10_000) {
        let (token, finished, alive) = (CancelToken::new(), Mutex::new(Vec::new()), AtomicIsize::new(0));
        let input = (0..10_000).map(|index| Alive::new(&alive, index));
        let calls = sweep_parallel_iter(input, cancel_at, &token, &finished).cancel_with(&token);
        let interrupted = calls.collect::<Vec<_>>().expect_err("the token is cancelled");
        let Interrupted { completed: prefix, out_of_order, reason, .. } = &interrupted;
        assert_eq!(*reason, StopReason::Cancelled);
        assert!(prefix.iter().map(|result| result.1).eq(0..prefix.len()), "the loop's prefix");
        assert!(out_of_order.iter().all(|(index, result)| *index == result.1), "each with its index");
        assert!(out_of_order.iter().map(|(index, _)| *index).is_sorted_by(|a, b| a < b));
        assert!(out_of_order.first().is_none_or(|(index, _)| *index > prefix.len()), "there is a gap");
        let mut handed_over: Vec<usize> =
            (0..prefix.len()).chain(out_of_order.iter().map(|(index, _)| *index)).collect();
        let mut finished = finished.into_inner().expect("no panic");
        handed_over.sort_unstable();
        finished.sort_unstable();
        assert_eq!(handed_over, finished, "each item that was finished is handed over, and once");
        // The item itself, and what the other threads are at.
        assert!(prefix.len() >= cancel_at.saturating_sub(10_000) && finished.len() <= 10_000);
        drop(interrupted);
        assert_eq!(alive.into_inner(), 0);
    }
}

#[test]
fn each_thread_stops_after_the_item_that_it_runs() {
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
        assert!(after <= 2 * rayon::current_num_threads() + 2, "{after} items were finished after the stop");
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
fn what_is_not_stopped_ends_as_ever() {
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
fn one_that_is_stopped_before_it_begins_runs_nothing() {
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
        // An empty input is at its end.
        assert_eq!(slow_parallel_iter([], 1).cancel_with(&token).collect::<Vec<_>>(), Ok(Vec::new()));
    });
}

#[test]
fn a_stream_hands_over_what_is_finished_and_tells_why_it_ended() {
    on_threads(|| {
        let token = CancelToken::new();
        let mut results = slow_parallel_iter(0.., 2).cancel_with(&token).into_iter();
        assert!(results.by_ref().take(1000).eq(0..1000));
        token.cancel();
        let rest: Vec<u64> = results.by_ref().collect();
        assert!(rest.iter().copied().eq(1000..1000 + rest.len() as u64));
        assert!(rest.len() < 70_000, "the stream's buffer at most");
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
fn the_first_failure_within_what_is_finished_wins() {
    on_threads(|| {
        let calls = |fail_at, cancel_at| {
            let token = CancelToken::new();
            checked_parallel_iter(0.., fail_at, cancel_at, &token).cancel_with(&token).try_collect::<Vec<_>>()
        };
        // Far apart: what is below the failure has been finished.
        assert_eq!(calls(100, 5000), Ok(Err(100)));
        let interrupted = calls(5000, 100).expect_err("cancelled before the failure");
        assert!(interrupted.completed.iter().copied().eq(0..interrupted.completed.len()));
        // Close together: one or the other, and whole.
        for cancel_at in 95..105 {
            match calls(100, cancel_at) {
                Ok(end) => assert_eq!(end, Err(100)),
                Err(interrupted) => {
                    assert!(interrupted.completed.len() <= 100, "the failure is no value");
                    assert!(interrupted.completed.iter().copied().eq(0..interrupted.completed.len()));
                    assert!(interrupted.out_of_order.iter().all(|(index, value)| index == value && *value != 100));
                }
            }
        }
    });
}

#[test]
fn from_another_thread() {
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
