//! The ends of calls with a checkpoint: every terminal, stops, and a file that fails.

use crate::checkpoint::{Calls, File};
use crate::on_threads;
use parallelize::{CancelToken, ItemToken, Progress, ProgressLine, StopReason, Stopped, parallelize};
use serde::{Serialize, Serializer};
use std::ops::ControlFlow;
use std::panic::{RefUnwindSafe, UnwindSafe, catch_unwind};
use std::sync::{Arc, mpsc};
use std::time::Duration;

#[parallelize(over = x, checkpoint)]
fn double(x: u32, calls: &Calls) -> u32 {
    calls.add();
    crate::spin(5);
    2 * x
}

/// Runs 100 items with a terminal, and then counts the items that a second call computes: those
/// whose results the terminal has not kept.
macro_rules! missing_after {
    (|$calls:ident| $terminal:expr) => {{
        let (file, calls) = (File::new(), Calls::default());
        let end = {
            let store = file.open();
            let $calls = double_parallel_iter(0..100, &calls).checkpoint(&store);
            let end = $terminal;
            // Before the handle is closed.
            let first = calls.take() as u64;
            assert_eq!(store.summary().expect("a call has ended").computed, first);
            end
        };
        let outs = double_parallel_iter(0..100, &calls).checkpoint(&file.open()).collect::<Vec<_>>();
        assert_eq!(outs.expect("a working file"), (0..100).map(|x| 2 * x).collect::<Vec<_>>());
        (end, calls.take())
    }};
}

#[test]
fn every_terminal_keeps_all_results() {
    on_threads(|| {
        assert_eq!(missing_after!(|calls| calls.collect::<Vec<_>>().map(|all| all.len())).1, 0);
        let mut into = Vec::new();
        assert_eq!(missing_after!(|calls| calls.collect_into_vec(&mut into)), (Ok(()), 0));
        let mut sum = 0;
        assert_eq!(missing_after!(|calls| calls.for_each(|x| sum += x)), (Ok(()), 0));
        let flow = |x| if x < 1_000 { ControlFlow::Continue(()) } else { ControlFlow::Break(x) };
        assert_eq!(missing_after!(|calls| calls.try_for_each(flow)), (Ok(ControlFlow::Continue(())), 0));
        assert_eq!(missing_after!(|calls| calls.for_each_unordered(|_, x| sum += x)), (Ok(()), 0));
        let flow = |_, x| if x < 1_000 { ControlFlow::Continue(()) } else { ControlFlow::Break(x) };
        assert_eq!(missing_after!(|calls| calls.try_for_each_unordered(flow)), (Ok(ControlFlow::Continue(())), 0));
        assert_eq!(missing_after!(|calls| calls.find(|x| *x > 1_000)), (Ok(None), 0));
        assert_eq!(missing_after!(|calls| calls.all(|x| x < 1_000)), (Ok(true), 0));
        assert_eq!(missing_after!(|calls| calls.position(|x| x == 198)), (Ok(Some(99)), 0));
        assert_eq!(sum, 2 * 99 * 100);
        let read = missing_after!(|calls| {
            let mut stream = calls.into_iter();
            (stream.by_ref().sum::<u32>(), stream.stopped())
        });
        assert_eq!(read, ((99 * 100, None), 0));
    });
}

#[test]
fn a_stream_keeps_all_results_at_its_end() {
    on_threads(|| {
        let (file, calls) = (File::new(), Calls::default());
        let store = file.open();
        let mut stream = double_parallel_iter(0..100, &calls).checkpoint(&store).into_iter();
        assert!(stream.by_ref().eq((0..100).map(|x| 2 * x)));
        // The stream still exists.
        assert_eq!(store.summary().expect("the stream has ended").computed, 100);
        assert_eq!(stream.stopped(), None);
        // So does that of a stopped call.
        let token = CancelToken::new();
        let mut stream = double_parallel_iter(200.., &calls).checkpoint(&store).cancel_with(&token).into_iter();
        assert_eq!(stream.next(), Some(400));
        token.cancel();
        let count = 1 + stream.by_ref().count() as u64;
        assert_eq!(store.summary().expect("the stream has ended").computed, count);
        assert_eq!(stream.stopped().expect("the token was cancelled").reason, StopReason::Cancelled);
    });
}

