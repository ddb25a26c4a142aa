//! Inputs that wait, and calls in pools with other work: only the thread that must wait does.

use crate::{on_threads, spin, within_seconds};
use parallelize::parallelize;
use rayon::ThreadPoolBuilder;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

/// Time that an input takes for an item, so that it is seen to wait.
const WAIT: Duration = Duration::from_millis(3);

#[parallelize(over = x)]
fn pass(x: usize, fail_at: usize) -> Result<usize, usize> {
    if x == fail_at { Err(x) } else { Ok(x) }
}

/// Returns an input whose items each wait until the result of the one before has been received.
fn each_waits_for_the_one_before(received: &AtomicUsize) -> impl Iterator<Item = usize> + Send + '_ {
    (0..20_usize).inspect(|&x| {
        thread::sleep(WAIT);
        let start = Instant::now();
        while received.load(Ordering::Relaxed) < x {
            assert!(start.elapsed() < Duration::from_secs(20), "result {} was not yielded", x - 1);
            thread::yield_now();
        }
    })
}

#[test]
fn a_stream_yields_what_is_finished_before_its_input_waits_again() {
    on_threads(|| {
        let received = AtomicUsize::new(0);
        let input = each_waits_for_the_one_before(&received);
        pass_parallel_iter(input, usize::MAX).into_iter().for_each(|result| {
            assert_eq!(result, Ok(received.fetch_add(1, Ordering::Relaxed)));
        });
        assert_eq!(received.into_inner(), 20);
    });
}

#[test]
fn a_sink_gets_what_is_finished_before_the_input_waits_again() {
    on_threads(|| {
        let received = AtomicUsize::new(0);
        let input = each_waits_for_the_one_before(&received);
        pass_parallel_iter(input, usize::MAX).for_each(|result| {
            assert_eq!(result, Ok(received.fetch_add(1, Ordering::Relaxed)));
        });
        assert_eq!(received.into_inner(), 20);
    });
}

#[test]
fn results_behind_a_backlog_do_not_wait_for_many_items() {
    on_threads(|| {
        let received = AtomicUsize::new(0);
        let most = AtomicUsize::new(0);
        let input = (0..3_020).inspect(|x| {
            if *x >= 3_000 {
                thread::sleep(WAIT);
                most.fetch_max(x - received.load(Ordering::Relaxed), Ordering::Relaxed);
            }
        });
        pass_parallel_iter(input, usize::MAX).into_iter().for_each(|_| {
            let count = received.fetch_add(1, Ordering::Relaxed) + 1;
            if count == 3_001 {
                // The backlog was pulled in blocks. From here on, each item is yielded at once.
                most.store(0, Ordering::Relaxed);
            }
        });
        assert!(most.load(Ordering::Relaxed) <= 1, "{most:?} results waited for an item");
    });
}

#[test]
fn an_input_that_waits_is_not_read_far_behind_a_failure() {
    on_threads(|| {
        let pulled = AtomicUsize::new(0);
        let input = (0..200_usize).inspect(|_| {
            thread::sleep(WAIT);
            pulled.fetch_add(1, Ordering::Relaxed);
        });
        let result: Result<Vec<_>, _> = pass_parallel_iter(input, 20).try_collect();
        assert_eq!(result, Err(20));
        let pulled = pulled.into_inner();
        assert!(pulled <= 21 + 5, "{pulled} items were pulled");
    });
}

#[parallelize(over = x)]
fn slow(x: u64, micros: u64) -> u64 {
    thread::sleep(Duration::from_micros(micros));
    x
}

