//! Calls of async functions return what a loop of awaits returns.
//!
//! Delays are numbers of polls, so a case takes no time and its order of events is repeatable.

use crate::{Counted, Fate, Plan, items, none_alive, outcome, plans, turn};
use parallelize::{Interrupted, parallelize};
use proptest::prelude::*;
use std::cell::RefCell;
use std::future::poll_fn;
use std::panic::resume_unwind;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

/// Notes that the task was woken.
#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Runs a future that wakes its task from this thread only, so a lost wake-up is a panic.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    let (mut future, woken) = (pin!(future), Arc::<Woken>::default());
    let waker = Waker::from(Arc::clone(&woken));
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return value;
        }
        assert!(woken.0.swap(false, Ordering::Relaxed), "nobody wakes the task");
    }
}

/// Waits until it has been polled this often.
async fn turns(count: u8) {
    let mut left = count;
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(());
        }
        left -= 1;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// A call that runs, and is counted.
struct Running<'count>(&'count AtomicUsize);

impl<'count> Running<'count> {
    fn new(count: &'count AtomicUsize, most: usize) -> Self {
        assert!(count.fetch_add(1, Ordering::Relaxed) < most, "more than {most} calls in flight");
        Running(count)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[parallelize(over = item, try_collect)]
async fn attempt(item: Counted, plan: &Plan, running: &AtomicUsize, most: usize) -> Result<Counted, Counted> {
    let _running = Running::new(running, most);
    let (polls, fate) = plan[item.0];
    turns(polls).await;
    match fate {
        Fate::Pass => Ok(item),
        Fate::Fail => Err(item),
        Fate::Panic => resume_unwind(Box::new(item.0)),
    }
}

#[parallelize(over = item, skip_none)]
async fn chosen(item: Counted, plan: &Plan, running: &AtomicUsize, most: usize) -> Option<Counted> {
    attempt(item, plan, running, most).await.ok().filter(|item| item.0 % 4 == 0)
}

/// The serial loop.
async fn looped(plan: &Plan, is_known: bool) -> Result<Vec<Counted>, Counted> {
    let mut all = Vec::new();
    for item in items(plan, is_known) {
        all.push(attempt(item, plan, &AtomicUsize::new(0), 1).await?);
    }
    Ok(all)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_async_call_equals_a_loop_of_awaits(
        plan in plans(),
        is_known: bool,
        in_flight in prop_oneof![1..10_usize, 10..100_usize, Just(2_000_usize)],
        sink_polls in 0..4_u8,
    ) {
        let _turn = turn();
        let running = AtomicUsize::new(0);
        let input = || items(&plan, is_known);
        let calls = || attempt_parallel_iter(input(), &plan, &running, in_flight).in_flight(in_flight);

        let serial = outcome(|| block_on(looped(&plan, is_known)));
        prop_assert_eq!(&outcome(|| block_on(calls().try_collect::<Vec<_>>())), &serial);
        prop_assert_eq!(&outcome(|| block_on(attempt_parallel(input(), &plan, &running, 64))), &serial);
        prop_assert_eq!(running.load(Ordering::Relaxed), 0);

        // A sink gets the results before the first failure, and ends the call at an error.
        let taken = RefCell::new(Vec::new());
        let end = outcome(|| block_on(calls().try_for_each(async |result: Result<Counted, Counted>| {
            turns(sink_polls).await;
            taken.borrow_mut().push(result?);
            Ok::<(), Counted>(())
        })));
        let first = match &serial {
            Ok(Ok(all)) => all.len(),
            Ok(Err(error)) => error.0,
            Err(panic) => *panic,
        };
        prop_assert!(taken.borrow().iter().map(|item| item.0).eq(0..first));
        let expected = serial.as_ref().map(|serial| serial.as_ref().err().map(|error| error.0));
        prop_assert_eq!(end.map(|end| end.err().map(|error| error.0)), expected.map_err(|panic| *panic));
        drop(taken);

        // As completed: each result once, if none panics.
        let seen = RefCell::new(vec![0_u8; plan.len()]);
        let end = outcome(|| block_on(calls().for_each_unordered(async |index, result| {
            turns(sink_polls).await;
            let (Ok(item) | Err(item)) = result;
            assert_eq!(item.0, index);
            seen.borrow_mut()[index] += 1;
        })));
        let panics = plan.iter().any(|(_, fate)| *fate == Fate::Panic);
        prop_assert_eq!(end.is_err(), panics);
        let least = u8::from(!panics);
        prop_assert!(seen.borrow().iter().all(|count| (least..=1).contains(count)));

        let calls = chosen_parallel_iter(input(), &plan, &running, in_flight).in_flight(in_flight);
        let skipped = outcome(|| block_on(calls.collect::<Vec<_>>()));
        match plan.iter().position(|(_, fate)| *fate == Fate::Panic) {
            Some(at) => prop_assert_eq!(skipped.err(), Some(at)),
            None => {
                let expected = (0..plan.len()).filter(|index| index % 4 == 0 && plan[*index].1 == Fate::Pass);
                prop_assert!(skipped.is_ok_and(|all| all.into_iter().map(|item| item.0).eq(expected)));
            }
        }
        drop(serial);
        prop_assert_eq!(running.load(Ordering::Relaxed), 0);
        none_alive()?;
    }

    #[test]
    fn a_stopped_async_call_returns_a_part_of_the_loop(
        plan in plans(),
        in_flight in 1..100_usize,
        polls in 0..100_u8,
        is_dropped: bool,
    ) {
        let _turn = turn();
        let running = AtomicUsize::new(0);
        let calls = attempt_parallel_iter(items(&plan, true), &plan, &running, in_flight).in_flight(in_flight);
        if is_dropped {
            let mut call = pin!(calls.collect::<Vec<_>>());
            let mut context = Context::from_waker(Waker::noop());
            // A panic of an item ends the call as well.
            let _ = outcome(|| (0..polls).any(|_| call.as_mut().poll(&mut context).is_ready()));
        } else {
            match outcome(|| block_on(calls.until(turns(polls)).collect::<Vec<_>>())) {
                Ok(Ok(all)) => prop_assert_eq!(all.len(), plan.len()),
                Ok(Err(Interrupted { completed, out_of_order, .. })) => {
                    let index = |result: &Result<Counted, Counted>| match result { Ok(item) | Err(item) => item.0 };
                    prop_assert!(completed.iter().map(index).eq(0..completed.len()));
                    prop_assert!(out_of_order.iter().all(|(at, result)| index(result) == *at));
                    let order = [completed.len()].into_iter().chain(out_of_order.iter().map(|(at, _)| *at));
                    prop_assert!(order.is_sorted_by(|a, b| a < b));
                    prop_assert!(completed.len() + out_of_order.len() <= plan.len());
                }
                Err(panic) => prop_assert_eq!(plan[panic].1, Fate::Panic),
            }
        }
        prop_assert_eq!(running.load(Ordering::Relaxed), 0);
        none_alive()?;
    }
}