#[test]
fn a_call_that_ends_early_keeps_what_it_has() {
    on_threads(|| {
        let (end, missing) = missing_after!(|calls| calls.try_for_each(|x| if x < 100 { Ok(()) } else { Err(x) }));
        assert_eq!(end, Ok(Err(100)));
        assert!(missing <= 49, "{missing}");
        let (end, missing) = missing_after!(|calls| calls.find(|x| *x == 100));
        assert_eq!(end, Ok(Some(100)));
        assert!(missing <= 49, "{missing}");
        let (count, missing) = missing_after!(|calls| calls.into_iter().take(50).count());
        assert_eq!(count, 50);
        assert!(missing <= 50, "{missing}");
        let token = CancelToken::new();
        let (end, missing) = missing_after!(|calls| {
            calls.cancel_with(&token).for_each(|x| {
                if x == 100 {
                    token.cancel();
                }
            })
        });
        assert!(end.is_err() || missing == 0);
        assert!(missing <= 49, "{missing}");
    });
}

#[parallelize(over = x, checkpoint)]
#[allow(clippy::needless_pass_by_value)] // A call in the background owns it.
fn owned(x: u32, calls: Arc<Counter>) -> u32 {
    calls.0.add();
    x
}

#[derive(Default)]
struct Counter(Calls);

impl Serialize for Counter {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}

#[test]
fn a_call_in_the_background_keeps_all_results() {
    let (file, calls) = (File::new(), Arc::<Counter>::default());
    for computed in [100, 0] {
        let store = file.open();
        let mut outs = owned_parallel_iter(0..100, Arc::clone(&calls)).checkpoint(&store).background();
        assert!(outs.by_ref().eq(0..100));
        assert_eq!((outs.stopped(), calls.0.take()), (None, computed));
    }
}

#[parallelize(over = x, checkpoint)]
fn panics(x: u32, calls: &Calls) -> u32 {
    calls.add();
    assert!(x != 50, "item 50");
    x
}

#[test]
fn a_panic_loses_nothing_that_was_computed() {
    let (file, calls) = (File::new(), Calls::default());
    let store = file.open();
    let panicked =
        catch_unwind(|| panics_parallel_iter(0..100, &calls).threads(1).checkpoint(&store).collect::<Vec<_>>());
    assert!(panicked.is_err());
    assert_eq!(calls.take(), 51);
    drop(store);
    let outs = panics_parallel_iter(0..50, &calls).checkpoint(&file.open()).collect::<Vec<_>>();
    assert_eq!((outs.expect("a working file").len(), calls.take()), (50, 0));
}

/// Cancels the call once its item runs.
struct Started(CancelToken);

impl Serialize for Started {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}

#[parallelize(over = x, checkpoint, cancel = token)]
fn stoppable(x: u64, token: &ItemToken, started: &Started, calls: &Calls) -> u64 {
    calls.add();
    if x == 3 && !started.0.is_cancelled() {
        started.0.cancel();
        while !token.is_cancelled() {
            std::thread::yield_now();
        }
        return u64::MAX;
    }
    x
}

#[test]
fn the_result_of_a_cancelled_item_is_not_kept() {
    on_threads(|| {
        let (file, calls, started) = (File::new(), Calls::default(), Started(CancelToken::new()));
        let stopped = stoppable_parallel_iter(0..10, &started, &calls).cancel_with(&started.0);
        let interrupted = stopped.checkpoint(&file.open()).collect::<Vec<_>>().expect_err("the token was cancelled");
        assert_eq!(interrupted.reason, StopReason::Cancelled);
        let outs = stoppable_parallel_iter(0..10, &started, &calls).checkpoint(&file.open()).collect::<Vec<_>>();
        assert_eq!(outs.expect("a working file"), (0..10).collect::<Vec<_>>());
        // A stored result is no cancelled one, also on a thread that had one.
        let again = stoppable_parallel_iter(0..10, &started, &calls).cancel_with(&CancelToken::new());
        assert_eq!(again.checkpoint(&file.open()).collect::<Vec<_>>().expect("a working file").len(), 10);
    });
}

