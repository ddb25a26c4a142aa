//! Async functions, on an executor that polls only what is woken.

use crate::alive::Alive;
use crate::futures::block_on;
use crate::within_seconds;
use parallelize::{Interrupted, ItemPanic, StopReason, parallelize};
use std::cell::{Cell, RefCell};
use std::future::{poll_fn, ready};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::pin;
use std::rc::Rc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicIsize, AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Poll, Waker};
use std::thread;

/// Waits until it has been polled this often. It wakes its task from this thread or another one.
async fn turns(count: usize) {
    let mut left = count;
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(());
        }
        left -= 1;
        let waker = context.waker().clone();
        if left % 8 == 7 {
            thread::spawn(move || waker.wake());
        } else {
            waker.wake();
        }
        Poll::Pending
    })
    .await;
}

/// Later items end earlier.
#[parallelize(over = word, in_flight = 8)]
async fn label(word: &str, prefix: &str, running: &AtomicUsize) -> String {
    assert!(running.fetch_add(1, Relaxed) < 8, "more than 8 calls in flight");
    turns(20 - word.len()).await;
    running.fetch_sub(1, Relaxed);
    format!("{prefix}{word}")
}

fn words() -> Vec<String> {
    (0..100).map(|number| "x".repeat(number % 20)).collect()
}

#[test]
fn results_come_in_input_order() {
    within_seconds(60, || {
        let (words, running) = (words(), AtomicUsize::new(0));
        let expected: Vec<String> = words.iter().map(|word| format!("a {word}")).collect();
        let input = || words.iter().map(String::as_str);
        assert_eq!(block_on(label_parallel(input(), "a ", &running)), expected);
        for in_flight in [1, 3, 8] {
            let calls = || label_parallel_iter(input(), "a ", &running).in_flight(in_flight);
            assert_eq!(block_on(calls().collect::<Vec<_>>()), expected);
            let seen = RefCell::new(Vec::new());
            block_on(calls().for_each(async |label| {
                turns(label.len() % 3).await;
                seen.borrow_mut().push(label);
            }));
            assert_eq!(seen.take(), expected);
            block_on(calls().for_each_unordered(|index, label| {
                seen.borrow_mut().push(format!("{index} {label}"));
                ready(())
            }));
            let mut indexed: Vec<String> = (0..100).zip(&expected).map(|(i, label)| format!("{i} {label}")).collect();
            indexed.sort();
            let mut seen = seen.take();
            seen.sort();
            assert_eq!(seen, indexed);
        }
        assert_eq!(block_on(label_parallel([], "a ", &running)), [""; 0]);
    });
}

#[parallelize(over = item, try_collect)]
async fn check(item: usize, failing: usize, panics: bool) -> Result<usize, usize> {
    // Calls above the failing one end before it.
    turns(if item > failing { 1 } else { 5 }).await;
    match item >= failing {
        true if panics => resume_unwind(Box::new(item)),
        true => Err(item),
        false => Ok(item),
    }
}

#[test]
fn the_first_failure_is_that_of_the_loop() {
    within_seconds(60, || {
        for failing in [0, 1, 9, 63, 64, 100] {
            assert_eq!(block_on(check_parallel(0.., failing, false)), Err(failing));
            let call = AssertUnwindSafe(|| block_on(check_parallel(0.., failing, true)));
            let payload = catch_unwind(call).expect_err("an item panics");
            assert_eq!(payload.downcast_ref(), Some(&failing));
        }
        assert_eq!(block_on(check_parallel(0..50, 50, true)), Ok((0..50).collect()));
        let results: Vec<Result<usize, usize>> = block_on(check_parallel_iter(0..4, 2, false).collect());
        assert_eq!(results, [Ok(0), Ok(1), Err(2), Err(3)]);
        let caught: Vec<Result<_, ItemPanic>> = block_on(check_parallel_iter(0..4, 3, true).catch_panics().collect());
        assert_eq!(caught.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, true, true, false]);
    });
}

#[parallelize(over = item)]
async fn pass<'a>(item: Alive<'a>, fixed: Alive<'_>) -> Alive<'a> {
    turns(item.1 % 7).await;
    drop(fixed);
    item
}

#[test]
fn what_is_dropped_is_dropped_once() {
    for polls in [0, 1, 2, 5, 20, 1_000] {
        let alive = AtomicIsize::new(0);
        let input = (0..200).map(|index| Alive::new(&alive, index));
        {
            let mut call = pin!(pass_parallel(input, Alive::new(&alive, 7)));
            let mut context = Context::from_waker(Waker::noop());
            if polls == 0 {
                assert_eq!(alive.load(Relaxed), 1, "nothing has begun");
            }
            for _ in 0..polls {
                if let Poll::Ready(results) = call.as_mut().poll(&mut context) {
                    assert_eq!(results.len(), 200);
                    break;
                }
            }
        }
        assert_eq!(alive.into_inner(), 0, "after {polls} polls");
    }
}