#[test]
fn the_input_may_need_the_pool_of_the_call() {
    within_seconds(60, || {
        for threads in [2, 4] {
            let pool = ThreadPoolBuilder::new().num_threads(threads).build().expect("a small pool");
            let (sender, receiver) = mpsc::sync_channel(8);
            thread::scope(|scope| {
                scope.spawn(|| {
                    let sender = sender;
                    for round in 0..20 {
                        let squares = pool.install(|| (0..50_u64).map(|x| x * round).collect::<Vec<_>>());
                        for square in squares {
                            sender.send(square).expect("the call receives");
                        }
                    }
                });
                let results = pool.install(|| slow_parallel(receiver, 30));
                assert!(results.into_iter().eq((0..20).flat_map(|round| (0..50).map(move |x| x * round))));
            });
        }
    });
}

/// Waits until all items before `x` have run, as they have in the serial loop.
#[parallelize(over = x)]
fn follow(x: usize, micros: u64, next: &AtomicUsize) -> usize {
    spin(micros);
    while next.load(Ordering::Acquire) < x {
        thread::yield_now();
    }
    next.fetch_add(1, Ordering::AcqRel)
}

#[test]
fn an_item_may_wait_for_earlier_items() {
    within_seconds(60, || {
        on_threads(|| {
            for micros in [0, 1, 10] {
                for threads in [2, 8] {
                    let next = AtomicUsize::new(0);
                    let results = follow_parallel_iter(0..2000, micros, &next).threads(threads).collect::<Vec<_>>();
                    assert!(results.into_iter().eq(0..2000));
                    let next = AtomicUsize::new(0);
                    let input = (0..2000).filter(|x| x % 2 < 2);
                    assert!(follow_parallel_iter(input, micros, &next).threads(threads).into_iter().eq(0..2000));
                }
            }
        });
    });
}

/// An input whose `size_hint` panics after some calls.
struct Bomb {
    items: std::ops::Range<u64>,
    hints: AtomicUsize,
}

impl Iterator for Bomb {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        self.items.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let hints = self.hints.fetch_sub(1, Ordering::Relaxed);
        assert!(hints > 0, "no more hints");
        (0, None)
    }
}

#[parallelize(over = x, per_thread(count = 0_u64))]
fn numbered(x: u64, micros: u64, count: &mut u64) -> u64 {
    spin(micros);
    *count += 1;
    x
}

#[test]
fn a_panic_in_a_size_hint_ends_the_call() {
    within_seconds(60, || {
        on_threads(|| {
            for hints in 0..40 {
                let input = Bomb { items: 0..1000, hints: AtomicUsize::new(hints) };
                let call = AssertUnwindSafe(|| numbered_parallel(input, 20));
                // The serial loop asks for fewer hints.
                if let Ok(results) = catch_unwind(call) {
                    assert!(results.into_iter().eq(0..1000));
                }
            }
        });
    });
}

thread_local! {
    /// Whether this thread is in the middle of a task that is no item.
    static IS_IN_TASK: Cell<bool> = const { Cell::new(false) };
}

#[parallelize(over = x)]
fn is_in_task(x: u64, micros: u64) -> bool {
    spin(micros + x % 2);
    IS_IN_TASK.get()
}

#[test]
fn no_item_runs_on_top_of_a_task_that_waits_in_rayon() {
    // Of the global pool: in another one, rayon may run the call itself on top of a task.
    let call = || is_in_task_parallel(0..60, 20);
    // Each thread has started workers before there are tasks.
    for _ in 0..200 {
        assert_eq!(call(), [false; 60]);
    }
    let has_ended = AtomicBool::new(false);
    let task = || {
        IS_IN_TASK.set(true);
        rayon::join(|| spin(30), || spin(150));
        IS_IN_TASK.set(false);
    };
    thread::scope(|scope| {
        scope.spawn(|| {
            while !has_ended.load(Ordering::Relaxed) {
                rayon::scope(|scope| scope.spawn(|_| task()));
            }
        });
        let results: Vec<bool> = (0..500).flat_map(|_| call()).collect();
        has_ended.store(true, Ordering::Relaxed);
        assert!(!results.contains(&true), "{} items", results.iter().filter(|is_in_task| **is_in_task).count());
    });
}