/// An argument that cannot be serialized, so that the call fails.
struct Refused;

impl Serialize for Refused {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("it has no bytes"))
    }
}

#[parallelize(over = x, checkpoint)]
fn refused(x: u32, by: &Refused) -> u32 {
    let Refused = by;
    x
}

/// An item that cannot be serialized if it is 50.
#[derive(Clone, Copy)]
pub(crate) struct Picky(pub(crate) u32);

impl Serialize for Picky {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0 == 50 {
            return Err(serde::ser::Error::custom("50 has no bytes"));
        }
        self.0.serialize(serializer)
    }
}

#[parallelize(over = x, checkpoint)]
fn picky(x: Picky, calls: &Calls) -> u32 {
    calls.add();
    x.0
}

#[parallelize(over = x, checkpoint)]
fn halved(x: Picky, end: u32) -> Result<u32, u32> {
    if x.0 < end { Ok(x.0) } else { Err(x.0) }
}

#[test]
fn a_failure_stops_the_call_and_hands_over_what_was_computed() {
    on_threads(|| {
        let file = File::new();
        let store = file.open();
        let stopped = Stopped::from(
            refused_parallel_iter(0..10, &Refused).checkpoint(&store).collect::<Vec<_>>().expect_err("no key"),
        );
        assert_eq!(stopped.reason, StopReason::CheckpointFailed);
        assert_eq!(stopped.to_string(), "the call was stopped by its checkpoint (`Checkpoint::failure` says why)");
        let failure = store.failure().expect("the call has failed").to_string();
        assert!(failure.contains("`by`") && failure.contains("it has no bytes"), "{failure}");

        let calls = Calls::default();
        let interrupted = picky_parallel_iter((0..1_000_000).map(Picky), &calls).checkpoint(&store);
        let interrupted = interrupted.collect::<Vec<_>>().expect_err("an item has no key");
        assert_eq!(interrupted.reason, StopReason::CheckpointFailed);
        let in_order = interrupted.completed.len();
        assert!(interrupted.completed.iter().copied().eq(0..u32::try_from(in_order).expect("few items")));
        let computed = calls.take();
        assert_eq!(in_order + interrupted.out_of_order.len(), computed);
        assert!(computed < 1_000_000, "{computed}");
        let failure = store.failure().expect("the call has failed").to_string();
        assert!(failure.contains("50 has no bytes"), "{failure}");

        // The next call begins as if nothing had happened.
        let outs = picky_parallel_iter((0..50).map(Picky), &calls).checkpoint(&store).collect::<Vec<_>>();
        // Threads that have stopped may have left some of these items out.
        assert_eq!(outs.expect("a working file").len(), 50);
        assert!(calls.take() <= 50 - in_order.min(50));
        assert!(store.failure().is_none());

        // A failure is an end of every terminal.
        let failing = || picky_parallel_iter((0..60).map(Picky), &calls).checkpoint(&store);
        let error = Err(Stopped::from(failing().collect::<Vec<_>>().expect_err("an item has no key")));
        assert_eq!(failing().for_each(drop), error);
        assert_eq!(failing().for_each_unordered(|_, _| ()), error);
        assert_eq!(failing().all(|_| true), error.map(|()| true));
        assert_eq!(failing().collect_into_vec(&mut Vec::new()), error);
        let mut stream = failing().into_iter();
        stream.by_ref().for_each(drop);
        assert_eq!(stream.stopped(), error.err());
        // If only the last item fails, the call learns of it at its end.
        let last = || picky_parallel_iter((0..51).map(Picky), &calls).threads(1).checkpoint(&store);
        assert_eq!(last().collect::<Vec<_>>().expect_err("the last item has no key").completed.len(), 51);
        assert_eq!(last().for_each(drop), error);
        assert_eq!(last().try_for_each(|_| Some(())), error.map(Some));
        assert_eq!(last().try_for_each(|x| if x < 50 { Ok(()) } else { Err(x) }), error.map(Ok));
        assert_eq!(last().for_each_unordered(|_, _| ()), error);
        assert_eq!(last().try_for_each_unordered(|_, x| if x < 50 { Ok(()) } else { Err(x) }), error.map(Ok));
        assert_eq!(last().all(|_| true), error.map(|()| true));
        assert_eq!(last().position(|x| x == 50), error.map(|()| None));
        assert_eq!(last().find(|x| *x == 50), error.map(|()| None));
        assert_eq!(last().collect_into_vec(&mut Vec::new()), error);
        let halves = halved_parallel_iter((0..51).map(Picky), 50).threads(1).checkpoint(&store);
        assert_eq!(
            halves.try_collect::<Vec<_>>().expect_err("the last item has no key").reason,
            StopReason::CheckpointFailed
        );
        let halves = halved_parallel_iter((0..51).map(Picky), 60).threads(1).checkpoint(&store);
        assert_eq!(halves.try_collect::<Vec<_>>().expect_err("the last item has no key").completed.len(), 51);
        let mut stream = last().into_iter();
        assert_eq!(stream.by_ref().count(), 51);
        assert_eq!(stream.stopped(), error.err());
    });
}