#[test]
fn a_stopped_call_returns_what_is_finished() {
    #[parallelize(over = turn, local)]
    async fn take(turn: usize, taken: &Cell<usize>) -> usize {
        turns(turn).await;
        taken.set(taken.get() + 1);
        turn
    }
    within_seconds(60, || {
        let taken = Cell::new(0);
        let end = poll_fn(|context| {
            context.waker().wake_by_ref();
            if taken.get() < 4 { Poll::Pending } else { Poll::Ready(()) }
        });
        // The second item takes far longer than the others.
        let calls = take_parallel_iter([1, 20_000, 2, 3, 4, 20_000], &taken).until(end);
        let stopped = block_on(calls.collect::<Vec<_>>()).expect_err("item 1 takes long");
        let Interrupted { completed, out_of_order, reason, .. } = stopped;
        assert_eq!((completed, out_of_order), (vec![1], vec![(2, 2), (3, 3), (4, 4)]));
        assert_eq!(reason, StopReason::Cancelled);
    });
}

#[test]
fn a_call_that_polls_itself_does_not_keep_others_from_beginning() {
    #[parallelize(over = item)]
    async fn watch(item: usize, last: usize, begun: &AtomicUsize) -> usize {
        begun.fetch_max(item, Relaxed);
        let mut polls = 0;
        // Waits until the last item has begun, and wakes itself each time.
        poll_fn(|context| {
            polls += 1;
            if begun.load(Relaxed) == last || polls > 10_000 {
                return Poll::Ready(());
            }
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
        polls
    }
    for last in [1, 9, 63] {
        let begun = AtomicUsize::new(0);
        let polls = block_on(watch_parallel(0..=last, last, &begun));
        assert!(polls.iter().all(|polls| *polls < 10_000), "with {} items: {polls:?}", last + 1);
    }
}

#[test]
fn what_cannot_be_sent_stays_on_its_thread() {
    #[parallelize(over = x, local)]
    async fn add(x: Rc<u32>, total: &Cell<u32>, by: Rc<u32>) -> Rc<u32> {
        turns(2).await;
        total.set(total.get() + *x);
        Rc::new(*x + *by)
    }
    let total = Cell::new(0);
    assert_eq!(block_on(add_parallel([1, 2].map(Rc::new), &total, Rc::new(10))), [11, 12].map(Rc::new));
    assert_eq!(total.get(), 3);
}

#[test]
fn a_future_can_be_sent_to_another_thread() {
    #[parallelize(over = word, try_collect)]
    async fn note(word: &str, log: &Mutex<Vec<usize>>) -> Result<(), String> {
        turns(word.len()).await;
        log.lock().map_err(|error| error.to_string())?.push(word.len());
        if word.len() < 10 { Ok(()) } else { Err(word.to_owned()) }
    }
    let log = Mutex::new(Vec::new());
    let text = String::from("a rose is a rose is an instrument");
    let call = note_parallel(text.split(' ').filter(|word| word.len() > 1), &log);
    let result = thread::scope(|scope| scope.spawn(|| block_on(call)).join().expect("no panic"));
    assert_eq!(result, Err(String::from("instrument")));
    assert_eq!(log.into_inner().expect("no panic").iter().sum::<usize>(), 24);
}

#[test]
#[should_panic(expected = "not polled after it has ended")]
fn a_call_that_has_ended_cannot_go_on() {
    #[parallelize(over = x)]
    async fn fail(x: u32) -> u32 {
        turns(1).await;
        assert!(x < 3, "{x} is too large");
        x
    }
    let mut call = pin!(fail_parallel(0..5));
    assert!(catch_unwind(AssertUnwindSafe(|| block_on(call.as_mut()))).is_err());
    block_on(call);
}

#[test]
fn calls_that_are_all_finished_were_not_stopped() {
    #[parallelize(over = x)]
    async fn pass(x: u32) -> u32 {
        turns(3).await;
        x
    }
    let signal = || async {
        turns(3).await;
    };
    let collected = block_on(pass_parallel_iter(0..3).in_flight(3).until(signal()).collect::<Vec<_>>());
    assert_eq!(collected, Ok(vec![0, 1, 2]));
    assert_eq!(block_on(pass_parallel_iter([]).until(ready(())).collect::<Vec<_>>()), Ok(vec![]));
}
