//! Async functions need no particular runtime: tokio, smol, and an executor without timers.

use crate::async_tools::{bare, ms, runtimes};
use parallelize::parallelize;
use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use tokio::task::LocalSet;

#[parallelize(over = item)]
async fn slept(item: u64, begun: &AtomicUsize) -> u64 {
    begun.fetch_add(1, SeqCst);
    tokio::time::sleep(ms(20 - item)).await;
    item
}

#[test]
fn on_tokio() {
    for runtime in runtimes() {
        let begun = AtomicUsize::new(0);
        assert!(runtime.block_on(slept_parallel(0..20, &begun)).into_iter().eq(0..20));
        // Several tasks at once, each of which owns what its calls borrow.
        let sums = runtime.block_on(async {
            let tasks = (0..20_u64).map(|task| {
                tokio::spawn(async move {
                    let begun = AtomicUsize::new(0);
                    let sum: u64 = slept_parallel(0..task, &begun).await.into_iter().sum();
                    (sum, begun.into_inner())
                })
            });
            let tasks: Vec<_> = tasks.collect();
            let mut sums = Vec::new();
            for task in tasks {
                sums.push(task.await.expect("no panic"));
            }
            sums
        });
        for (task, (sum, begun)) in (0_u64..).zip(sums) {
            assert_eq!((sum, begun as u64), (task * task.saturating_sub(1) / 2, task));
        }
    }
}

#[parallelize(over = item)]
async fn timed(item: u64, begun: &AtomicUsize) -> u64 {
    begun.fetch_add(1, SeqCst);
    smol::Timer::after(ms(20 - item)).await;
    item
}

#[test]
fn on_smol() {
    let begun = AtomicUsize::new(0);
    assert!(smol::block_on(timed_parallel(0..20, &begun)).into_iter().eq(0..20));
    let tasks: Vec<_> = (0..20_u64)
        .map(|task| {
            smol::spawn(async move {
                let begun = AtomicUsize::new(0);
                timed_parallel(0..task, &begun).await.into_iter().sum::<u64>()
            })
        })
        .collect();
    for (number, task) in (0_u64..).zip(tasks) {
        assert_eq!(smol::block_on(task), number * number.saturating_sub(1) / 2);
    }
}

/// A value that comes later, from another thread.
#[derive(Default)]
struct Slot(Mutex<(Option<u64>, Option<Waker>)>);

impl Slot {
    fn fill(&self, value: u64) {
        let waker = {
            let mut slot = self.0.lock().expect("no panic");
            slot.0 = Some(value);
            slot.1.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    async fn value(&self) -> u64 {
        poll_fn(|context| {
            let mut slot = self.0.lock().expect("no panic");
            match slot.0 {
                Some(value) => Poll::Ready(value),
                None => {
                    slot.1 = Some(context.waker().clone());
                    Poll::Pending
                }
            }
        })
        .await
    }
}

#[parallelize(over = slot)]
async fn fetch(slot: &Slot, by: u64) -> u64 {
    slot.value().await + by
}

#[test]
fn on_a_bare_executor() {
    for round in 0..200 {
        let slots: Vec<Slot> = (0..50).map(|_| Slot::default()).collect();
        let (results, polls) = thread::scope(|scope| {
            // Two threads wake the calls, one of them from the end, while others are polled.
            scope.spawn(|| (0..25).for_each(|index| slots[index].fill(index as u64)));
            scope.spawn(|| (25..50).rev().for_each(|index| slots[index].fill(index as u64)));
            bare(fetch_parallel_iter(&slots, 100).in_flight(1 + round % 60).collect::<Vec<_>>())
        });
        assert!(results.into_iter().eq(100..150));
        // Nothing is polled that was not woken.
        assert!(polls <= 101, "{polls} polls for 50 calls");
    }
}

/// Notes that it was woken.
#[derive(Default)]
struct Note(AtomicBool);

impl Wake for Note {
    fn wake(self: Arc<Self>) {
        self.0.store(true, SeqCst);
    }
}

#[test]
fn the_latest_waker_is_woken() {
    let slots = [Slot::default(), Slot::default()];
    let mut call = pin!(fetch_parallel(&slots, 1));
    let notes = [Arc::<Note>::default(), Arc::<Note>::default(), Arc::<Note>::default()];
    let mut poll = |note: &Arc<Note>| {
        let waker = Waker::from(Arc::clone(note));
        call.as_mut().poll(&mut Context::from_waker(&waker))
    };
    let woken = || notes.each_ref().map(|note| note.0.swap(false, SeqCst));
    assert!(poll(&notes[0]).is_pending() && poll(&notes[1]).is_pending());
    slots[1].fill(7);
    assert_eq!(woken(), [false, true, false], "a task that has moved is woken where it is");
    assert!(poll(&notes[2]).is_pending());
    slots[0].fill(5);
    assert_eq!(woken(), [false, false, true]);
    assert_eq!(poll(&notes[0]), Poll::Ready(vec![6, 8]));
}

#[test]
fn a_waker_that_outlives_its_call_does_no_harm() {
    let slots = [Slot::default(), Slot::default()];
    let note = Arc::<Note>::default();
    let waker = Waker::from(Arc::clone(&note));
    {
        let mut call = pin!(fetch_parallel(&slots, 1));
        assert!(call.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    }
    // The calls are dropped, and their wakers are still in the slots.
    for slot in &slots {
        slot.fill(1);
    }
    drop(slots);
    drop(waker);
    assert_eq!(Arc::strong_count(&note), 1, "nobody holds the waker of the task");
}

/// Neither the arguments nor the result can be sent to another thread.
#[parallelize(over = x, local)]
async fn counted(x: Rc<u32>, total: &Cell<u32>, by: Rc<u32>) -> Rc<u32> {
    let before = Rc::clone(&x);
    tokio::task::yield_now().await;
    total.set(total.get() + *before);
    Rc::new(*x * *by)
}

#[test]
fn what_stays_on_one_thread() {
    let check = async {
        let (total, seen) = (Cell::new(0), RefCell::new(Vec::new()));
        let input = || [1, 2, 3].map(Rc::new);
        assert_eq!(counted_parallel(input(), &total, Rc::new(5)).await, [5, 10, 15].map(Rc::new));
        let calls = counted_parallel_iter(input(), &total, Rc::new(2)).in_flight(2);
        calls.for_each(async |x| seen.borrow_mut().push(x)).await;
        assert_eq!((total.get(), seen.take()), (12, [2, 4, 6].map(Rc::new).to_vec()));
    };
    let [single, several] = runtimes();
    single.block_on(check);

    // A task of a set that stays on its thread.
    let local = LocalSet::new();
    let spawned = local.run_until(async {
        let task = tokio::task::spawn_local(async {
            let total = Cell::new(0);
            counted_parallel([Rc::new(4)], &total, Rc::new(5)).await
        });
        task.await.expect("no panic")
    });
    assert_eq!(several.block_on(spawned), [Rc::new(20)]);

    let executor = smol::LocalExecutor::new();
    let task = executor.spawn(async {
        let total = Cell::new(0);
        counted_parallel([Rc::new(4)], &total, Rc::new(5)).await
    });
    assert_eq!(smol::block_on(executor.run(task)), [Rc::new(20)]);
}