#[parallelize(over = x, checkpoint)]
fn slow_from(x: u32, start: u32) -> u32 {
    if x >= start {
        std::thread::sleep(Duration::from_millis(10));
    }
    x
}

#[test]
fn results_from_the_file_tell_the_progress_nothing_of_the_rate() {
    let file = File::new();
    let store = file.open();
    let first = slow_from_parallel_iter(0..10_000, 10_000).checkpoint(&store);
    assert_eq!(first.collect::<Vec<_>>().expect("a working file").len(), 10_000);
    // The order of the two methods does not matter.
    for is_first in [true, false] {
        let (sender, lines) = mpsc::channel();
        let log = move |line: &ProgressLine| drop(sender.send(line.clone()));
        let progress = Progress::new("slow").log_with(Duration::from_millis(100), log);
        let start = if is_first { 10_000 } else { 10_040 };
        let items = (0..10_000).chain(start..start + 40);
        let calls = slow_from_parallel_iter(items, 10_000).threads(1);
        let done = if is_first {
            calls.checkpoint(&store).progress(progress).for_each(|_| ())
        } else {
            calls.progress(progress).checkpoint(&store).for_each(|_| ())
        };
        assert_eq!(done, Ok(()));
        // 40 items take 0.4 seconds or more.
        let last = lines.iter().last().expect("a last line");
        assert_eq!(last.position(), 10_040);
        assert!(last.per_sec() <= 100.0, "{last}");
    }
}

#[test]
fn panics_may_be_caught_around_calls_that_can_be_stopped() {
    fn may_be_caught<T: UnwindSafe + RefUnwindSafe>(_: &T) {}
    may_be_caught(&parallelize::map([1], |x| x).cancel_with(&CancelToken::new()));
}

#[test]
fn a_timeout_is_no_failure_of_the_file() {
    let (file, calls) = (File::new(), Calls::default());
    let store = file.open();
    let stopped = double_parallel_iter(0.., &calls).checkpoint(&store).timeout(Duration::from_millis(20));
    assert_eq!(stopped.collect::<Vec<_>>().expect_err("the input is endless").reason, StopReason::TimedOut);
    assert!(store.failure().is_none());
    let computed = u32::try_from(calls.take()).expect("few items");
    let outs = double_parallel_iter(0..computed, &calls).threads(1).checkpoint(&store).collect::<Vec<_>>();
    assert_eq!(outs.expect("a working file").len(), computed as usize);
}
